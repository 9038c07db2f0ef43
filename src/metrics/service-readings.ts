import type { StateReason } from '../core/health/monitor-health.ts';
import type { ClusterView, ViewState } from '../core/ports.ts';
import { HOSTNAME_STATES } from '../core/steering/hostname-state.ts';
import { bool, type Reading, type Series, series } from './reading.ts';
import type { SERVICE_METRICS, VIEW_METRICS } from './table-service.ts';

const REASONS = [
  'failback',
  'operator',
  'flapping',
  'latency',
  'certificate',
  'failover-delay',
] as const satisfies readonly StateReason[];
const VIEW_STATES = [
  'connecting',
  'syncing',
  'watching',
  'retrying',
  'missing',
  'forbidden',
] as const satisfies readonly ViewState[];

/** How the metrics on hostnames, clusters and views come out of a reading. */
export const SERVICE_READINGS: Readonly<
  Record<keyof typeof SERVICE_METRICS | keyof typeof VIEW_METRICS, (from: Reading) => Series[]>
> = {
  azimuth_hostname_states: ({ service: { states } }) =>
    HOSTNAME_STATES.map((state) => series(states[state], { state })),
  azimuth_hostnames_without_cluster: ({ service }) => [series(service.withoutCluster)],
  azimuth_hostnames_without_endpoint: ({ service }) => [series(service.withoutEndpoint)],
  azimuth_hostnames_on_last_cluster: ({ service }) => [series(service.onLastCluster)],
  azimuth_cluster_state: ({ service: { clusters } }) =>
    [...clusters].flatMap(([cluster, is]) =>
      HOSTNAME_STATES.map((state) => series(bool(state === is), { cluster, state })),
    ),
  azimuth_cluster_expected_ratio: ({ expected }) =>
    [...(expected?.clusters ?? [])].map(([cluster, share]) => series(share, { cluster })),
  azimuth_unserved_ratio: ({ expected }) => (expected === undefined ? [] : [series(expected.unserved)]),
  azimuth_state_changes_total: ({ flips: { changes } }) =>
    [...changes].flatMap(([cluster, states]) =>
      Object.entries(states).map(([state, count]) => series(count, { cluster, state })),
    ),
  azimuth_damped_flaps_total: ({ flips: { damped } }) =>
    [...damped].map(([cluster, count]) => series(count, { cluster })),
  azimuth_monitor_reasons: monitorReasons,
  azimuth_cluster_view_state: ({ clusterViews }) =>
    clusterViews.flatMap(({ cluster, state: is }) =>
      VIEW_STATES.map((state) => series(bool(state === is), { cluster, state })),
    ),
  azimuth_cluster_lists_total: ({ clusterViews }) => clusterViews.map((view) => sumOf(view, ({ lists }) => lists)),
  azimuth_cluster_watches_total: ({ clusterViews }) =>
    clusterViews.map((view) => sumOf(view, ({ watches }) => watches)),
};

function sumOf({ cluster, kinds }: ClusterView, count: (kind: ClusterView['kinds'][number]) => number): Series {
  return series(
    kinds.reduce((sum, kind) => sum + count(kind), 0),
    { cluster },
  );
}

/** Reasons have a series even where none holds. */
function monitorReasons({ snapshot, health }: Reading): Series[] {
  const counts = { failback: 0, operator: 0, flapping: 0, latency: 0, certificate: 0, 'failover-delay': 0 };
  for (const { id } of snapshot.model.monitors) {
    const reason = health.get(id)?.reason;
    if (reason !== undefined) counts[reason] += 1;
  }
  return REASONS.map((reason) => series(counts[reason], { reason }));
}
