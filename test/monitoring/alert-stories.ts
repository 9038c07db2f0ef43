import { named, type SeriesOf, WHO } from './alert-series.ts';

/** What must hold at a minute: whom an alert names, or that it does not fire. */
type Question = {
  readonly alert: string;
  readonly minutes: readonly number[];
  readonly fires?: readonly Readonly<Record<string, string>>[];
};

/** Something that happened, minute by minute in the notation of promtool, and what the alerts made of it. */
export type Story = {
  readonly name: string;
  readonly series: SeriesOf<string>;
  readonly asked: readonly Question[];
};

const DAY = 86_400;
const NS2 = { ...WHO, instance: 'ns2:8053' } as const;
const NS3 = { ...WHO, instance: 'ns3:8053' } as const;
const DECISIONS = 'azimuth_change_to_answer_seconds';
const RESPONSES = 'azimuth_dns_responses_total';
const CERTIFICATE = { cluster: 'eu-west', gateway: 'infra/public' } as const;
const LONG = [30, 40, 60, 75, 90] as const;

/** Changes of the answers, and those that took a second at most. */
function decisions(count: string, inTime: string): SeriesOf<string> {
  return { [named(`${DECISIONS}_count`)]: count, [named(`${DECISIONS}_bucket`, { le: '1' })]: inTime };
}

/** What a director says that answers, by code and with what it dropped. */
function answers(noerror: string, servfail: string): SeriesOf<string> {
  return {
    [named(RESPONSES, { transport: 'udp', rcode: 'NOERROR' })]: noerror,
    [named(RESPONSES, { transport: 'udp', rcode: 'SERVFAIL' })]: servfail,
    [named('azimuth_dns_dropped_total', { reason: 'busy' })]: '0x400',
  };
}

const quiet = (alerts: readonly string[], minutes: readonly number[]): readonly Question[] =>
  alerts.map((alert) => ({ alert, minutes }));

const FAILING = ['AzimuthErrorBudgetBurnsFast', 'AzimuthAnswerErrorsWarning', 'AzimuthAnswerErrorsCritical'] as const;

