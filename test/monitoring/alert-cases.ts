import { counter, gauge, histogram, named, type Phases, type SeriesOf, type Values, WHO } from './alert-series.ts';

/** One story of an alert: what Prometheus sees, and whom the alert names while it fires. */
export type AlertCase = {
  readonly alert: string;
  readonly phases: Phases;
  readonly series: SeriesOf<Values>;
  /** The labels of each alert that fires, without the severity. */
  readonly fires: readonly Readonly<Record<string, string>>[];
};

/** Longer than all windows and waits but those of an hour. */
const SPAN: Phases = { well: 12, ill: 45, again: 25 };
/** Longer than an hour. */
const HOURS: Phases = { well: 12, ill: 75, again: 70 };
/** The slow burn rates get clean when six hours are over. */
const LONG_SPAN: Phases = { well: 15, ill: 60, again: 390 };

/** Questions of which some are answered with SERVFAIL while things are not well, per minute. */
function failing(servfail: number): SeriesOf<Values> {
  return {
    [named('azimuth_dns_responses_total', { transport: 'udp', rcode: 'NOERROR' })]: counter(6_000, 6_000),
    [named('azimuth_dns_responses_total', { transport: 'udp', rcode: 'SERVFAIL' })]: counter(0, servfail),
    [named('azimuth_dns_dropped_total', { reason: 'busy' })]: counter(0, 0),
    [named('azimuth_dns_receive_queue_drops_total', { listener: '[::1]:53' })]: counter(0, 0),
  };
}

function one(alert: string, metric: string, well: number, ill: number, labels: Record<string, string> = {}): AlertCase {
  return { alert, phases: SPAN, series: { [named(metric, labels)]: gauge(well, ill) }, fires: [{ ...WHO, ...labels }] };
}

function both(name: string, series: SeriesOf<Values>): readonly AlertCase[] {
  return ['Warning', 'Critical'].map((level) => ({
    alert: `${name}${level}`,
    phases: SPAN,
    series,
    fires: [{ ...WHO }],
  }));
}

const DAY = 86_400;
const EU = { cluster: 'eu-west' };
const CERTIFICATE = { ...EU, gateway: 'infra/public' };
/** Who sees it is no label: it is one certificate. */
const OF_CERTIFICATE = { job: WHO.job, ...CERTIFICATE };
const LATENCIES = ['0.0005', '0.01', '0.1', '0.25'];
const DELAYS = ['0.01', '1', '2.5'];

const EXCEPTIONAL = 'azimuth_dns_exceptional_answers_total';
/** Of two clusters, as many all the time; one of them gets most while things are not well. */
const ANSWERS = {
  [named('azimuth_dns_cluster_answers_total', EU)]: counter(600, 1_100),
  [named('azimuth_dns_cluster_answers_total', { cluster: 'us-east' })]: counter(600, 100),
};

