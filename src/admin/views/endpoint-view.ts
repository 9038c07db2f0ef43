import { type Static, Type } from 'typebox';
import type { Endpoint, MonitorId } from '../../core/desired/model.ts';
import type { MonitorHealth, ProbeResult } from '../../core/health/monitor-health.ts';
import type { Overrides } from '../../core/health/override.ts';
import type { Director } from '../../core/ports.ts';
import { candidateOf } from '../../core/steering/candidate.ts';
import type { Candidate } from '../../core/steering/decision.ts';
import { TIMESTAMP, timestamp } from '../page.ts';

/** What is believed at this moment. */
export type Beliefs = {
  readonly health: ReadonlyMap<MonitorId, MonitorHealth>;
  readonly overrides: Overrides;
  /** Ms since the epoch. */
  readonly now: number;
};

/** Reads the beliefs of the director once, so that one answer is made of one moment. */
export function beliefsOf(director: Director, now: number): Beliefs {
  return { health: director.health(), overrides: director.overrides(), now };
}

const MEASURED = Type.Union([
  Type.Literal('up'),
  Type.Literal('down'),
  Type.Literal('unseen'),
  Type.Literal('unchecked'),
]);

const PROBE_VIEW = Type.Object({
  at: TIMESTAMP,
  durationMs: Type.Number(),
  outcome: Type.String(),
  failure: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
  certificateDaysLeft: Type.Optional(Type.Integer()),
});

/** One endpoint: `measured` is what the probes say, `effective` what steering goes by; a drain covers the measurement. */
export const ENDPOINT_VIEW = Type.Object({
  cluster: Type.String(),
  gateway: Type.String(),
  address: Type.String(),
  measured: MEASURED,
  effective: Type.Union([MEASURED, Type.Literal('drained')]),
  /** Who drained it: `none`, `annotation` or `override`. */
  drain: Type.String(),
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
export function believedOf(endpoint: Endpoint, { health, overrides, now }: Beliefs): Candidate {
  return candidateOf(endpoint, health, overrides, now);
}

/** An endpoint as the API shows it. */
export function viewEndpoint(endpoint: Endpoint, beliefs: Beliefs): EndpointView {
  const { state, drain, since } = believedOf(endpoint, beliefs);
  const last = beliefs.health.get(endpoint.monitor)?.last;
  return {
    cluster: endpoint.cluster,
    gateway: endpoint.gateway,
    address: endpoint.address,
    measured: state,
    effective: drain === 'none' ? state : 'drained',
    drain,
    ...(endpoint.unready === undefined ? {} : { unready: endpoint.unready.reason }),
    since: timestamp(since),
    weight: endpoint.weight,
    tier: endpoint.tier,
    monitor: endpoint.monitor,
    lastProbe: last === undefined ? null : viewProbe(last),
  };
}

function viewProbe({ at, durationMs, outcome, certificateDaysLeft }: ProbeResult): Static<typeof PROBE_VIEW> {
  return {
    at: timestamp(at),
    durationMs,
    outcome: outcome.kind,
    ...(outcome.kind === 'failure' ? { failure: outcome.failure, detail: outcome.detail } : {}),
    ...(certificateDaysLeft === undefined ? {} : { certificateDaysLeft }),
  };
}

/** How many endpoints are in each measured state, and how many of all are drained. */
export const STATE_COUNTS = Type.Object({
  up: Type.Integer(),
  down: Type.Integer(),
  unseen: Type.Integer(),
  unchecked: Type.Integer(),
  drained: Type.Integer(),
});

/** See `STATE_COUNTS`. */
export type StateCounts = Static<typeof STATE_COUNTS>;

/** Counts of nothing. */
export function noCounts(): StateCounts {
  return { up: 0, down: 0, unseen: 0, unchecked: 0, drained: 0 };
}

/** Adds an endpoint to the counts. */
export function count(into: StateCounts, { state, drain }: Candidate): void {
  into[state] += 1;
  if (drain !== 'none') into.drained += 1;
}
