import { type Static, Type } from 'typebox';
import type { CalculatedMonitor, Endpoint, MonitorId } from '../../core/desired/model.ts';
import { causeOf } from '../../core/health/calculated-cause.ts';
import { UNSEEN } from '../../core/health/judge.ts';
import type { MonitorHealth, ProbeResult } from '../../core/health/monitor-health.ts';
import { shedding } from '../../core/health/shedding.ts';
import { ALL_BUCKETS } from '../../core/health/slow-start.ts';
import type { Overrides } from '../../core/orders/override.ts';
import type { Director } from '../../core/ports.ts';
import { candidateOf, measuredState } from '../../core/steering/candidate.ts';
import type { Candidate } from '../../core/steering/decision.ts';
import { TIMESTAMP, timestamp } from '../page.ts';
import { viewWithheld, WITHHELD } from './breaker-view.ts';

/** What is believed at this moment. */
export type Beliefs = {
  readonly health: ReadonlyMap<MonitorId, MonitorHealth>;
  /** The model's list. */
  readonly calculated?: readonly CalculatedMonitor[] | undefined;
  readonly overrides: Overrides;
  /** Ms since the epoch. */
  readonly now: number;
};

/** Reads the beliefs of the director once, so that one answer is made of one moment. */
export function beliefsOf(director: Director, now: number): Beliefs {
  const { calculated } = director.snapshot().model;
  return { health: director.health(), calculated, overrides: director.overrides(), now };
}

const MEASURED = Type.Union([
  Type.Literal('up'),
  Type.Literal('degraded'),
  Type.Literal('held'),
  Type.Literal('down'),
  Type.Literal('unseen'),
  Type.Literal('unchecked'),
]);

/** One probe. */
export const PROBE_VIEW = Type.Object({
  at: TIMESTAMP,
  durationMs: Type.Number(),
  outcome: Type.String(),
  failure: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
  certificateDaysLeft: Type.Optional(Type.Integer()),
  /** Of the phases that came to their end, in ms. */
  phases: Type.Optional(
    Type.Object({
      connectMs: Type.Optional(Type.Number()),
      tlsMs: Type.Optional(Type.Number()),
      firstByteMs: Type.Optional(Type.Number()),
    }),
  ),
});

/** One endpoint: `measured` is what the probes say, `effective` what steering goes by; a drain covers the measurement. */
export const ENDPOINT_VIEW = Type.Object({
  cluster: Type.String(),
  gateway: Type.String(),
  address: Type.String(),
  measured: MEASURED,
  /** Why it is held or degraded, or still up (`failover-delay`). */
  reason: Type.Optional(Type.String()),
  /** `stale`: no probe result for several intervals; the state is what was believed then. */
  freshness: Type.Union([Type.Literal('fresh'), Type.Literal('stale')]),
  /** `idle`: it is probed less often, because nobody asks for its hostnames. */
  pace: Type.Union([Type.Literal('own'), Type.Literal('idle')]),
  /** What is measured instead and does not take effect, because the prober is not believed. */
  withheld: Type.Optional(WITHHELD),
  /** The fraction (0–1) of its clients that it gets; below 1 while it starts slowly or its cluster is over capacity. */
  admits: Type.Number(),
  /** The level, 1–7, of how long it has stood still; absent: 0, or no hostname's TTL rises with it. */
  stillness: Type.Optional(Type.Integer()),
  /** How many of its clients it sheds because its cluster is over capacity, and why. */
  sheds: Type.Optional(Type.String()),
  effective: Type.Union([MEASURED, Type.Literal('drained')]),
  /** Who drained it: `none`, `annotation` or `override`. */
  drain: Type.String(),
  /** The names of the orders that are about it, the newest first. */
  orders: Type.Optional(Type.Array(Type.String())),
  /** What the objects say, where the weight is that of an order. */
  writtenWeight: Type.Optional(Type.Integer()),
  /** Why it is not ready, where a required condition is not met. */
  unready: Type.Optional(Type.String()),
  since: TIMESTAMP,
  weight: Type.Integer(),
  tier: Type.Integer(),
  monitor: Type.String(),
  lastProbe: Type.Union([PROBE_VIEW, Type.Null()]),
});

