import { DECISION_SECONDS } from './thresholds.ts';

/** A series that Prometheus works out and keeps. */
export type RecordingRule = { readonly record: string; readonly expr: string };

/** The windows of the burn rates, and of the availability that boards show. */
const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
/** Those over which failures are counted as well: a single one on a quiet director is a large part of little. */
const COUNTED_WINDOWS = ['5m', '1h', '6h', '1d', '3d'] as const;

/** Messages that got no answer by a fault of ours; the other reasons are those who ask. */
const OUR_DROPS = 'azimuth_dns_dropped_total{reason=~"busy|send-failed"}';

/** One name for what is the same bound in Prometheus 2 and 3. */
const DECIDED_IN_TIME = `le=~"${DECISION_SECONDS}|${DECISION_SECONDS}\\\\.0"`;

/** The series that boards and alerts read. Those that burn the error budget are last. */
export const RECORDING_RULES: readonly RecordingRule[] = [
  {
    // Nobody tells Prometheus how many there should be. The median of six hours does not follow a rolling update, which
    // has one more or one less for some minutes, and forgets directors that were taken away after three hours.
    record: 'azimuth:directors:expected',
    expr: 'quantile_over_time(0.5, count by (job) (up{job="azimuth"})[6h:5m])',
  },
  {
    record: 'azimuth:processor:ratio_rate5m',
    expr: 'rate(process_cpu_seconds_total[5m]) / on (job, instance) azimuth_processors',
  },
  {
    record: 'azimuth:memory:ratio',
    expr: 'process_resident_memory_bytes / on (job, instance) azimuth_memory_limit_bytes',
  },
  {
    record: 'azimuth:self_check_seconds:p95_10m',
    expr: 'histogram_quantile(0.95, sum by (job, instance, le) (rate(azimuth_dns_self_check_duration_seconds_bucket[10m])))',
  },
  {
    record: 'azimuth:decision_seconds:p99_1h',
    expr: 'histogram_quantile(0.99, sum by (job, instance, le) (rate(azimuth_change_to_answer_seconds_bucket[1h])))',
  },
  {
    // A count by itself: the rates of two counters are extrapolated each in its own way, and their difference is none.
    record: 'azimuth:slow_decisions:total',
    expr: `sum by (job, instance) (azimuth_change_to_answer_seconds_count) - sum by (job, instance) (azimuth_change_to_answer_seconds_bucket{${DECIDED_IN_TIME}})`,
  },
  { record: 'azimuth:slow_decisions:increase1h', expr: 'increase(azimuth:slow_decisions:total[1h])' },
  {
    record: 'azimuth:slow_decisions:ratio_rate1h',
    expr: 'azimuth:slow_decisions:increase1h / sum by (job, instance) (increase(azimuth_change_to_answer_seconds_count[1h]))',
  },
  {
    record: 'azimuth:cluster_answers:ratio_rate10m',
    expr: 'sum by (job, instance, cluster) (rate(azimuth_dns_cluster_answers_total[10m])) / on (job, instance) group_left () sum by (job, instance) (rate(azimuth_dns_cluster_answers_total[10m]))',
  },
  ...COUNTED_WINDOWS.map((window) => ({
    record: `azimuth:answer_errors:increase${window}`,
    expr: failures('increase', window),
  })),
  ...WINDOWS.map((window) => ({ record: `azimuth:answer_errors:ratio_rate${window}`, expr: errorRatio(window) })),
  { record: 'azimuth:answer_availability:ratio_rate3d', expr: '1 - azimuth:answer_errors:ratio_rate3d' },
];

type Change = 'rate' | 'increase';

function all(change: Change, window: string): string {
  return `sum by (job, instance) (${change}(azimuth_dns_responses_total[${window}]))`;
}

/** What never was has no series; drops of the system's queue have none where the system does not tell. */
function orNone(expr: string, change: Change, window: string): string {
  return `(${expr} or ${all(change, window)} * 0)`;
}

/** Questions that came and got no answer: ours to drop, or the system's because we were too slow to take them. */
function dropped(change: Change, window: string): string {
  const ours = `sum by (job, instance) (${change}(${OUR_DROPS}[${window}]))`;
  const queue = `sum by (job, instance) (${change}(azimuth_dns_receive_queue_drops_total[${window}]))`;
  return `${orNone(ours, change, window)} + ${orNone(queue, change, window)}`;
}

function failures(change: Change, window: string): string {
  const servfail = `sum by (job, instance) (${change}(azimuth_dns_responses_total{rcode="SERVFAIL"}[${window}]))`;
  return `${orNone(servfail, change, window)} + ${dropped(change, window)}`;
}

function errorRatio(window: string): string {
  return `(${failures('rate', window)}) / (${all('rate', window)} + ${dropped('rate', window)})`;
}
