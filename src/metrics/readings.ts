import { FINDINGS } from '../core/desired/finding.ts';
import type { DnsWorkerState } from '../core/dns-ports.ts';
import type { ControlState } from '../core/health/breaker-controls.ts';
import { MONITOR_STATES, type MonitorHealth } from '../core/health/monitor-health.ts';
import { ALL_BUCKETS } from '../core/health/slow-start.ts';
import { UNSEEN } from '../core/health/told.ts';
import { isClusterDrained } from '../core/orders/override.ts';
import { ROLLOUT_STATES } from '../core/rollout/rollout.ts';
import { HOSTNAME_STATES } from '../core/steering/hostname-state.ts';
import { ORDER_READINGS } from './order-readings.ts';
import { targetsOf } from './probe-targets.ts';
import { PROCESS_LIMITS } from './process-limits.ts';
import { bool, type Reading, type Series, series } from './reading.ts';
import { SERVICE_READINGS } from './service-readings.ts';
import type { MetricName } from './table.ts';

/** Metrics that grow by events; all others are read at each scrape. */
type EventMetric =
  | 'azimuth_probe_results_total'
  | 'azimuth_probe_duration_seconds'
  | 'azimuth_probe_phase_seconds'
  | 'azimuth_probe_lateness_seconds'
  | 'azimuth_probe_slots_missed_total'
  | 'azimuth_event_loop_lag_seconds'
  | 'azimuth_dns_self_check_duration_seconds'
  | 'azimuth_dns_self_checks_total'
  | 'azimuth_orders_refused_total'
  | 'azimuth_snapshot_compile_duration_seconds'
  | 'azimuth_change_to_answer_seconds';

/** Metrics that are read at each scrape. */
export type ReadMetric = Exclude<MetricName, EventMetric>;

/** The beginning of the codes of findings on drift. */
const DRIFT = 'drift-';
const CONTROL_STATES = ['good', 'doubtful', 'failing', 'unseen'] as const satisfies readonly ControlState[];
const WORKER_STATES = ['starting', 'running', 'restarting', 'failed'] as const satisfies readonly DnsWorkerState[];

