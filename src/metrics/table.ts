import type { MetricTable } from './metric-spec.ts';
import { DNS_METRICS } from './table-dns.ts';
import { ORDER_METRICS, REFUSAL_METRICS } from './table-orders.ts';
import { SERVICE_METRICS, VIEW_METRICS } from './table-service.ts';

/** See there. */
export type { MetricSpec } from './metric-spec.ts';

/**
 * Every metric that Azimuth has of its own. The registry is built from this table and `docs/metrics.md` is written from
 * it. No label holds a hostname or a client: series grow with zones, clusters and gateways alone.
 */
export const METRICS = {
  azimuth_build_info: {
    kind: 'gauge',
    labels: ['version', 'engine', 'runtime'],
    unit: 'bool',
    help: 'Always 1; the labels tell the version of Azimuth, its DNS engine and its runtime.',
  },
  azimuth_processors: {
    kind: 'gauge',
    labels: [],
    unit: 'count',
    help: 'Processors that the process may use: what its processor time is to be compared with.',
  },
  azimuth_memory_limit_bytes: {
    kind: 'gauge',
    labels: [],
    unit: 'bytes',
    help: 'Memory that the process may use: the limit of its container, or that of the machine.',
  },
  azimuth_event_loop_lag_seconds: {
    kind: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'How late timers of the main thread are, ten times a second; a stall counts for every one that was due in it.',
  },
  azimuth_ready: {
    kind: 'gauge',
    labels: ['item'],
    unit: 'bool',
    help: 'Whether an item of the readiness list is ready; the process is ready when all are.',
  },
  ...DNS_METRICS,
  azimuth_probe_results_total: {
    kind: 'counter',
    labels: ['protocol', 'result'],
    unit: 'count',
    help: 'Probe results: success, or why the probe failed.',
  },
  azimuth_probe_duration_seconds: {
    kind: 'histogram',
    labels: ['protocol'],
    unit: 'seconds',
    help: 'How long probes took, failed ones included.',
  },
  azimuth_probe_phase_seconds: {
    kind: 'histogram',
    labels: ['protocol', 'phase'],
    unit: 'seconds',
    help: 'How long the phases of probes took that came to their end: connect, tls, first_byte.',
  },
  azimuth_probe_lateness_seconds: {
    kind: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'How long after they were first due probes started, whatever put them off; 0 where they were before their time.',
  },
  azimuth_probe_slots_missed_total: {
    kind: 'counter',
    labels: [],
    unit: 'count',
    help: 'Probes that were left out because the process stood still or was too busy; the next one stands for them.',
  },
  azimuth_probe_targets_left_out: {
    kind: 'gauge',
    labels: [],
    unit: 'count',
    help: 'Probed targets that are not on the page /metrics/probes, because it is full.',
  },
  azimuth_probe_certificate_expiry_seconds: {
    kind: 'gauge',
    labels: ['cluster', 'gateway'],
    unit: 'seconds',
    help: 'Time until the first certificate of a gateway ends, by the last one seen of each of its probes, whatever became of it since; below 0 it has ended.',
  },
  azimuth_monitors: {
    kind: 'gauge',
    labels: ['protocol', 'state'],
    unit: 'count',
    help: 'Monitors by what is believed of them: up, degraded, held, down, or unseen for not probed yet.',
  },
  azimuth_prober_blind: {
    kind: 'gauge',
    labels: [],
    unit: 'bool',
    help: 'Whether the prober is not believed: nothing that it measures takes an endpoint out of the answers.',
  },
  azimuth_withheld_verdicts: {
    kind: 'gauge',
    labels: [],
    unit: 'count',
    help: 'Monitors that are measured down and believed to be what they were, because the prober was or is blind.',
  },
  azimuth_control_targets: {
    kind: 'gauge',
    labels: ['state'],
    unit: 'count',
    help: 'Control targets of the prober by state: good, doubtful after one failure, failing, or unseen.',
  },
  azimuth_stale_monitors: {
    kind: 'gauge',
    labels: ['protocol'],
    unit: 'count',
    help: 'Monitors without a probe result for several intervals: what is believed of them is old.',
  },
  azimuth_idle_monitors: {
    kind: 'gauge',
    labels: ['protocol'],
    unit: 'count',
    help: 'Monitors that are probed less often because nobody asks for their hostnames.',
  },
  azimuth_named_monitor_state: {
    kind: 'gauge',
    labels: ['monitor', 'state'],
    unit: 'bool',
    help: 'Whether a named monitor of the configuration is in a state: 1 for the one it is in.',
  },
  azimuth_named_monitor_value: {
    kind: 'gauge',
    labels: ['monitor'],
    unit: 'value',
    help: "The last number of a named monitor that is a Prometheus server's; absent while it gives none.",
  },
  azimuth_cluster_load_ratio: {
    kind: 'gauge',
    labels: ['cluster'],
    unit: 'ratio',
    help: 'The load that a monitor tells of a cluster, by its capacity; absent while one of them is not known.',
  },
  azimuth_cluster_admitted_ratio: {
    kind: 'gauge',
    labels: ['cluster'],
    unit: 'ratio',
    help: 'The fraction of its clients that a cluster takes; below 1 while it sheds because of its load.',
  },
  azimuth_rollout_state: {
    kind: 'gauge',
    labels: ['rollout', 'state'],
    unit: 'bool',
    help: 'Whether a rollout is in a state: 1 for the one it is in.',
  },
  azimuth_rollout_moved_ratio: {
    kind: 'gauge',
    labels: ['rollout'],
    unit: 'ratio',
    help: 'The fraction of the clients that a rollout sends to the clusters in `to`.',
  },
  ...ORDER_METRICS,
  ...REFUSAL_METRICS,
  azimuth_gateway_endpoints: {
    kind: 'gauge',
    labels: ['cluster', 'gateway', 'state'],
    unit: 'count',
    help: 'Endpoints of a gateway by measured state: up, degraded, held, down, unseen, or unchecked by order of the owner.',
  },
  azimuth_gateway_drained_endpoints: {
    kind: 'gauge',
    labels: ['cluster', 'gateway'],
    unit: 'count',
    help: 'Endpoints of a gateway that get no new answers because of a drain, whatever their state.',
  },
  azimuth_cluster_drained: {
    kind: 'gauge',
    labels: ['cluster'],
    unit: 'bool',
    help: 'Whether an operator drained the cluster.',
  },
  azimuth_cluster_view_age_seconds: {
    kind: 'gauge',
    labels: ['cluster'],
    unit: 'seconds',
    help: 'How old what we know of a cluster is: since a live one was last heard of, since manifests last changed.',
  },
  azimuth_cluster_view_from_store: {
    kind: 'gauge',
    labels: ['cluster'],
    unit: 'bool',
    help: 'Whether the view of the cluster is one that an earlier run saved: its source gave none yet.',
  },
  ...VIEW_METRICS,
  azimuth_findings: {
    kind: 'gauge',
    labels: ['code', 'severity'],
    unit: 'count',
    help: 'Findings about the input that stand now.',
  },
  azimuth_drift: {
    kind: 'gauge',
    labels: ['kind'],
    unit: 'count',
    help: 'Findings on what differs between clusters: hostname, listener, tls, setting or version.',
  },
  azimuth_team_hostnames: {
    kind: 'gauge',
    labels: ['team', 'state'],
    unit: 'count',
    help: 'Hostnames of a team: up, degraded where some endpoints are not, unseen, or down where none is.',
  },
  ...SERVICE_METRICS,
  azimuth_zones: { kind: 'gauge', labels: [], unit: 'count', help: 'Zones served.' },
  azimuth_hostnames: { kind: 'gauge', labels: [], unit: 'count', help: 'Hostnames served.' },
  azimuth_snapshot_version: {
    kind: 'gauge',
    labels: [],
    unit: 'version',
    help: 'Version of the answers in force; counts up from the start of the process.',
  },
  azimuth_zone_serial: { kind: 'gauge', labels: [], unit: 'version', help: 'SOA serial of all zones.' },
  azimuth_snapshot_compile_duration_seconds: {
    kind: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'How long making a new snapshot took; the first one, of the start, is not counted.',
  },
  azimuth_change_to_answer_seconds: {
    kind: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'From the event that changed the answers (a verdict, a manifest, a drain) to the answers being in force; what came before the end of the start is not counted.',
  },
  azimuth_place_database_info: {
    kind: 'gauge',
    labels: ['source'],
    unit: 'bool',
    help: 'Always 1; the label tells where the client places come from.',
  },
  azimuth_place_database_build_timestamp_seconds: {
    kind: 'gauge',
    labels: ['source'],
    unit: 'timestamp',
    help: 'When the location database was made; absent where the file does not say.',
  },
} as const satisfies MetricTable;

/** Name of a metric in the table. */
export type MetricName = keyof typeof METRICS;

/** Upper bounds of the histograms' buckets in seconds. */
export const BUCKETS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The same of the answers of our own listeners, which are in hundredths of a millisecond while all is well. */
export const DNS_BUCKETS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
];
