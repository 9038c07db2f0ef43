import { type Static, Type } from 'typebox';
import { capacities } from '../../core/desired/loads.ts';
import type { MonitorId, NamedMonitor } from '../../core/desired/model.ts';
import { causeOf } from '../../core/health/calculated-cause.ts';
import { type ExternalStanding, NEVER_PUSHED } from '../../core/health/external.ts';
import type { GaugeReading } from '../../core/health/external-gauge.ts';
import { UNSEEN } from '../../core/health/judge.ts';
import { NO_LOAD } from '../../core/health/load-standing.ts';
import type { MonitorHealth } from '../../core/health/monitor-health.ts';
import { ALL_BUCKETS } from '../../core/health/slow-start.ts';
import type { Director } from '../../core/ports.ts';
import { TIMESTAMP, timestamp } from '../page.ts';
import { viewWithheld, WITHHELD } from './breaker-view.ts';
import { PROBE_VIEW, viewProbe } from './endpoint-view.ts';

const PUSHED = Type.Object({
  /** `never`: nothing was pushed since the start. `expired`: silence since. */
  freshness: Type.Union([Type.Literal('never'), Type.Literal('fresh'), Type.Literal('expired')]),
  state: Type.Union([Type.String(), Type.Null()]),
  reason: Type.String(),
  /** Whose token it came with. */
  by: Type.String(),
  at: TIMESTAMP,
  expiresAt: TIMESTAMP,
});

const GAUGE = Type.Object({
  /** The last number, as a text where JSON has none (`Infinity`); null where the last question gave none. */
  value: Type.Union([Type.Number(), Type.String(), Type.Null()]),
  at: TIMESTAMP,
  failure: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
});

const LOAD = Type.Object({
  cluster: Type.String(),
  /** `never`: nothing was told since the start. `lost`: nothing is known any more. */
  freshness: Type.Union([Type.Literal('never'), Type.Literal('known'), Type.Literal('lost')]),
  /** As it was told last, in the unit of the capacity. */
  rate: Type.Union([Type.Number(), Type.Null()]),
  /** Null where the cluster has none. */
  capacity: Type.Union([Type.Number(), Type.Null()]),
  /** The fraction (0–1) of its clients that the cluster takes. */
  admits: Type.Number(),
  /** Whose token it came with; empty: it was asked for. */
  by: Type.String(),
  at: TIMESTAMP,
});

/** A named monitor: what it is, what is believed of it, and what that rests on. */
export const MONITOR_VIEW = Type.Object({
  name: Type.String(),
  /** As endpoints have it. */
  id: Type.String(),
  kind: Type.String(),
  state: Type.String(),
  since: TIMESTAMP,
  /** How many of the members must be up, of a calculated one. */
  need: Type.Optional(Type.Integer()),
  members: Type.Optional(Type.Array(Type.Object({ name: Type.String(), state: Type.String() }))),
  /** The monitor that decides, of a calculated one. */
  decidedBy: Type.Optional(Type.String()),
  /** Of a probe, or of the probe that decides. */
  lastProbe: Type.Union([PROBE_VIEW, Type.Null()]),
  /** Of the same probe: what is measured and not believed, because the prober was blind. */
  withheld: Type.Optional(WITHHELD),
  pushed: Type.Optional(PUSHED),
  gauge: Type.Optional(GAUGE),
  load: Type.Optional(LOAD),
});

/** See `MONITOR_VIEW`. */
export type MonitorView = Static<typeof MONITOR_VIEW>;

/** The named monitors as the API shows them, or the one of a name. */
export function viewMonitors(director: Director, name?: string): readonly MonitorView[] {
  const { named = [], calculated, clusters } = director.snapshot().model;
  const health = director.health();
  const pushed = director.pushed();
  const gauges = director.gauges();
  const loads = director.loads();
  const capacityOf = capacities(clusters);
  const believed = (id: MonitorId): MonitorHealth =>
    pushed.get(id)?.health ?? gauges.get(id)?.health ?? loads.get(id)?.health ?? health.get(id) ?? UNSEEN;
  const names = new Map(named.map((one) => [one.id, one.name]));

  const view = (monitor: NamedMonitor): MonitorView => {
    const { id, source } = monitor;
    const cause = causeOf(id, health, calculated);
    const { last, withheld } = health.get(cause) ?? UNSEEN;
    const shown = {
      name: monitor.name,
      id,
      state: believed(id).state,
      since: timestamp(believed(id).since),
      lastProbe: last === undefined ? null : viewProbe(last),
      ...(withheld === undefined ? {} : { withheld: viewWithheld(withheld) }),
    };
    if (source.kind === 'probe') return { ...shown, kind: source.kind };
    if (source.kind === 'external') {
      return { ...shown, kind: source.kind, pushed: viewPushed(pushed.get(id) ?? NEVER_PUSHED) };
    }
    if (source.kind === 'prometheus') {
      return { ...shown, kind: source.kind, gauge: viewGauge(gauges.get(id)?.last) };
    }
    if (source.kind === 'load') {
      const { cluster } = source;
      return { ...shown, kind: source.kind, load: viewLoad(cluster, capacityOf.get(cluster), loads.get(id)) };
    }
    const { kind, need, members } = source.monitor;
    return {
      ...shown,
      kind,
      need,
      members: members.map((member) => ({ name: names.get(member) ?? member, state: believed(member).state })),
      decidedBy: names.get(cause) ?? cause,
    };
  };
  return named.filter((one) => name === undefined || one.name === name).map(view);
}

function viewPushed({ freshness, last }: ExternalStanding): Static<typeof PUSHED> {
  return {
    freshness,
    state: last?.state ?? null,
    reason: last?.reason ?? '',
    by: last?.by ?? '',
    at: timestamp(last?.at ?? 0),
    expiresAt: timestamp(last === undefined ? 0 : last.at + last.expiresMs),
  };
}

function viewLoad(cluster: string, capacity: number | undefined, standing = NO_LOAD): Static<typeof LOAD> {
  const { freshness, last, control } = standing;
  return {
    cluster,
    freshness,
    rate: last?.rate ?? null,
    capacity: capacity ?? null,
    admits: control.share / ALL_BUCKETS,
    by: last?.by ?? '',
    at: timestamp(last?.at ?? 0),
  };
}

function viewGauge(last: GaugeReading | undefined): Static<typeof GAUGE> {
  const at = timestamp(last?.at ?? 0);
  if (last === undefined) return { value: null, at };
  const { outcome } = last;
  if (outcome.kind === 'failure') return { value: null, at, failure: outcome.failure, detail: outcome.detail };
  return { value: Number.isFinite(outcome.value) ? outcome.value : String(outcome.value), at };
}
