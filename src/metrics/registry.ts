import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Monitor } from '../core/desired/model.ts';
import type { DnsCounts, DnsListener } from '../core/dns-ports.ts';
import type { StateChange } from '../core/health/health-book.ts';
import type { ProbePhases, ProbeResult } from '../core/health/monitor-health.ts';
import type { QueryMix } from '../core/plan/query-mix.ts';
import type { ClusterView, Director, ReadinessItem, ViewAge } from '../core/ports.ts';
import { type CertificateEnds, createCertificateEnds } from './certificate-ends.ts';
import { LAG_BUCKETS, watchEventLoop } from './event-loop-lag.ts';
import { createExpectation, type Expectation } from './expected.ts';
import { createFlips, type Flips } from './flips.ts';
import { summarizeGateways } from './gateways.ts';
import { probePage } from './probe-page.ts';
import type { BuildInfo, Reading } from './reading.ts';
import { isReadMetric, READINGS, type ReadMetric } from './readings.ts';
import { summarizeService } from './service.ts';
import { BUCKETS, DNS_BUCKETS, METRICS, type MetricName, type MetricSpec } from './table.ts';
import { summarizeTeams } from './teams.ts';

/**
 * Of the library's own metrics those that are not kept: its lags have the period of their timer in them and begin anew with each
 * scrape, whoever scrapes; its totals are no counters.
 */
const NOT_KEPT = /^nodejs_(?:eventloop_lag_.*|active_.*_total)$/;
/** How often the library looks at the event loop, in ms: as good as never. */
const NEVER_MS = 2 ** 31 - 1;

/** Refusals that guard the answers against their operators. */
const GUARDS = ['drain-leaves-none', 'safety-min-clusters', 'safety-max-moved', 'safety-max-drills', 'safety-blackout'];

/** Refusals that alerts count: a disk that takes nothing, and callers who are not known. */
const ALERTED_REFUSALS = ['not-saved', 'not-recorded', 'token-wrong', 'certificate-unknown', 'rate-limited'];

/** What the metrics are made of. */
export type MetricsOptions = {
  readonly director: Director;
  readonly views: () => readonly ViewAge[];
  /** How the live clusters are watched. */
  readonly clusterViews: () => readonly ClusterView[];
  /** What is asked, and from where; reading it costs a walk over all hostnames. */
  readonly queryMix: () => QueryMix;
  /** Ms since the epoch. */
  readonly now: () => number;
  readonly dnsCounts: () => DnsCounts;
  readonly dnsListeners: () => readonly DnsListener[];
  /** Datagrams that the system dropped before us, by the listener's label; those of which it is known. Never rejects. */
  readonly queueDrops: () => Promise<ReadonlyMap<string, number>>;
  readonly readiness: () => readonly ReadinessItem[];
  readonly build: BuildInfo;
};

/** A page in the Prometheus text format 0.0.4. */
type Page = { contentType: string; body: string };

/** What came of a question of ours to one of our own DNS listeners. */
export type SelfCheck = { readonly listener: string; readonly result: 'ok' | 'failed'; readonly durationMs: number };

/** The metrics of this process. */
export type Metrics = {
  /** All but what probes found. */
  render(): Promise<Page>;
  /** The last probe of each monitor, as the blackbox exporter names what it found. */
  renderProbes(): Promise<Page>;
  /** Counts one probe. */
  onProbe(result: ProbeResult, monitor: Pick<Monitor, 'protocol'>): void;
  /** Forgets what probes of other monitors saw. */
  onWatch(monitors: readonly Monitor[]): void;
  /** Counts one new snapshot: how long making it took, and the time from its cause; both in ms. */
  onPublish(publication: { readonly compileMs: number; readonly causeToAnswerMs: number }): void;
  /** Counts one change of what is believed of a monitor. */
  onStateChange(change: StateChange): void;
  /** Counts how late one probe started, in ms. */
  onProbeStart(lateMs: number): void;
  /** Counts probes that were left out. */
  onSlotsMissed(slots: number): void;
  onSelfCheck(check: SelfCheck): void;
  /** Begins to measure how late timers are; returns what ends it. */
  watchEventLoop(): () => void;
  /** Counts one order that was refused, by the code of the refusal. */
  onRefusal(code: string): void;
};

