/**
 * Whether a monitor is in service: what is made of its verdict (`streak.ts`) and of time.
 *
 *     unseen ── verdict up ─────────────────────────────► serving ◄─────────────────────┐
 *        │                                                 │   ▲                        │
 *        │                          verdict down, with a   │   │ verdict up             │ hold over,
 *        │                          failover delay         ▼   │                        │ or released
 *        │                                               failing                        │
 *        │                                                 │ delay over            ┌── held
 *        │                                                 ▼                       │    ▲
 *        └── verdict down ───────────────────────────────► down ◄─ verdict down ───┘    │
 *                        (from serving, too,               │                            │
 *                         without a delay)                 └── verdict up, with a hold ─┘
 *
 * `serving` and `failing` are answered, `failing` as if nothing was. Without a hold one comes from `down` to `serving` at
 * once. A hold that is over waits for a moment at which nothing speaks against the verdict and results are fresh: what
 * nobody looked at does not come back by itself.
 */
import type { Monitor } from '../desired/model.ts';
import { calmed, type Flaps, fallen, NO_FLAPS } from './damping.ts';
import { holdOf } from './failback.ts';
import type { StateReason } from './monitor-health.ts';
import type { Streak } from './streak.ts';

/** How it stands. Times in steady ms; `until` is Infinity where an operator is waited for. */
export type Standing =
  | { readonly kind: 'unseen' | 'serving' | 'down' }
  | { readonly kind: 'failing'; readonly until: number }
  | { readonly kind: 'held'; readonly until: number; readonly why: StateReason };

/** In service or not, and what is remembered with it. */
export type Service = {
  readonly standing: Standing;
  readonly flaps: Flaps;
  /** When the slow start began, in steady ms; undefined where there is none. */
  readonly rampSince: number | undefined;
};

/** What the next step is made of. */
export type ServiceInput = {
  readonly streak: Streak;
  readonly freshness: 'fresh' | 'stale';
  readonly monitor: Monitor;
  /** Steady ms. */
  readonly now: number;
};

const UNSEEN_YET: Standing = Object.freeze({ kind: 'unseen' });
const SERVING: Standing = Object.freeze({ kind: 'serving' });
const DOWN: Standing = Object.freeze({ kind: 'down' });

/** Nobody looked yet. */
export const NO_SERVICE: Service = Object.freeze({
  standing: UNSEEN_YET,
  flaps: NO_FLAPS,
  rampSince: undefined,
});

/** Where verdict and time lead from here: at most one arrow of the chart, or `before` itself. */
export function served(before: Service, input: ServiceInput): Service {
  const { standing } = before;
  const { streak, monitor, now } = input;
  const { verdict } = streak;
  switch (standing.kind) {
    case 'unseen':
      if (verdict === 'unseen') return before;
      return verdict === 'up' ? entered(before, now, 'none') : { ...before, standing: DOWN };
    case 'serving': {
      if (verdict !== 'down') return before;
      const delayMs = monitor.judgement?.failoverDelayMs ?? 0;
      return delayMs > 0 ? { ...before, standing: { kind: 'failing', until: now + delayMs } } : felled(before, input);
    }
    case 'failing':
      if (verdict === 'up') return { ...before, standing: SERVING };
      return now >= standing.until ? felled(before, input) : before;
    case 'down':
      return verdict === 'up' ? recovered(before, input) : before;
    case 'held': {
      if (verdict === 'down') return felled(before, input);
      const isOver = now >= standing.until && streak.contrary === 0 && input.freshness === 'fresh';
      return isOver ? released(before, monitor, now) : before;
    }
    default:
      return standing satisfies never;
  }
}

/** Puts one that is held into service; `before` itself where it is not held. */
export function released(before: Service, { judgement }: Monitor, now: number): Service {
  if (before.standing.kind !== 'held') return before;
  return entered(before, now, (judgement?.slowStartMs ?? 0) > 0 ? 'ramp' : 'none');
}

/** When time alone leads on, in steady ms; Infinity where it does not. */
export function serviceDueAt({ standing }: Service, streak: Streak, freshness: ServiceInput['freshness']): number {
  if (standing.kind === 'failing') return standing.until;
  if (standing.kind !== 'held' || streak.contrary > 0 || freshness === 'stale') return Number.POSITIVE_INFINITY;
  return standing.until;
}

function entered({ flaps }: Service, now: number, start: 'ramp' | 'none'): Service {
  return { standing: SERVING, flaps: calmed(flaps, now), rampSince: start === 'ramp' ? now : undefined };
}

function felled({ flaps }: Service, { monitor, now }: ServiceInput): Service {
  const longestMs = monitor.judgement?.flapDampingMs ?? 0;
  return { standing: DOWN, flaps: fallen(flaps, longestMs, now), rampSince: undefined };
}

function recovered(before: Service, { monitor, now }: ServiceInput): Service {
  const { ms, why } = holdOf(before.flaps, monitor);
  const held: Service = { ...before, standing: { kind: 'held', until: now + ms, why } };
  return ms > 0 ? held : released(held, monitor, now);
}
