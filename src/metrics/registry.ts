import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Monitor } from '../core/desired/model.ts';
import type { ProbePhases, ProbeResult } from '../core/health/monitor-health.ts';
import type { Director, DnsCounts, DnsListener, ReadinessItem, ViewAge } from '../core/ports.ts';
import { summarizeGateways } from './gateways.ts';
import { type BuildInfo, isReadMetric, READINGS, type Reading, type ReadMetric } from './readings.ts';
import { BUCKETS, METRICS, type MetricName, type MetricSpec } from './table.ts';
import { summarizeTeams } from './teams.ts';

/** How often the lag of the event loop is looked at, in ms: the library's 10 ms would wake a processor that serves DNS. */
const LAG_RESOLUTION_MS = 500;

/** What the metrics are made of. */
export type MetricsOptions = {
  readonly director: Director;
  readonly views: () => readonly ViewAge[];
  /** Ms since the epoch. */
  readonly now: () => number;
  readonly dnsCounts: () => DnsCounts;
  readonly dnsListeners: () => readonly DnsListener[];
  readonly readiness: () => readonly ReadinessItem[];
  readonly build: BuildInfo;
};

/** The metrics of this process. */
export type Metrics = {
  /** The page in the Prometheus text format 0.0.4. */
  render(): Promise<{ contentType: string; body: string }>;
  /** Counts one probe. */
  onProbe(result: ProbeResult, monitor: Pick<Monitor, 'protocol'>): void;
  /** Counts one new snapshot: how long making it took, and the time from its cause; both in ms. */
  onPublish(publication: { readonly compileMs: number; readonly causeToAnswerMs: number }): void;
};

/** Makes the registry from the table, with the usual metrics of the process and of Node beside ours. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_RESOLUTION_MS });
  const readers = Object.keys(READINGS)
    .filter(isReadMetric)
    .map((name) => createReader(name, registry));
  const probes = new Counter(configuration('azimuth_probe_results_total', registry));
  const probeDuration = createHistogram('azimuth_probe_duration_seconds', registry);
  const probePhases = createHistogram('azimuth_probe_phase_seconds', registry);
  const compileDuration = createHistogram('azimuth_snapshot_compile_duration_seconds', registry);
  const changeToAnswer = createHistogram('azimuth_change_to_answer_seconds', registry);

  return {
    async render() {
      const reading = read(options);
      for (const update of readers) update(reading);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
    onProbe({ outcome, durationMs, phases = {} }, { protocol }) {
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

function read({ director, views, now, dnsCounts, dnsListeners, readiness, build }: MetricsOptions): Reading {
  const snapshot = director.snapshot();
  const health = director.health();
  return {
    build,
    snapshot,
    health,
    numbers: director.gauges(),
    overrides: director.overrides(),
    breaker: director.breaker(),
    findings: director.findings(),
    readiness: readiness(),
    views: views(),
    now: now(),
    dns: dnsCounts(),
    listeners: dnsListeners(),
    gateways: summarizeGateways(snapshot, health),
    teams: summarizeTeams(snapshot),
  };
}

/** A metric that holds what the last reading says: series that are gone from it are gone from the page. */
function createReader(name: ReadMetric, registry: Registry): (reading: Reading) => void {
  const spec = configuration(name, registry);
  const metric = METRICS[name].kind === 'counter' ? new Counter(spec) : new Gauge(spec);
  return (reading) => {
    metric.reset();
    for (const { labels, value } of READINGS[name](reading)) metric.inc(labels, value);
  };
}

function createHistogram(name: MetricName, registry: Registry): Histogram {
  return new Histogram({ ...configuration(name, registry), buckets: [...BUCKETS] });
}

function configuration(name: MetricName, registry: Registry) {
  const { help, labels }: MetricSpec = METRICS[name];
  return { name, help, labelNames: [...labels], registers: [registry] };
}
