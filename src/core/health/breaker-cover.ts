import type { MonitorHealth, MonitorState } from './monitor-health.ts';
import { unsettled } from './stillness.ts';

/** Whether a step into this state from one that is not it takes an endpoint away: `unseen` is not known to be bad. */
export function isFallen(state: MonitorState): boolean {
  return state === 'down' || state === 'held';
}

/** Whether new answers count on it. */
export function isUp(state: MonitorState): boolean {
  return state === 'up' || state === 'degraded';
}

/**
 * What is shown while `measured` is withheld: what was `known` before, with the newest result and what was measured inside.
 * `secondsToChange` is how soon it may be let through: the TTL goes by it.
 */
export function cover(known: MonitorHealth, measured: MonitorHealth, secondsToChange: number): MonitorHealth {
  const { contrary } = measured;
  const last = measured.last === undefined ? {} : { last: measured.last };
  const freshness = measured.freshness === undefined ? {} : { freshness: measured.freshness };
  const { pace: _paceBefore, ...believed } = unsettled(known);
  const pace = measured.pace === undefined ? {} : { pace: measured.pace };
  return Object.freeze({ ...believed, contrary, secondsToChange, ...last, ...freshness, ...pace, withheld: measured });
}
