import { DECISION_SECONDS } from './thresholds.ts';

/** A series that Prometheus works out and keeps. */
export type RecordingRule = { readonly record: string; readonly expr: string };

/** The windows of the burn rates, and of the availability that boards show. */
const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

/** Messages that got no answer by a fault of ours; the other reasons are those who ask. */
const OUR_DROPS = 'azimuth_dns_dropped_total{reason=~"busy|send-failed"}';

/** One name for what is the same bound in Prometheus 2 and 3. */
const DECIDED_IN_TIME = `le=~"${DECISION_SECONDS}|${DECISION_SECONDS}\\\\.0"`;

/** The series that boards and alerts read. Those that burn the error budget are last. */
export const RECORDING_RULES: readonly RecordingRule[] = [
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
    record: 'azimuth:slow_decisions:ratio_rate1h',
    expr: `1 - sum by (job, instance) (rate(azimuth_change_to_answer_seconds_bucket{${DECIDED_IN_TIME}}[1h])) / sum by (job, instance) (rate(azimuth_change_to_answer_seconds_count[1h]))`,
  },
  {
    record: 'azimuth:cluster_answers:ratio_rate10m',
    expr: 'sum by (job, instance, cluster) (rate(azimuth_dns_cluster_answers_total[10m])) / on (job, instance) group_left () sum by (job, instance) (rate(azimuth_dns_cluster_answers_total[10m]))',
  },
  ...WINDOWS.map((window) => ({ record: `azimuth:answer_errors:ratio_rate${window}`, expr: errorRatio(window) })),
  { record: 'azimuth:answer_availability:ratio_rate3d', expr: '1 - azimuth:answer_errors:ratio_rate3d' },
];

/** There is no series of an RCODE that was never sent. */
function errorRatio(window: string): string {
  const all = `sum by (job, instance) (rate(azimuth_dns_responses_total[${window}]))`;
  const failed = `sum by (job, instance) (rate(azimuth_dns_responses_total{rcode="SERVFAIL"}[${window}]))`;
  const dropped = `sum by (job, instance) (rate(${OUR_DROPS}[${window}]))`;
  return `((${failed} or ${all} * 0) + ${dropped}) / (${all} + ${dropped})`;
}