/** Makes the registry from the table, with the usual metrics of the process and of Node beside ours. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const readers = Object.keys(READINGS)
    .filter(isReadMetric)
    .map((name) => createReader(name, registry));
  const probes = new Counter(configuration('azimuth_probe_results_total', registry));
  const probeDuration = createHistogram('azimuth_probe_duration_seconds', registry);
  const probePhases = createHistogram('azimuth_probe_phase_seconds', registry);
  const lateness = createHistogram('azimuth_probe_lateness_seconds', registry);
  const missedSlots = new Counter(configuration('azimuth_probe_slots_missed_total', registry));
  const selfChecks = new Counter(configuration('azimuth_dns_self_checks_total', registry));
  const selfCheckDuration = createHistogram('azimuth_dns_self_check_duration_seconds', registry, DNS_BUCKETS);
  const loopLag = createHistogram('azimuth_event_loop_lag_seconds', registry, LAG_BUCKETS);
  const refusals = new Counter(configuration('azimuth_orders_refused_total', registry));
  // What has no series yet cannot be seen to grow.
  for (const code of [...GUARDS, ...ALERTED_REFUSALS]) refusals.inc({ code }, 0);
  const compileDuration = createHistogram('azimuth_snapshot_compile_duration_seconds', registry);
  const changeToAnswer = createHistogram('azimuth_change_to_answer_seconds', registry);
  const flips = createFlips(() => options.director.snapshot().model);
  const expectation = createExpectation(options.queryMix, options.now);
  const certificates = createCertificateEnds();

  return {
    async render() {
      const queueDrops = await options.queueDrops();
      const reading = { ...read(options, { flips, expectation, certificates }), queueDrops };
      for (const update of readers) update(reading);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
    renderProbes: () => probePage(probeWorldOf(options.director)),
    onStateChange: (change) => flips.take(change),
    onProbeStart: (lateMs) => lateness.observe(lateMs / 1000),
    onSlotsMissed: (slots) => missedSlots.inc(slots),
    onWatch: (monitors) => certificates.keep(monitors),
    onSelfCheck({ listener, result, durationMs }) {
      selfChecks.inc({ listener, result });
      // What has no series yet cannot be seen to grow.
      selfChecks.inc({ listener, result: result === 'ok' ? 'failed' : 'ok' }, 0);
      if (result === 'ok') selfCheckDuration.observe({ listener }, durationMs / 1000);
    },
    watchEventLoop: () => watchEventLoop((ms) => loopLag.observe(ms / 1000)),
    onRefusal: (code) => refusals.inc({ code }),
    onProbe(result, { protocol }) {
      const { outcome, durationMs, phases = {} } = result;
      certificates.take(result);
      probes.inc({ protocol, result: outcome.kind === 'success' ? 'success' : outcome.failure });
      probeDuration.observe({ protocol }, durationMs / 1000);
      for (const [phase, ms] of phaseTimes(phases)) {
        if (ms !== undefined) probePhases.observe({ protocol, phase }, ms / 1000);
      }
    },
    onPublish({ compileMs, causeToAnswerMs }) {
      compileDuration.observe(compileMs / 1000);
      changeToAnswer.observe(causeToAnswerMs / 1000);
    },
  };
}

function phaseTimes({
  connectMs,
  tlsMs,
  firstByteMs,
}: ProbePhases): readonly (readonly [string, number | undefined])[] {
  return [
    ['connect', connectMs],
    ['tls', tlsMs],
    ['first_byte', firstByteMs],
  ];
}

function probeWorldOf(director: Director) {
  return { monitors: director.snapshot().model.monitors, health: director.health() };
}

/** What goes on from scrape to scrape. */
type Kept = { readonly flips: Flips; readonly expectation: Expectation; readonly certificates: CertificateEnds };

function read(options: MetricsOptions, { flips, expectation, certificates }: Kept): Omit<Reading, 'queueDrops'> {
  const { director, views, now, dnsCounts, dnsListeners, readiness, build } = options;
  const snapshot = director.snapshot();
  const health = director.health();
  return {
    build,
    snapshot,
    health,
    numbers: director.gauges(),
    overrides: director.overrides(),
    breaker: director.breaker(),
    rollouts: director.rollouts.list(),
    drills: director.drills.list(),
    findings: director.findings(),
    readiness: readiness(),
    views: views(),
    clusterViews: options.clusterViews(),
    now: now(),
    dns: dnsCounts(),
    listeners: dnsListeners(),
    gateways: summarizeGateways(snapshot, certificates.read()),
    teams: summarizeTeams(snapshot),
    service: summarizeService(snapshot),
    flips: flips.read(),
    expected: expectation(snapshot),
  };
}

function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const { name } of registry.getMetricsAsArray()) if (NOT_KEPT.test(name)) registry.removeSingleMetric(name);
}

/** A metric that holds what the last reading says: series that are gone from it are gone from the page. */
function createReader(name: ReadMetric, registry: Registry): (reading: Reading) => void {
  const spec = configuration(name, registry);
  const metric = METRICS[name].kind === 'counter' ? new Counter(spec) : new Gauge(spec);
  return (reading) => {
    metric.reset();
    const all = READINGS[name](reading);
    // The library makes 0 of a metric without labels that says nothing.
    if (all.length === 0 && METRICS[name].labels.length === 0) metric.remove();
    for (const { labels, value } of all) metric.inc(labels, value);
  };
}

function createHistogram(name: MetricName, registry: Registry, buckets = BUCKETS): Histogram {
  return new Histogram({ ...configuration(name, registry), buckets: [...buckets] });
}

function configuration(name: MetricName, registry: Registry) {
  const { help, labels }: MetricSpec = METRICS[name];
  return { name, help, labelNames: [...labels], registers: [registry] };
}
