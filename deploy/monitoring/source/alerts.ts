import {
  certificateEndsWithin,
  inputErrors,
  probesLate,
  receiveQueueDrops,
  residencyRefusals,
  stateDamaged,
  stateNotSaved,
  strangers,
} from './alert-expressions.ts';
import {
  ANSWER_ERROR_BUDGET,
  CERTIFICATE_DAYS,
  FEW_FAILURES,
  FEW_SLOW_DECISIONS,
  SHARE_TOLERANCE,
  SLOW_DECISION_BUDGET,
  THRESHOLDS,
  type Threshold,
} from './thresholds.ts';

/** `critical` wakes somebody; `warning` waits for the morning. */
type Severity = 'warning' | 'critical';

/** One alert. Its section of `docs/operations.md` has its name. */
export type Alert = {
  readonly name: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: Severity;
  /** One line; the labels of the alert stand in double braces. */
  readonly summary: string;
};

/** What the alerts are about, in the order of the operators' guide. */
export const ALERTS: readonly Alert[] = [
  {
    name: 'AzimuthDown',
    expr: 'up{job="azimuth"} == 0',
    for: '2m',
    severity: 'critical',
    summary: 'The director {{ $labels.instance }} cannot be scraped.',
  },
  {
    // One that discovery has dropped has no `up` that could be 0: a pod that is gone is such a one.
    name: 'AzimuthDirectorGone',
    expr: 'count by (job) (up{job="azimuth"}) < azimuth:directors:expected',
    for: '5m',
    severity: 'critical',
    summary: 'There are fewer directors than in the hours before.',
  },
  {
    name: 'AzimuthNoDirector',
    expr: 'absent(up{job="azimuth"})',
    for: '5m',
    severity: 'critical',
    summary: 'Prometheus knows of no director at all.',
  },
  {
    name: 'AzimuthNotReady',
    expr: 'min by (job, instance) (azimuth_ready) == 0',
    for: '5m',
    severity: 'critical',
    summary: 'The director {{ $labels.instance }} is not ready.',
  },
  {
    name: 'AzimuthHostnameWithoutCluster',
    expr: 'azimuth_hostnames_without_cluster > 0',
    for: '1m',
    severity: 'critical',
    summary:
      'Hostnames have no healthy endpoint left, by {{ $labels.instance }}: their last resort answers, or nobody.',
  },
  {
    name: 'AzimuthOneClusterLeft',
    expr: 'azimuth_hostnames_on_last_cluster > 0',
    for: '5m',
    severity: 'warning',
    summary: 'Hostnames are on their last cluster, by {{ $labels.instance }}.',
  },
  {
    name: 'AzimuthResidencyRefusals',
    expr: residencyRefusals(),
    for: '10m',
    severity: 'warning',
    summary:
      'Clients get nobody from {{ $labels.instance }}: fences such as residency keep them from who could take them.',
  },
  {
    name: 'AzimuthViewStale',
    expr: '(azimuth_cluster_view_age_seconds and on (job, instance, cluster) azimuth_cluster_view_state{state="watching"}) > 300',
    for: '5m',
    severity: 'warning',
    summary: 'Nothing was heard of the cluster {{ $labels.cluster }} for minutes.',
  },
  {
    name: 'AzimuthViewMissing',
    expr: 'max by (job, instance, cluster) (azimuth_cluster_view_state{state!="watching"}) == 1 unless on (job, instance, cluster) azimuth_cluster_view_age_seconds',
    for: '5m',
    severity: 'warning',
    summary: 'Nothing is known of the cluster {{ $labels.cluster }}: {{ $labels.instance }} never reached it.',
  },
  {
    name: 'AzimuthViewFromStore',
    expr: 'azimuth_cluster_view_from_store == 1',
    for: '10m',
    severity: 'warning',
    summary: 'The cluster {{ $labels.cluster }} is known from an earlier run alone.',
  },
  {
    name: 'AzimuthBreakerOpen',
    expr: 'azimuth_prober_blind == 1',
    for: '1m',
    severity: 'critical',
    summary: 'The prober of {{ $labels.instance }} is not believed: nothing falls out of the answers.',
  },
  {
    name: 'AzimuthFlapping',
    expr: 'sum by (job, instance, cluster) (increase(azimuth_damped_flaps_total[1h])) > 3',
    for: '5m',
    severity: 'warning',
    summary: 'Monitors of the cluster {{ $labels.cluster }} flap.',
  },
  {
    name: 'AzimuthCertificateExpiring',
    expr: certificateEndsWithin(CERTIFICATE_DAYS.warning),
    for: '1h',
    severity: 'warning',
    summary: `A certificate of {{ $labels.gateway }} in {{ $labels.cluster }} ends within ${CERTIFICATE_DAYS.warning} days.`,
  },
  {
    name: 'AzimuthCertificateEnds',
    expr: certificateEndsWithin(CERTIFICATE_DAYS.critical),
    for: '10m',
    severity: 'critical',
    summary: `A certificate of {{ $labels.gateway }} in {{ $labels.cluster }} ends within ${CERTIFICATE_DAYS.critical} days.`,
  },
  {
    name: 'AzimuthProbesLate',
    expr: probesLate(),
    for: '10m',
    severity: 'warning',
    summary: 'Probes of {{ $labels.instance }} start over a second late, or are left out.',
  },
  {
    name: 'AzimuthMonitorsStale',
    expr: 'sum by (job, instance) (azimuth_stale_monitors) > 0',
    for: '10m',
    severity: 'warning',
    summary: 'Monitors of {{ $labels.instance }} have had no result for several intervals.',
  },
  {
    name: 'AzimuthShareOffWeight',
    expr: `abs(azimuth:cluster_answers:ratio_rate10m - on (job, instance, cluster) avg_over_time(azimuth_cluster_expected_ratio[10m])) > ${SHARE_TOLERANCE} and on (job, instance) sum by (job, instance) (rate(azimuth_dns_cluster_answers_total[10m])) > 1`,
    for: '30m',
    severity: 'warning',
    summary: 'The cluster {{ $labels.cluster }} gets another share of the answers than it should.',
  },
  {
    name: 'AzimuthDrillOverdue',
    expr: 'time() - azimuth_drill_end_timestamp_seconds > 900',
    for: '1m',
    severity: 'warning',
    summary: 'The drill {{ $labels.drill }} is not rolled back a quarter of an hour after its end.',
  },
  ...burnAlerts(),
  {
    name: 'AzimuthSelfCheckFailing',
    expr: 'sum by (job, instance, listener) (increase(azimuth_dns_self_checks_total{result="failed"}[2m])) > 3',
    for: '1m',
    severity: 'critical',
    summary: 'The DNS listener {{ $labels.listener }} of {{ $labels.instance }} does not answer its own director.',
  },
  {
    name: 'AzimuthWorkerDown',
    expr: 'sum by (job, instance) (azimuth_dns_workers{state=~"restarting|failed"}) > 0',
    for: '1m',
    severity: 'warning',
    summary: 'DNS threads of {{ $labels.instance }} are down; the portable engine stands in.',
  },
  {
    name: 'AzimuthReceiveQueueDrops',
    expr: receiveQueueDrops(),
    for: '5m',
    severity: 'warning',
    summary: 'The system drops questions to the DNS listener {{ $labels.listener }} of {{ $labels.instance }}.',
  },
  {
    name: 'AzimuthDecisionsSlow',
    expr: `azimuth:slow_decisions:ratio_rate1h > ${SLOW_DECISION_BUDGET} and azimuth:slow_decisions:increase1h > ${FEW_SLOW_DECISIONS}`,
    for: '10m',
    severity: 'warning',
    summary: 'Changes take {{ $labels.instance }} over a second until they are in the answers.',
  },
  {
    name: 'AzimuthFindings',
    expr: inputErrors(),
    for: '15m',
    severity: 'warning',
    summary: 'The input of {{ $labels.instance }} has errors: something is not served as written.',
  },
  {
    name: 'AzimuthStateNotSaved',
    expr: stateNotSaved(),
    for: '5m',
    severity: 'warning',
    summary: 'The director {{ $labels.instance }} cannot write to its state directory.',
  },
  {
    name: 'AzimuthStateDamaged',
    expr: stateDamaged(),
    for: '1m',
    severity: 'critical',
    summary: 'The journal or the audit of {{ $labels.instance }} is not what was written.',
  },
  {
    name: 'AzimuthStrangers',
    expr: strangers(),
    for: '5m',
    severity: 'warning',
    summary: 'Somebody who is not known keeps asking the admin API of {{ $labels.instance }}.',
  },
  ...bothLevels('AzimuthProcessorBusy', THRESHOLDS.cpu, '15m', 'uses most of its processors'),
  ...bothLevels('AzimuthMemoryHigh', THRESHOLDS.memory, '15m', 'uses most of its memory'),
  ...bothLevels('AzimuthAnswersSlow', THRESHOLDS.latency, '10m', 'answers slowly'),
  ...bothLevels(
    'AzimuthAnswerErrors',
    THRESHOLDS.errors,
    '5m',
    'fails to answer',
    ` and azimuth:answer_errors:increase5m > ${FEW_FAILURES}`,
  ),
];

