/**
 * What is believed of a monitor whose results somebody else finds and pushes.
 *
 *                  push                      `expires` without a push
 *     never ──────────────► fresh ──────────────────────────────► expired
 *     unseen                as pushed ◄────────────────────────── unseen, or down where
 *                                                 push            `when-expired` says so
 *
 * The last push counts, and the same one again only lasts longer. Silence is no failure: who pushes may be gone while what
 * he looked at is well. Time is steady time. Nothing is kept over a restart: the next push tells.
 */
import type { Moment, MonitorHealth } from './monitor-health.ts';
import { UNSEEN } from './told.ts';

/** A result from outside. */
export type ExternalResult = {
  readonly state: 'up' | 'degraded' | 'down';
  /** In one line; empty: none was given. */
  readonly reason: string;
  /** Whose token it came with. */
  readonly by: string;
  /** How long it counts, in ms. */
  readonly expiresMs: number;
};

/** How a monitor with results from outside stands. */
export type ExternalStanding = {
  /** `never`: nothing was pushed yet, in this run. */
  readonly freshness: 'never' | 'fresh' | 'expired';
  readonly health: MonitorHealth;
  /** The last push, and when it came, in ms since the epoch. */
  readonly last: (ExternalResult & { readonly at: number }) | undefined;
  /** In steady ms; Infinity where nothing expires. */
  readonly expiresAt: number;
};

/** Nothing was pushed. */
export const NEVER_PUSHED: ExternalStanding = Object.freeze({
  freshness: 'never',
  health: UNSEEN,
  last: undefined,
  expiresAt: Number.POSITIVE_INFINITY,
});

/** After a push. What is believed is the very same where it says what is believed already. */
export function pushed(before: ExternalStanding, result: ExternalResult, now: Moment): ExternalStanding {
  return Object.freeze({
    freshness: 'fresh',
    health: entered(before.health, result.state, now),
    last: Object.freeze({ ...result, at: now.wall }),
    expiresAt: now.steady + result.expiresMs,
  });
}

/** After the time until now. `before` itself where nothing is over. */
export function expired(before: ExternalStanding, whenExpired: 'unseen' | 'down', now: Moment): ExternalStanding {
  if (before.expiresAt > now.steady) return before;
  const health = entered(before.health, whenExpired, now);
  return Object.freeze({ ...before, freshness: 'expired', health, expiresAt: Number.POSITIVE_INFINITY });
}

/** The belief in a state that begins now, or the very same where it is this state already. */
function entered(before: MonitorHealth, state: MonitorHealth['state'], now: Moment): MonitorHealth {
  if (before.state === state) return before;
  return state === 'unseen' ? UNSEEN : Object.freeze({ ...UNSEEN, state, since: now.wall });
}