/** One case for each alert but those that are about what is not there at all: they have stories. */
export const ALERT_CASES: readonly AlertCase[] = [
  one('AzimuthDown', 'up', 1, 0),
  {
    alert: 'AzimuthNotReady',
    phases: SPAN,
    series: {
      [named('azimuth_ready', { item: 'dns' })]: gauge(1, 0),
      [named('azimuth_ready', { item: 'sources' })]: gauge(1, 1),
    },
    fires: [{ ...WHO }],
  },
  one('AzimuthHostnameWithoutCluster', 'azimuth_hostnames_without_cluster', 0, 2),
  one('AzimuthOneClusterLeft', 'azimuth_hostnames_on_last_cluster', 0, 2),
  {
    alert: 'AzimuthResidencyRefusals',
    phases: SPAN,
    series: {
      ...ANSWERS,
      [named(EXCEPTIONAL, { reason: 'residency' })]: counter(0, 60),
      [named(EXCEPTIONAL, { reason: 'last-resort' })]: counter(60, 60),
      [named(EXCEPTIONAL, { reason: 'nobody' })]: counter(60, 60),
      // One in 600 is refused here, and there one in eleven of very few.
      [named('azimuth_dns_cluster_answers_total', { ...EU, instance: 'ns2:8053' })]: counter(1_200, 1_200),
      [named(EXCEPTIONAL, { reason: 'residency', instance: 'ns2:8053' })]: counter(0, 2),
      [named(EXCEPTIONAL, { reason: 'nobody', instance: 'ns2:8053' })]: counter(0, 0),
      [named('azimuth_dns_cluster_answers_total', { ...EU, instance: 'ns3:8053' })]: counter(5, 5),
      [named(EXCEPTIONAL, { reason: 'residency', instance: 'ns3:8053' })]: counter(0, 0.5),
    },
    fires: [{ ...WHO }],
  },
  {
    alert: 'AzimuthViewStale',
    phases: SPAN,
    series: {
      [named('azimuth_cluster_view_age_seconds', EU)]: gauge(30, 900),
      [named('azimuth_cluster_view_state', { ...EU, state: 'watching' })]: gauge(1, 0),
      // Manifests may be old for good.
      [named('azimuth_cluster_view_age_seconds', { cluster: 'on-disk' })]: gauge(90_000, 90_000),
    },
    fires: [{ ...WHO, ...EU }],
  },
  {
    alert: 'AzimuthViewMissing',
    phases: SPAN,
    series: {
      [named('azimuth_cluster_view_state', { cluster: 'never', state: 'retrying' })]: gauge(0, 1),
      [named('azimuth_cluster_view_state', { cluster: 'never', state: 'watching' })]: gauge(1, 0),
      [named('azimuth_cluster_view_state', { cluster: 'late', state: 'retrying' })]: gauge(0, 1),
      [named('azimuth_cluster_view_age_seconds', { cluster: 'late' })]: gauge(30, 40),
    },
    fires: [{ ...WHO, cluster: 'never' }],
  },
  one('AzimuthViewFromStore', 'azimuth_cluster_view_from_store', 0, 1, EU),
  one('AzimuthBreakerOpen', 'azimuth_prober_blind', 0, 1),
  {
    alert: 'AzimuthFlapping',
    phases: HOURS,
    series: { [named('azimuth_damped_flaps_total', EU)]: counter(0, 1) },
    fires: [{ ...WHO, ...EU }],
  },
  {
    alert: 'AzimuthCertificateExpiring',
    phases: HOURS,
    series: { [named('azimuth_probe_certificate_expiry_seconds', CERTIFICATE)]: gauge(30 * DAY, 13 * DAY) },
    fires: [OF_CERTIFICATE],
  },
  {
    // The last value is that of an hour, so what is well again is told by the same series.
    alert: 'AzimuthCertificateEnds',
    phases: SPAN,
    series: { [named('azimuth_probe_certificate_expiry_seconds', CERTIFICATE)]: gauge(13 * DAY, -1) },
    fires: [OF_CERTIFICATE],
  },
  {
    alert: 'AzimuthProbesLate',
    phases: SPAN,
    series: histogram('azimuth_probe_lateness_seconds', DELAYS, ['0.01', '2.5']),
    fires: [{ ...WHO }],
  },
  {
    ...one('AzimuthMonitorsStale', 'azimuth_stale_monitors', 0, 3, { protocol: 'https' }),
    fires: [{ ...WHO }],
  },
  {
    alert: 'AzimuthShareOffWeight',
    phases: SPAN,
    series: {
      ...ANSWERS,
      [named('azimuth_cluster_expected_ratio', EU)]: gauge(0.5, 0.5),
      [named('azimuth_cluster_expected_ratio', { cluster: 'us-east' })]: gauge(0.5, 0.5),
    },
    fires: [
      { ...WHO, ...EU },
      { ...WHO, cluster: 'us-east' },
    ],
  },
  {
    alert: 'AzimuthDrillOverdue',
    phases: SPAN,
    // It should have ended when the trouble begins; time begins at 0.
    series: { [named('azimuth_drill_end_timestamp_seconds', { drill: 'eu-gone' })]: gauge(1e9, 12 * 60 - 840) },
    fires: [{ ...WHO, drill: 'eu-gone' }],
  },
  { alert: 'AzimuthErrorBudgetBurnsFast', phases: HOURS, series: failing(300), fires: [{ ...WHO }] },
  { alert: 'AzimuthErrorBudgetBurns', phases: LONG_SPAN, series: failing(12), fires: [{ ...WHO }] },
  {
    alert: 'AzimuthSelfCheckFailing',
    phases: SPAN,
    series: { [named('azimuth_dns_self_checks_total', { listener: '[::1]:53', result: 'failed' })]: counter(0, 12) },
    fires: [{ ...WHO, listener: '[::1]:53' }],
  },
  {
    alert: 'AzimuthWorkerDown',
    phases: SPAN,
    series: {
      [named('azimuth_dns_workers', { state: 'running' })]: gauge(4, 3),
      [named('azimuth_dns_workers', { state: 'restarting' })]: gauge(0, 1),
      [named('azimuth_dns_workers', { state: 'failed' })]: gauge(0, 0),
    },
    fires: [{ ...WHO }],
  },
  {
    alert: 'AzimuthReceiveQueueDrops',
    phases: SPAN,
    series: {
      [named('azimuth_dns_receive_queue_drops_total', { listener: '127.0.0.1:53' })]: counter(0, 60),
      [named('azimuth_dns_responses_total', { transport: 'tcp', rcode: 'NOERROR' })]: counter(6_000, 6_000),
    },
    fires: [{ ...WHO, listener: '127.0.0.1:53' }],
  },
  {
    alert: 'AzimuthDecisionsSlow',
    phases: HOURS,
    series: histogram('azimuth_change_to_answer_seconds', DELAYS, ['0.01', '2.5']),
    fires: [{ ...WHO }],
  },
  {
    ...one('AzimuthFindings', 'azimuth_findings', 0, 1, { code: 'gateway-no-address', severity: 'error' }),
    fires: [{ ...WHO }],
  },
  {
    ...one('AzimuthStateNotSaved', 'azimuth_findings', 0, 1, { code: 'picture-not-saved', severity: 'warning' }),
    fires: [{ ...WHO }],
  },
  {
    ...one('AzimuthStateDamaged', 'azimuth_findings', 0, 1, { code: 'audit-broken', severity: 'error' }),
    fires: [{ ...WHO }],
  },
  {
    alert: 'AzimuthStrangers',
    phases: SPAN,
    series: { [named('azimuth_orders_refused_total', { code: 'token-wrong' })]: counter(0, 5) },
    fires: [{ ...WHO }],
  },
  ...both('AzimuthProcessorBusy', {
    [named('process_cpu_seconds_total')]: counter(12, 114),
    [named('azimuth_processors')]: gauge(2, 2),
  }),
  ...both('AzimuthMemoryHigh', {
    [named('process_resident_memory_bytes')]: gauge(4e8, 9.5e8),
    [named('azimuth_memory_limit_bytes')]: gauge(1e9, 1e9),
  }),
  ...both('AzimuthAnswersSlow', histogram('azimuth_dns_self_check_duration_seconds', LATENCIES, ['0.0005', '0.25'])),
  ...both('AzimuthAnswerErrors', failing(120)),
];
