/** Minutes for which all is well at first, then not, and then again. */
type Phases = { readonly well: number; readonly ill: number; readonly again: number };

/** One story of an alert: what Prometheus sees, and whom the alert names while it fires. */
export type AlertCase = {
  readonly alert: string;
  readonly phases: Phases;
  readonly series: Readonly<Record<string, string>>;
  /** The labels of each alert that fires, without the severity. */
  readonly fires: readonly Readonly<Record<string, string>>[];
};

/** Longer than all windows and waits but those of an hour. */
const SPAN: Phases = { well: 12, ill: 45, again: 25 };
/** Longer than an hour. */
const HOURS: Phases = { well: 12, ill: 75, again: 70 };
/** The slow burn rates get clean when six hours are over. */
const LONG_SPAN: Phases = { well: 15, ill: 60, again: 390 };

const WHO = { job: 'azimuth', instance: 'ns1:8053' } as const;

/** A value that is another one while things are not well. */
function gauge(well: number, ill: number, { well: a, ill: b, again: c }: Phases = SPAN): string {
  return `${well}x${a - 1} ${ill}x${b - 1} ${well}x${c - 1}`;
}

/** A count that grows by so much each minute. */
function counter(well: number, ill: number, { well: a, ill: b, again: c }: Phases = SPAN): string {
  const atIll = well * (a - 1) + ill;
  const atWell = atIll + ill * (b - 1) + well;
  return `0+${well}x${a - 1} ${atIll}+${ill}x${b - 1} ${atWell}+${well}x${c - 1}`;
}

function named(metric: string, labels: Readonly<Record<string, string>> = {}): string {
  const all = Object.entries({ ...WHO, ...labels }).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${all.join(',')}}`;
}

/** A histogram whose observations are all within one bucket, and within a later one while things are not well. */
function histogram(
  metric: string,
  bounds: readonly string[],
  [well, ill]: readonly [string, string],
  phases: Phases = SPAN,
): Record<string, string> {
  const [wellAt, illAt] = [bounds.indexOf(well), bounds.indexOf(ill)];
  const buckets = [...bounds, '+Inf'].map((le, at) => {
    return [named(`${metric}_bucket`, { le }), counter(at >= wellAt ? 60 : 0, at >= illAt ? 60 : 0, phases)] as const;
  });
  return { ...Object.fromEntries(buckets), [named(`${metric}_count`)]: counter(60, 60, phases) };
}

/** Questions of which some are answered with SERVFAIL while things are not well, per minute. */
function failing(servfail: number, phases: Phases = SPAN): Record<string, string> {
  return {
    [named('azimuth_dns_responses_total', { transport: 'udp', rcode: 'NOERROR' })]: counter(6_000, 6_000, phases),
    [named('azimuth_dns_responses_total', { transport: 'udp', rcode: 'SERVFAIL' })]: counter(0, servfail, phases),
    [named('azimuth_dns_dropped_total', { reason: 'busy' })]: counter(0, 0, phases),
  };
}

function one(alert: string, metric: string, well: number, ill: number, labels: Record<string, string> = {}): AlertCase {
  return { alert, phases: SPAN, series: { [named(metric, labels)]: gauge(well, ill) }, fires: [{ ...WHO, ...labels }] };
}

function both(name: string, series: Readonly<Record<string, string>>): readonly AlertCase[] {
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
const LATENCIES = ['0.0005', '0.01', '0.1', '0.25'];
const DELAYS = ['0.01', '1', '2.5'];

/** One case for each alert. */
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
  one('AzimuthViewFromStore', 'azimuth_cluster_view_from_store', 0, 1, EU),
  one('AzimuthBreakerOpen', 'azimuth_prober_blind', 0, 1),
  {
    alert: 'AzimuthFlapping',
    phases: HOURS,
    series: { [named('azimuth_damped_flaps_total', EU)]: counter(0, 1, HOURS) },
    fires: [{ ...WHO, ...EU }],
  },
  {
    alert: 'AzimuthCertificateExpiring',
    phases: HOURS,
    series: { [named('azimuth_probe_certificate_expiry_seconds', CERTIFICATE)]: gauge(30 * DAY, 13 * DAY, HOURS) },
    fires: [{ ...WHO, ...CERTIFICATE }],
  },
  one('AzimuthCertificateEnds', 'azimuth_probe_certificate_expiry_seconds', 13 * DAY, -1, CERTIFICATE),
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
      [named('azimuth_dns_cluster_answers_total', EU)]: counter(600, 1_100),
      [named('azimuth_dns_cluster_answers_total', { cluster: 'us-east' })]: counter(600, 100),
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
    // It should have ended when the trouble begins, and ends with it; time begins at 0.
    series: { [named('azimuth_drill_end_timestamp_seconds', { drill: 'eu-gone' })]: `${12 * 60 - 840}x56 _x25` },
    fires: [{ ...WHO, drill: 'eu-gone' }],
  },
  { alert: 'AzimuthErrorBudgetBurnsFast', phases: HOURS, series: failing(300, HOURS), fires: [{ ...WHO }] },
  { alert: 'AzimuthErrorBudgetBurns', phases: LONG_SPAN, series: failing(12, LONG_SPAN), fires: [{ ...WHO }] },
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
    alert: 'AzimuthDecisionsSlow',
    phases: HOURS,
    series: histogram('azimuth_change_to_answer_seconds', DELAYS, ['0.01', '2.5'], HOURS),
    fires: [{ ...WHO }],
  },
  {
    ...one('AzimuthFindings', 'azimuth_findings', 0, 1, { code: 'gateway-no-address', severity: 'error' }),
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
