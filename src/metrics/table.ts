/** What a metric counts in, by the base units of Prometheus. */
type MetricUnit = 'value' | 'seconds' | 'timestamp' | 'count' | 'version' | 'ratio' | 'bool';

/** One metric: what it is, its labels, its unit and what it tells. */
export type MetricSpec = {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly unit: MetricUnit;
  readonly help: string;
};

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
  azimuth_ready: {
    kind: 'gauge',
    labels: ['item'],
    unit: 'bool',
    help: 'Whether an item of the readiness list is ready; the process is ready when all are.',
  },
  azimuth_dns_queries_total: {
    kind: 'counter',
    labels: ['transport', 'type'],
    unit: 'count',
    help: 'DNS queries with one question, by the type asked for.',
  },
  azimuth_dns_responses_total: {
    kind: 'counter',
    labels: ['transport', 'rcode'],
    unit: 'count',
    help: 'DNS responses sent, by response code.',
  },
  azimuth_dns_zone_answers_total: {
    kind: 'counter',
    labels: ['zone'],
    unit: 'count',
    help: 'DNS answers by the apex of their zone.',
  },
  azimuth_dns_cluster_answers_total: {
    kind: 'counter',
    labels: ['cluster'],
    unit: 'count',
    help: 'Steered DNS answers by the first cluster in them.',
  },
  azimuth_dns_truncated_total: {
    kind: 'counter',
    labels: [],
    unit: 'count',
    help: 'DNS responses with TC set: the client comes again over TCP.',
  },
  azimuth_dns_dropped_total: {
    kind: 'counter',
    labels: ['reason'],
    unit: 'count',
    help: 'Datagrams and connections that got no answer.',
  },
  azimuth_dns_tcp_connections: {
    kind: 'gauge',
    labels: [],
    unit: 'count',
    help: 'DNS connections over TCP that are open now.',
  },
  azimuth_dns_tcp_accepted_total: {
    kind: 'counter',
    labels: [],
    unit: 'count',
    help: 'DNS connections over TCP that were accepted.',
  },
  azimuth_dns_tcp_closed_total: {
    kind: 'counter',
    labels: ['reason'],
    unit: 'count',
    help: 'DNS connections over TCP that ended, by who or what ended them.',
  },
  azimuth_dns_workers: {
    kind: 'gauge',
    labels: ['state'],
    unit: 'count',
    help: 'Threads of the native DNS engine by state; while one is restarting or failed the portable engine stands in.',
  },
  azimuth_dns_worker_restarts_total: {
    kind: 'counter',
    labels: [],
    unit: 'count',
    help: 'Threads of the native DNS engine started in the place of one that died.',
  },
  azimuth_dns_socket_errors_total: {
    kind: 'counter',
    labels: ['call', 'error'],
    unit: 'count',
    help: 'System calls of the native DNS engine that failed out of the ordinary, by the name of the errno.',
  },
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
  azimuth_probe_certificate_expiry_seconds: {
    kind: 'gauge',
    labels: ['cluster', 'gateway'],
    unit: 'seconds',
    help: 'Time until the first certificate of a gateway ends, in whole days; below 0 it has ended.',
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
    help: 'How long making a new snapshot took.',
  },
  azimuth_change_to_answer_seconds: {
    kind: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'From the event that changed the answers (a verdict, a manifest, a drain) to the answers being in force.',
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
} as const satisfies Readonly<Record<`azimuth_${string}`, MetricSpec>>;

/** Name of a metric in the table. */
export type MetricName = keyof typeof METRICS;

/** Upper bounds of the histograms' buckets in seconds. */
export const BUCKETS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