/** The section of the operators' guide that an alert leads to; both levels of one threshold have one. */
export function anchorOf({ name }: Pick<Alert, 'name'>): string {
  return name.replace(/(Warning|Critical)$/, '').toLowerCase();
}

/** Two windows each: the long one says that it matters, the short one that it still goes on (Google SRE workbook, ch. 5). */
function burnAlerts(): readonly Alert[] {
  const burns = (factor: number, long: string, short: string): string => {
    const bound = Number((factor * ANSWER_ERROR_BUDGET).toPrecision(6));
    const series = 'azimuth:answer_errors:ratio_rate';
    const many = `azimuth:answer_errors:increase${long} > ${FEW_FAILURES}`;
    return `(${series}${long} > ${bound} and ${series}${short} > ${bound} and ${many})`;
  };
  return [
    {
      name: 'AzimuthErrorBudgetBurnsFast',
      expr: `${burns(14.4, '1h', '5m')} or ${burns(6, '6h', '30m')}`,
      for: '2m',
      severity: 'critical',
      summary: 'Questions to {{ $labels.instance }} fail so often that the budget of the month is gone in days.',
    },
    {
      name: 'AzimuthErrorBudgetBurns',
      expr: `${burns(3, '1d', '2h')} or ${burns(1, '3d', '6h')}`,
      for: '15m',
      severity: 'warning',
      summary: 'Questions to {{ $labels.instance }} fail so often that the budget of the month will not last.',
    },
  ];
}

function bothLevels(
  name: string,
  { expr, warning, critical }: Threshold,
  span: string,
  does: string,
  and = '',
): readonly Alert[] {
  const summary = `The director {{ $labels.instance }} ${does}.`;
  return [
    { name: `${name}Warning`, expr: `${expr} > ${warning}${and}`, for: span, severity: 'warning', summary },
    { name: `${name}Critical`, expr: `${expr} > ${critical}${and}`, for: '5m', severity: 'critical', summary },
  ];
}