/** How each metric comes out of a reading. The type makes sure that none of the table is left out. */
export const READINGS: Readonly<Record<ReadMetric, (from: Reading) => Series[]>> = {
  azimuth_build_info: ({ build }) => [
    series(1, { version: build.version, engine: build.engine, runtime: `node ${process.versions.node}` }),
  ],
  azimuth_processors: () => [series(PROCESS_LIMITS.processors)],
  azimuth_memory_limit_bytes: () => [series(PROCESS_LIMITS.memory)],
  azimuth_ready: ({ readiness }) => readiness.map(({ name, state }) => series(bool(state === 'ready'), { item: name })),
  azimuth_dns_queries_total: ({ dns }) =>
    dns.queries.map(({ transport, type, count }) => series(count, { transport, type })),
  azimuth_dns_responses_total: ({ dns }) =>
    dns.responses.map(({ transport, rcode, count }) => series(count, { transport, rcode })),
  azimuth_dns_zone_answers_total: ({ dns }) =>
    dns.zones.map(({ zone, rcode, count }) => series(count, { zone, rcode })),
  azimuth_dns_type_responses_total: ({ dns }) =>
    dns.types.map(({ type, rcode, count }) => series(count, { type, rcode })),
  azimuth_dns_cluster_answers_total: ({ dns }) => dns.clusters.map(({ cluster, count }) => series(count, { cluster })),
  azimuth_dns_exceptional_answers_total: ({ dns }) =>
    dns.exceptional.map(({ reason, count }) => series(count, { reason })),
  azimuth_dns_truncated_total: ({ dns }) => [series(dns.truncated)],
  azimuth_dns_dropped_total: ({ dns }) => dns.dropped.map(({ reason, count }) => series(count, { reason })),
  azimuth_dns_receive_queue_drops_total: ({ queueDrops }) =>
    [...queueDrops].map(([listener, count]) => series(count, { listener })),
  azimuth_dns_tcp_connections: ({ dns }) => [series(dns.tcp.open)],
  azimuth_dns_tcp_accepted_total: ({ dns }) => [series(dns.tcp.accepted)],
  azimuth_dns_tcp_closed_total: ({ dns }) => dns.tcp.closed.map(({ reason, count }) => series(count, { reason })),
  azimuth_dns_workers: ({ listeners }) =>
    WORKER_STATES.map((state) =>
      series(
        listeners.reduce((sum, { workers }) => sum + workers[state], 0),
        { state },
      ),
    ),
  azimuth_dns_worker_restarts_total: ({ listeners }) => [
    series(listeners.reduce((sum, { restarts }) => sum + restarts, 0)),
  ],
  // One series for all addresses: what is read twice is added up.
  azimuth_dns_socket_errors_total: ({ listeners }) =>
    listeners.flatMap(({ socketErrors }) =>
      socketErrors.map(({ call, error, count }) => series(count, { call, error })),
    ),
  azimuth_probe_certificate_expiry_seconds: ({ gateways, now }) =>
    gateways.flatMap(({ cluster, gateway, certificateEndsAt: endsAt }) =>
      endsAt === undefined ? [] : [series((endsAt - now) / 1000, { cluster, gateway })],
    ),
  azimuth_probe_targets_left_out: ({ snapshot }) => [series(targetsOf(snapshot.model.monitors).leftOut)],
  azimuth_monitors: monitorStates,
  azimuth_prober_blind: ({ breaker }) => [series(bool(breaker.state === 'blind'))],
  azimuth_withheld_verdicts: ({ breaker }) => [series(breaker.withheld)],
  azimuth_control_targets: ({ breaker }) =>
    CONTROL_STATES.map((wanted) => {
      return series(breaker.controls.filter(({ state }) => state === wanted).length, { state: wanted });
    }),
  azimuth_stale_monitors: (from) => monitorsThat(from, ({ freshness }) => freshness === 'stale'),
  azimuth_idle_monitors: (from) => monitorsThat(from, ({ pace }) => pace === 'idle'),
  azimuth_named_monitor_state: namedStates,
  azimuth_named_monitor_value: namedValues,
  azimuth_cluster_load_ratio: (from) =>
    loads(from).flatMap(({ cluster, health: { load } }) =>
      load === undefined ? [] : [series(load.rate / load.capacity, { cluster })],
    ),
  azimuth_cluster_admitted_ratio: (from) =>
    loads(from).map(({ cluster, health: { admits = ALL_BUCKETS } }) => series(admits / ALL_BUCKETS, { cluster })),
  azimuth_rollout_state: ({ rollouts }) =>
    rollouts.flatMap(({ rollout: { spec, state: is } }) =>
      ROLLOUT_STATES.map((state) => series(bool(state === is), { rollout: spec.name, state })),
    ),
  azimuth_rollout_moved_ratio: ({ rollouts }) =>
    rollouts.map(({ rollout, percent }) => series(percent / 100, { rollout: rollout.spec.name })),
  ...ORDER_READINGS,
  azimuth_gateway_endpoints: ({ gateways }) =>
    gateways.flatMap(({ cluster, gateway, states }) =>
      Object.entries(states).map(([state, count]) => series(count, { cluster, gateway, state })),
    ),
  azimuth_gateway_drained_endpoints: ({ gateways }) =>
    gateways.map(({ cluster, gateway, drained }) => series(drained, { cluster, gateway })),
  azimuth_cluster_drained: ({ snapshot, overrides, now }) =>
    snapshot.model.clusters.map(({ name }) => {
      return series(bool(isClusterDrained(overrides, name, now)), { cluster: name });
    }),
  azimuth_cluster_view_age_seconds: ({ views, now }) =>
    views.flatMap(({ cluster, asOf }) =>
      // The wall clock may have been set back meanwhile.
      asOf === undefined ? [] : [series(Math.max(0, (now - asOf) / 1000), { cluster })],
    ),
  azimuth_cluster_view_from_store: ({ views }) =>
    views.map(({ cluster, origin }) => series(bool(origin === 'store'), { cluster })),
  azimuth_findings: findingCounts,
  azimuth_drift: driftCounts,
  azimuth_team_hostnames: ({ teams }) =>
    teams.flatMap(({ team, states }) => HOSTNAME_STATES.map((state) => series(states[state], { team, state }))),
  ...SERVICE_READINGS,
  azimuth_zones: ({ snapshot }) => [series(snapshot.model.zones.length)],
  azimuth_hostnames: ({ snapshot }) => [series(snapshot.model.hostnames.length)],
  azimuth_snapshot_version: ({ snapshot }) => [series(snapshot.version)],
  azimuth_zone_serial: ({ snapshot }) => [series(snapshot.serial)],
  azimuth_place_database_info: ({ snapshot }) => [series(1, { source: snapshot.places.source })],
  azimuth_place_database_build_timestamp_seconds: ({ snapshot }) =>
    snapshot.places.builtAt > 0 ? [series(snapshot.places.builtAt / 1000, { source: snapshot.places.source })] : [],
};

