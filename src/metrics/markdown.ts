import { BUCKETS, METRICS, type MetricSpec } from './table.ts';

/** `docs/metrics.md`, made from the table. */
export function metricsMarkdown(): string {
  const rows = Object.entries<MetricSpec>(METRICS).map(
    ([name, { kind, labels, unit, help }]) =>
      `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${unit} | ${help} |`,
  );
  return [...INTRODUCTION, ...rows, ...NOTES, ''].join('\n');
}

const INTRODUCTION = [
  '# Metrics',
  '',
  '`GET /metrics` on the admin address, in the Prometheus text format; it needs a token with scope `read`.',
  'This page is written from the table in `src/metrics/table.ts`: change the table, then run',
  '`npx vitest run test/unit/metrics -u`. A test compares the two.',
  '',
  '| name | kind | labels | unit | help |',
  '|---|---|---|---|---|',
];

const NOTES = [
  '',
  `Histogram buckets, in seconds: ${BUCKETS.join(', ')}.`,
  '',
  'A state is one series per value of the label `state`, and "unseen" (not probed yet) is never counted as "down".',
  'No label holds a hostname or a client address. Beyond 2000 gateways, the rest is counted by cluster as gateway',
  '`other`. Values that are read (all but the histograms and `azimuth_probe_results_total`) are those of the scrape.',
  '',
  'Beside these stand the usual `process_*` and `nodejs_*` metrics of the Prometheus client for Node, the lag of the',
  'event loop (`nodejs_eventloop_lag_*_seconds`) among them.',
];
