import { PROBE_METRICS } from './probe-table.ts';
import { BUCKETS, DNS_BUCKETS, METRICS, type MetricSpec } from './table.ts';

/** `docs/metrics.md`, made from the tables. */
export function metricsMarkdown(): string {
  const rows = Object.entries<MetricSpec>(METRICS).map(
    ([name, { kind, labels, unit, help }]) =>
      `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${unit} | ${help} |`,
  );
  const probes = Object.entries(PROBE_METRICS).map(([name, help]) => `| \`${name}\` | ${help}. |`);
  return [...INTRODUCTION, ...rows, ...NOTES, ...probes, ...BELOW_PROBES, ''].join('\n');
}

const INTRODUCTION = [
  '# Metrics',
  '',
  '`GET /metrics` on the admin address, in the Prometheus text format; it needs a token with scope `read`.',
  'This page is written from the table in `src/metrics/table.ts`: change the table, then run',
  '`npx vitest run test/unit/metrics -u`. A test compares the two. What to make of the numbers, alerts and boards:',
  '[operations](operations.md#what-to-watch).',
  '',
  '```yaml',
  'scrape_configs:',
  '  - job_name: azimuth',
  '    authorization: { credentials_file: /etc/prometheus/azimuth-token }',
  '    static_configs: [{ targets: ["ns1.example:8053", "ns2.example:8053"] }]',
  '  - job_name: azimuth-probes',
  '    metrics_path: /metrics/probes',
  '    honor_labels: true                       # the page names its instances: the probed URLs',
  '    authorization: { credentials_file: /etc/prometheus/azimuth-token }',
  '    static_configs: [{ targets: ["ns1.example:8053", "ns2.example:8053"] }]',
  '    relabel_configs: [{ source_labels: [__address__], target_label: director }]   # who probed',
  'rule_files: [azimuth/alerts.yaml]            # deploy/monitoring/alerts.yaml',
  '```',
  '',
  '| name | kind | labels | unit | help |',
  '|---|---|---|---|---|',
];

const NOTES = [
  '',
  `Histogram buckets, in seconds: ${BUCKETS.join(', ')}; of our own questions to the DNS listeners: ${DNS_BUCKETS.join(', ')}.`,
  '',
  'A state is one series per value of the label `state`, and "unseen" (not probed yet) is never counted as "down".',
  'No label holds a hostname or a client address. Beyond 2000 gateways, the rest is counted by cluster as gateway',
  '`other`. Values that are read (all but the histograms, `azimuth_probe_results_total`, `azimuth_dns_self_checks_total` and `azimuth_orders_refused_total`)',
  'are those of the scrape.',
  '',
  'Beside these stand the usual `process_*` and `nodejs_*` metrics of the Prometheus client for Node, the lag of the',
  'event loop (`nodejs_eventloop_lag_*_seconds`) among them.',
  '',
  '## How long an answer takes',
  '',
  'A clock that is read for each question would cost the servers more than some answers do, and what it measures leaves out the',
  'queue of the socket, where questions wait when it matters. So the director asks each of its DNS listeners for the SOA of its first',
  'zone every 5 s, over UDP and from a socket of its own each time, so that the system hands it to one of the threads as it would a',
  "client's. `azimuth_dns_self_check_duration_seconds` has the time from socket to socket: the queue, the thread, and the main",
  "thread's own lag when the answer is there, so it is an upper bound. These questions are in `azimuth_dns_queries_total` and its",
  'like: 0.2 per second and listener.',
  '',
  '## What should be answered',
  '',
  '`azimuth_cluster_expected_ratio` is worked out from the answers in force and from what was asked lately (half of what is',
  'remembered is an hour old): the 200 hostnames asked for most, as from the 200 places asked from most. Which place asks for which',
  'name is not counted, so that one hostname of a region beside a large one elsewhere makes it inexact. It is absent while nobody',
  'asks, and `azimuth_unserved_ratio` with it.',
  '',
  '## What probes found, as the blackbox exporter says it',
  '',
  '`GET /metrics/probes` has the last probe of each monitor under the names and labels of the Prometheus blackbox exporter, for',
  'dashboards and rules that were made for it (7587, 13659 and their like). There is no `/probe?target=`: nothing is probed because it',
  'is scraped, and Prometheus needs no list of targets that it would have to learn from us. The label `instance` is the probed URL',
  'and the address behind a `#`, since a name has an address in each cluster: `https://shop.example:443/healthz#192.0.2.1`; `job` comes',
  'from the scrape. What such a dashboard makes of `scrape_duration_seconds` is that of the page, not of a probe. Here hostnames are',
  'labels: scrape the page where that is wanted. It has 5000 targets at most, the first of the model.',
  '',
  '| name | help |',
  '|---|---|',
];

const BELOW_PROBES = [
  '',
  'The phases of `probe_http_duration_seconds` are `resolve` (always 0), `connect`, `tls`, `processing` and `transfer`. Where monitors',
  'ask the same and judge it otherwise, one that failed is shown. While the prober is not believed, it is what it measured. What the',
  'exporter has beside these (lengths, dates, chains) is not there.',
];