/** What testers and operators met. */
export const STORIES: readonly Story[] = [
  {
    name: 'a restart whose first answers took seconds, and a quick change each five minutes',
    series: decisions(
      '100x19 1x4 2x4 3x4 4x4 5x4 6x4 7x4 8x4 9x4 10x4 11x4 12x4 13x4 14x4',
      '100x19 0x4 1x4 2x4 3x4 4x4 5x4 6x4 7x4 8x4 9x4 10x4 11x4 12x4 13x4',
    ),
    asked: quiet(['AzimuthDecisionsSlow'], LONG),
  },
  {
    name: 'a first start, and two quick changes',
    series: decisions('1x9 2x9 3x70', '0x9 1x9 2x70'),
    asked: quiet(['AzimuthDecisionsSlow'], [10, 15, 20, 25, 30, 40, 60, 80]),
  },
  {
    name: 'one slow change among ten of an hour',
    series: decisions('0x9 1+1x9 11x70', '0x9 0+1x9 10x70'),
    asked: quiet(['AzimuthDecisionsSlow'], LONG.slice(0, 4)),
  },
  {
    name: 'one SERVFAIL on a director that nobody but itself asks',
    series: answers('0+12x120', '0x19 1x100'),
    asked: quiet(FAILING, [20, 21, 22, 23, 24, 25, 26, 30, 45, 60]),
  },
  {
    name: 'a director that nobody but itself asks, and that fails for good',
    series: answers('0+12x19 240x40', '0x19 0+12x40'),
    asked: FAILING.map((alert) => ({ alert, minutes: [45], fires: [WHO] })),
  },
  {
    name: 'sixty thousand SERVFAIL within one scrape, the first of all',
    series: answers('0+60000x60', '0x19 60000x60'),
    asked: [{ alert: 'AzimuthErrorBudgetBurnsFast', minutes: [23], fires: [WHO] }],
  },
  {
    name: 'the system drops questions before we see them',
    series: {
      ...answers('0+6000x60', '0x60'),
      [named('azimuth_dns_receive_queue_drops_total', { listener: '127.0.0.1:53' })]: '0x19 0+600x40',
    },
    asked: [
      { alert: 'AzimuthAnswerErrorsCritical', minutes: [45], fires: [WHO] },
      { alert: 'AzimuthReceiveQueueDrops', minutes: [45], fires: [{ ...WHO, listener: '127.0.0.1:53' }] },
    ],
  },
  {
    name: 'a burst that filled a queue once',
    series: {
      ...answers('0+6000x60', '0x60'),
      [named('azimuth_dns_receive_queue_drops_total', { listener: '127.0.0.1:53' })]: '0x19 8x40',
    },
    asked: quiet([...FAILING, 'AzimuthReceiveQueueDrops'], [20, 25, 30, 35]),
  },
  {
    name: 'a certificate that ends, seen by two directors that restart, or cannot probe it, again and again',
    series: {
      [named('azimuth_probe_certificate_expiry_seconds', CERTIFICATE)]:
        `${10 * DAY}x19 stale _x8 ${10 * DAY}x20 stale _x8 ${10 * DAY}x50`,
      [named('azimuth_probe_certificate_expiry_seconds', {
        ...CERTIFICATE,
        ...NS2,
      })]: `stale ${10 * DAY}x40 stale _x70`,
    },
    asked: [{ alert: 'AzimuthCertificateExpiring', minutes: [61, 75], fires: [{ job: WHO.job, ...CERTIFICATE }] }],
  },
  {
    name: 'a certificate that is renewed in time',
    series: { [named('azimuth_probe_certificate_expiry_seconds', CERTIFICATE)]: `${10 * DAY}x70 ${90 * DAY}x20` },
    asked: [
      { alert: 'AzimuthCertificateExpiring', minutes: [65], fires: [{ job: WHO.job, ...CERTIFICATE }] },
      { alert: 'AzimuthCertificateExpiring', minutes: [71, 72, 80] },
    ],
  },
  {
    name: 'one director of two is gone from the list of targets',
    series: { [named('up')]: '1x240', [named('up', NS2)]: '1x59 stale _x180' },
    asked: [
      { alert: 'AzimuthDown', minutes: [50, 70, 120] },
      { alert: 'AzimuthDirectorGone', minutes: [30, 59, 63] },
      { alert: 'AzimuthDirectorGone', minutes: [70, 90, 110], fires: [{ job: WHO.job }] },
      { alert: 'AzimuthDirectorGone', minutes: [200] },
    ],
  },
  {
    name: 'a rolling update: one director more for a while, then one less for a moment',
    series: {
      [named('up')]: '1x89 stale _x60',
      [named('up', NS2)]: '1x240',
      [named('up', NS3)]: '_x59 1x25 stale _x1 1x60',
    },
    asked: quiet(['AzimuthDirectorGone', 'AzimuthNoDirector', 'AzimuthDown'], [60, 65, 75, 86, 88, 90, 93]),
  },
  {
    name: 'all directors are gone from the list of targets',
    series: { [named('up')]: '1x59 stale _x60', [named('up', NS2)]: '1x59 stale _x60' },
    asked: [
      { alert: 'AzimuthNoDirector', minutes: [30, 59, 64] },
      { alert: 'AzimuthNoDirector', minutes: [66, 100], fires: [{ job: WHO.job }] },
      { alert: 'AzimuthDirectorGone', minutes: [66, 100] },
    ],
  },
  {
    name: 'a process that stands still most of the time: its probes are left out, those that start are in time',
    series: {
      [named('azimuth_probe_lateness_seconds_count')]: '0+20x60',
      [named('azimuth_probe_lateness_seconds_bucket', { le: '0.25' })]: '0+20x60',
      [named('azimuth_probe_lateness_seconds_bucket', { le: '+Inf' })]: '0+20x60',
      [named('azimuth_probe_slots_missed_total')]: '0x9 0+80x50',
    },
    asked: [
      { alert: 'AzimuthProbesLate', minutes: [9, 15] },
      { alert: 'AzimuthProbesLate', minutes: [30, 50], fires: [WHO] },
    ],
  },
  {
    name: 'a full disk: a drain takes effect and is not in the audit',
    series: { [named('azimuth_orders_refused_total', { code: 'not-recorded' })]: '0x19 1x60' },
    asked: [
      { alert: 'AzimuthStateNotSaved', minutes: [19, 22] },
      { alert: 'AzimuthStateNotSaved', minutes: [27, 33], fires: [WHO] },
      { alert: 'AzimuthStateNotSaved', minutes: [40] },
    ],
  },
  {
    name: 'a prober that is blind: one alert tells of it',
    series: {
      [named('azimuth_prober_blind')]: '0x9 1x60',
      [named('azimuth_findings', { code: 'prober-blind', severity: 'error' })]: '_x9 1x60',
    },
    asked: [
      { alert: 'AzimuthBreakerOpen', minutes: [30], fires: [WHO] },
      { alert: 'AzimuthFindings', minutes: [30, 60] },
    ],
  },
  {
    name: 'a live cluster that was never reached: there is no age, and nothing of an earlier run',
    series: {
      [named('azimuth_cluster_view_state', { cluster: 'ap', state: 'retrying' })]: '1x30',
      [named('azimuth_cluster_view_state', { cluster: 'ap', state: 'watching' })]: '0x30',
      [named('azimuth_cluster_view_from_store', { cluster: 'ap' })]: '0x30',
    },
    asked: [
      { alert: 'AzimuthViewMissing', minutes: [2, 4] },
      { alert: 'AzimuthViewMissing', minutes: [10, 30], fires: [{ ...WHO, cluster: 'ap' }] },
      { alert: 'AzimuthViewStale', minutes: [10, 30] },
    ],
  },
];
