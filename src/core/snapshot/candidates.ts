import { candidateOf } from '../steering/candidate.ts';
import type { Candidate } from '../steering/decision.ts';
import type { SnapshotInput } from './snapshot.ts';

/** The candidates of one hostname as they stand in this input; the target is its index in the model. */
export function candidatesOf({ model, health, now }: SnapshotInput, target: number): readonly Candidate[] {
  const endpoints = model.hostnames[target]?.endpoints ?? [];
  return endpoints.map((endpoint) => candidateOf(endpoint, health, now));
}
