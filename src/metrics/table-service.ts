import type { MetricTable } from './metric-spec.ts';

/** What becomes of the hostnames and clusters that are served: summed up over hostnames, whose names are no labels. */
export const SERVICE_METRICS = {
  azimuth_hostname_states: {
    kind: 'gauge',
    labels: ['state'],
    unit: 'count',
    help: 'Hostnames served by state: up, degraded where some endpoints are not, unseen, or down where none is.',
  },
  azimuth_hostnames_without_cluster: {
    kind: 'gauge',
    labels: [],
    unit: 'count',
    help: 'Hostnames that have endpoints, of which none is up and not drained: the last resort speaks, or nobody.',
  },
  azimuth_hostnames_without_endpoint: {
    kind: 'gauge',
    labels: [],
    unit: 'count',
    help: 'Hostnames without any endpoint: no Gateway that serves them has an address. They are down among the states.',
  },
  azimuth_hostnames_on_last_cluster: {
    kind: 'gauge',
    labels: [],
    unit: 'count',
    help: 'Hostnames in two clusters or more of which one alone is left that is up and not drained.',
  },
  azimuth_cluster_state: {
    kind: 'gauge',
    labels: ['cluster', 'state'],
    unit: 'bool',
    help: 'Whether the endpoints of a cluster, taken together, are up, degraded, unseen or down; absent where it has none.',
  },
  azimuth_cluster_expected_ratio: {
    kind: 'gauge',
    labels: ['cluster'],
    unit: 'ratio',
    help: 'The fraction of the steered answers that should start at a cluster, by the answers in force and what was asked lately.',
  },
  azimuth_unserved_ratio: {
    kind: 'gauge',
    labels: [],
    unit: 'ratio',
    help: 'The fraction of the steered questions that are answered with no cluster: residency, fences or no last resort.',
  },
  azimuth_state_changes_total: {
    kind: 'counter',
    labels: ['cluster', 'state'],
    unit: 'count',
    help: 'Changes of what is believed of the monitors of a cluster, by the new state.',
  },
  azimuth_damped_flaps_total: {
    kind: 'counter',
    labels: ['cluster'],
    unit: 'count',
    help: 'Recoveries of monitors of a cluster that were held back because they flap.',
  },
  azimuth_monitor_reasons: {
    kind: 'gauge',
    labels: ['reason'],
    unit: 'count',
    help: 'Monitors whose state has a special reason: failback, operator, flapping, latency, certificate or failover-delay.',
  },
} as const satisfies MetricTable;

/** How the views of live clusters do; clusters of manifests have no series. */
export const VIEW_METRICS = {
  azimuth_cluster_view_state: {
    kind: 'gauge',
    labels: ['cluster', 'state'],
    unit: 'bool',
    help: 'Whether our view of a live cluster is in a state: connecting, syncing, watching, retrying, missing or forbidden.',
  },
  azimuth_cluster_lists_total: {
    kind: 'counter',
    labels: ['cluster'],
    unit: 'count',
    help: 'Whole lists of objects that were read from a live cluster.',
  },
  azimuth_cluster_watches_total: {
    kind: 'counter',
    labels: ['cluster'],
    unit: 'count',
    help: 'Watches that were begun at a live cluster; some end every few minutes by themselves.',
  },
} as const satisfies MetricTable;
