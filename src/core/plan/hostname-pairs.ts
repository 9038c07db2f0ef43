import type { Model } from '../desired/model.ts';
import { NONE } from '../snapshot/layout.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Outcome } from './outcome.ts';
import type { TargetPair } from './pairing.ts';

/** A hostname in two worlds, and what becomes of it. */
export type HostnameOutcome = {
  readonly name: string;
  readonly zone: string;
  readonly outcome: Outcome;
  /** How much it counts among all, 0 or more. */
  readonly weight: number;
};

/** How outcomes are made: what becomes of a pair, and how much a name counts. */
type OutcomeMaking = {
  readonly workOut: (pair: TargetPair) => Outcome;
  readonly weightOf: (name: string) => number;
};

/** All hostnames of both models with their outcomes, each of which is worked out once for all with the same rows. */
export function outcomesOf(
  before: Snapshot,
  after: Snapshot,
  { workOut, weightOf }: OutcomeMaking,
): readonly HostnameOutcome[] {
  const byRows = new Map<string, Outcome>();
  return pairsOf(before.model, after.model).map(({ name, zone, ...pair }) => {
    const key = `${rowOf(before, pair.before)} ${rowOf(after, pair.after)}`;
    const outcome = byRows.get(key) ?? workOut(pair);
    byRows.set(key, outcome);
    return { name, zone, outcome, weight: weightOf(name) };
  });
}

function pairsOf(
  before: Model,
  after: Model,
): readonly (TargetPair & { readonly name: string; readonly zone: string })[] {
  const old = new Map(before.hostnames.map(({ name }, index) => [name, index]));
  const kept = after.hostnames.map(({ name, zone }, index) => ({
    name,
    zone,
    before: old.get(name) ?? NONE,
    after: index,
  }));
  const served = new Set(after.hostnames.map(({ name }) => name));
  const gone = before.hostnames.flatMap(({ name, zone }, index) =>
    served.has(name) ? [] : [{ name, zone, before: index, after: NONE }],
  );
  return [...kept, ...gone];
}

function rowOf({ table }: Snapshot, target: number): number {
  return target === NONE ? NONE : (table.decisions.rowOf[target] ?? NONE);
}