/** Whether a name is one of them. */
export function isReadMetric(name: string): name is ReadMetric {
  return Object.hasOwn(READINGS, name);
}

function monitorStates({ snapshot, health }: Reading): Series[] {
  const counts = new Map<string, Record<MonitorHealth['state'], number>>();
  for (const { id, protocol } of snapshot.model.monitors) {
    const ofProtocol = counts.get(protocol) ?? { up: 0, degraded: 0, held: 0, down: 0, unseen: 0 };
    counts.set(protocol, ofProtocol);
    ofProtocol[health.get(id)?.state ?? 'unseen'] += 1;
  }
  return [...counts].flatMap(([protocol, states]) =>
    Object.entries(states).map(([state, count]) => series(count, { protocol, state })),
  );
}

/** How many of each protocol are so; protocols have a series even where none is. */
function monitorsThat({ snapshot, health }: Reading, isSo: (health: MonitorHealth) => boolean): Series[] {
  const counts = new Map<string, number>();
  for (const { id, protocol } of snapshot.model.monitors) {
    const one = isSo(health.get(id) ?? UNSEEN) ? 1 : 0;
    counts.set(protocol, (counts.get(protocol) ?? 0) + one);
  }
  return [...counts].map(([protocol, count]) => series(count, { protocol }));
}

function namedStates({ snapshot, health }: Reading): Series[] {
  return (snapshot.model.named ?? []).flatMap(({ name, id, source }) => {
    // A load makes nothing up or down.
    if (source.kind === 'load') return [];
    const is = health.get(id)?.state ?? 'unseen';
    return MONITOR_STATES.map((state) => series(bool(state === is), { monitor: name, state }));
  });
}

function namedValues({ snapshot, numbers }: Reading): Series[] {
  return (snapshot.model.named ?? []).flatMap(({ name, id }) => {
    const outcome = numbers.get(id)?.last?.outcome;
    return outcome?.kind === 'value' ? [series(outcome.value, { monitor: name })] : [];
  });
}

/** The clusters of which a monitor tells the load. */
function loads({ snapshot, health }: Reading) {
  return (snapshot.model.named ?? []).flatMap(({ id, source }) =>
    source.kind === 'load' ? [{ cluster: source.cluster, health: health.get(id) ?? UNSEEN }] : [],
  );
}

function findingCounts({ findings }: Reading): Series[] {
  const counts = new Map<string, { code: string; severity: string; count: number }>();
  for (const { code, severity } of findings) {
    const known = counts.get(code) ?? { code, severity, count: 0 };
    known.count += 1;
    counts.set(code, known);
  }
  return [...counts.values()].map(({ code, severity, count }) => series(count, { code, severity }));
}

/** Kinds of drift have a series even where there is none: the codes of the table are all there are. */
const DRIFT_KINDS = Object.keys(FINDINGS).filter((code) => code.startsWith(DRIFT));

function driftCounts({ findings }: Reading): Series[] {
  return DRIFT_KINDS.map((code) => {
    const count = findings.filter((finding) => finding.code === code).length;
    return series(count, { kind: code.slice(DRIFT.length) });
  });
}
