import type { Endpoint, MonitorId } from '../core/desired/model.ts';
import { causeOf } from '../core/health/calculated-cause.ts';
import type { MonitorHealth } from '../core/health/monitor-health.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import { candidateOf, measuredState } from '../core/steering/candidate.ts';
import type { EndpointState } from '../core/steering/decision.ts';

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
  /** Of the first certificate to end; undefined where none was seen. */
  certificateDaysLeft: number | undefined;
};

/**
 * Sums the endpoints up by gateway. States and drains are those of the snapshot; `health` is newer and tells the
 * certificates, whose days go by without any change of state.
 */
export function summarizeGateways(
  snapshot: Snapshot,
  health: ReadonlyMap<MonitorId, MonitorHealth>,
): readonly GatewaySummary[] {
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
      const measured = causeOf(endpoint.monitor, health, snapshot.model.calculated);
      add(summaryOf(endpoint), endpoint, snapshot, health.get(measured));
    }
  }
  return [...all.values()].flatMap((gateways) => [...gateways.values()]);
}

function emptySummary(cluster: string, gateway: string): GatewaySummary {
  const states = { up: 0, degraded: 0, held: 0, down: 0, unseen: 0, unchecked: 0 };
  return { cluster, gateway, states, drained: 0, certificateDaysLeft: undefined };
}

function add(to: GatewaySummary, endpoint: Endpoint, snapshot: Snapshot, newest: MonitorHealth | undefined): void {
  const { drain } = candidateOf(endpoint, snapshot.health, snapshot.now);
  to.states[measuredState(endpoint, snapshot.health)] += 1;
  if (drain !== 'none') to.drained += 1;
  const days = newest?.last?.certificateDaysLeft;
  if (days !== undefined) to.certificateDaysLeft = Math.min(days, to.certificateDaysLeft ?? days);
}
