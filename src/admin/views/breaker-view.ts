import { type Static, Type } from 'typebox';
import type { BreakerView } from '../../core/health/breaker-terms.ts';
import type { MonitorHealth } from '../../core/health/monitor-health.ts';
import { TIMESTAMP, timestamp } from '../page.ts';

const CONTROL = Type.Object({
  target: Type.String(),
  state: Type.Union([Type.Literal('unseen'), Type.Literal('good'), Type.Literal('doubtful'), Type.Literal('failing')]),
  /** Of the last result; absent where that was good, or where there is none. */
  failure: Type.Optional(Type.String()),
});

/** What is measured of a monitor and does not take effect, because the prober was not believed. */
export const WITHHELD = Type.Object({ state: Type.String(), since: TIMESTAMP });

/** See `WITHHELD`. */
export function viewWithheld({ state, since }: MonitorHealth): Static<typeof WITHHELD> {
  return { state, since: timestamp(since) };
}

/** Whether the prober is believed. While it is `blind`, no measurement takes an endpoint out of the answers. */
export const BREAKER_VIEW = Type.Object({
  state: Type.Union([Type.Literal('trusting'), Type.Literal('blind')]),
  /** Why it is blind: `mass-flip` or `controls`. */
  cause: Type.Optional(Type.Union([Type.Literal('mass-flip'), Type.Literal('controls')])),
  since: TIMESTAMP,
  /** When what is measured is believed at the latest. */
  until: TIMESTAMP,
  /** Monitors that are measured down and believed to be what they were. */
  withheld: Type.Integer(),
  controls: Type.Array(CONTROL),
});

/** The breaker as the API shows it; `now` in ms since the epoch. */
export function viewBreaker(breaker: BreakerView, now: number): Static<typeof BREAKER_VIEW> {
  const { state, withheld } = breaker;
  const controls = breaker.controls.map(({ target, state, last }) => ({
    target,
    state,
    ...(last?.outcome.kind === 'failure' ? { failure: last.outcome.failure } : {}),
  }));
  if (state === 'trusting') return { state, since: null, until: null, withheld, controls };
  const { cause, forMs, leftMs } = breaker;
  return { state, cause, since: timestamp(now - forMs), until: timestamp(now + leftMs), withheld, controls };
}
