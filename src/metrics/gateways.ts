import type { Endpoint } from '../core/desired/model.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import { candidateOf, measuredState } from '../core/steering/candidate.ts';
import type { EndpointState } from '../core/steering/decision.ts';
import { type SeenEnds, withCalculated } from './certificate-ends.ts';

/** Most gateways with series of their own; the endpoints of the rest are counted together, by cluster, as `OTHERS`. */
const MAX_GATEWAYS = 2_000;

/** The gateway label of the rest. */
export const OTHERS = 'other';

/** What the metrics say of one gateway of one cluster. */
export type GatewaySummary = {
  readonly cluster: string;
  readonly gateway: string;
  readonly states: Record<EndpointState, number>;
  drained: number;
  /** When the first certificate ends, in ms since the epoch; undefined where none was seen. */
  certificateEndsAt: number | undefined;
};

/** Sums the endpoints up by gateway. States and drains are those of the snapshot; certificates are those of now. */
export function summarizeGateways(snapshot: Snapshot, seen: SeenEnds): readonly GatewaySummary[] {
  const ends = withCalculated(seen, snapshot.model.calculated);
  const all = new Map<string, Map<string, GatewaySummary>>();
  let named = 0;
  const summaryOf = ({ cluster, gateway }: Endpoint): GatewaySummary => {
    const ofCluster = all.get(cluster) ?? new Map<string, GatewaySummary>();
    all.set(cluster, ofCluster);
    const known = ofCluster.get(gateway) ?? (named < MAX_GATEWAYS ? undefined : ofCluster.get(OTHERS));
    if (known !== undefined) return known;
    const summary = emptySummary(cluster, named < MAX_GATEWAYS ? gateway : OTHERS);
    named += 1;
    ofCluster.set(summary.gateway, summary);
    return summary;
  };
  for (const { endpoints } of snapshot.model.hostnames) {
    for (const endpoint of endpoints) {
      add(summaryOf(endpoint), endpoint, snapshot, ends.get(endpoint.monitor));
    }
  }
  return [...all.values()].flatMap((gateways) => [...gateways.values()]);
}

function emptySummary(cluster: string, gateway: string): GatewaySummary {
  const states = { up: 0, degraded: 0, held: 0, down: 0, unseen: 0, unchecked: 0 };
  return { cluster, gateway, states, drained: 0, certificateEndsAt: undefined };
}

function add(to: GatewaySummary, endpoint: Endpoint, snapshot: Snapshot, endsAt: number | undefined): void {
  const { drain } = candidateOf(endpoint, snapshot.health, snapshot.now);
  to.states[measuredState(endpoint, snapshot.health)] += 1;
  if (drain !== 'none') to.drained += 1;
  if (endsAt !== undefined) to.certificateEndsAt = Math.min(endsAt, to.certificateEndsAt ?? endsAt);
}