/** See `ENDPOINT_VIEW`. */
export type EndpointView = Static<typeof ENDPOINT_VIEW>;

/** What steering would read of an endpoint at this moment. */
export function believedOf(endpoint: Endpoint, { health, now }: Beliefs): Candidate {
  return candidateOf(endpoint, health, now);
}

/** An endpoint as the API shows it. */
export function viewEndpoint(endpoint: Endpoint, beliefs: Beliefs): EndpointView {
  const { state, drain, since, admits, stillness } = believedOf(endpoint, beliefs);
  const { reason } = beliefs.health.get(endpoint.monitor) ?? UNSEEN;
  const sheds = shedding(endpoint, beliefs.health);
  const { last, freshness, pace, withheld } = measuredOf(endpoint, beliefs);
  return {
    cluster: endpoint.cluster,
    gateway: endpoint.gateway,
    address: endpoint.address,
    measured: measuredState(endpoint, beliefs.health),
    ...(reason === undefined ? {} : { reason }),
    freshness: freshness ?? 'fresh',
    pace: pace ?? 'own',
    ...(withheld === undefined ? {} : { withheld: viewWithheld(withheld) }),
    admits: admits / ALL_BUCKETS,
    ...(stillness === 0 ? {} : { stillness }),
    ...(sheds === undefined ? {} : { sheds }),
    effective: drain === 'none' ? state : 'drained',
    drain,
    ...viewOrder(endpoint),
    ...(endpoint.unready === undefined ? {} : { unready: endpoint.unready.reason }),
    since: timestamp(since),
    weight: endpoint.weight,
    tier: endpoint.tier,
    monitor: endpoint.monitor,
    lastProbe: last === undefined ? null : viewProbe(last),
  };
}

function viewOrder({ order }: Endpoint): Pick<EndpointView, 'orders' | 'writtenWeight'> {
  if (order === undefined) return {};
  const { by, writtenWeight } = order;
  return { orders: [...by], ...(writtenWeight === undefined ? {} : { writtenWeight }) };
}

/** What is measured by itself: the endpoint's own monitor, or the one that decides where it is made of several. */
function measuredOf({ monitor }: Endpoint, { health, calculated }: Beliefs): MonitorHealth {
  return health.get(causeOf(monitor, health, calculated)) ?? UNSEEN;
}

/** A probe as the API shows it. */
export function viewProbe({
  at,
  durationMs,
  outcome,
  certificateDaysLeft,
  phases,
}: ProbeResult): Static<typeof PROBE_VIEW> {
  return {
    at: timestamp(at),
    durationMs,
    outcome: outcome.kind,
    ...(outcome.kind === 'failure' ? { failure: outcome.failure, detail: outcome.detail } : {}),
    ...(certificateDaysLeft === undefined ? {} : { certificateDaysLeft }),
    ...(phases === undefined ? {} : { phases }),
  };
}

/** How many endpoints are in each measured state, and how many of all are drained. */
export const STATE_COUNTS = Type.Object({
  up: Type.Integer(),
  degraded: Type.Integer(),
  held: Type.Integer(),
  down: Type.Integer(),
  unseen: Type.Integer(),
  unchecked: Type.Integer(),
  drained: Type.Integer(),
});

/** See `STATE_COUNTS`. */
export type StateCounts = Static<typeof STATE_COUNTS>;

/** Counts of nothing. */
export function noCounts(): StateCounts {
  return { up: 0, degraded: 0, held: 0, down: 0, unseen: 0, unchecked: 0, drained: 0 };
}

/** Adds an endpoint to the counts. */
export function count(into: StateCounts, { state, drain }: Candidate): void {
  into[state] += 1;
  if (drain !== 'none') into.drained += 1;
}
