import type { MonitorHealth } from './monitor-health.ts';

/** Up, and nothing leads on from there. */
export function isAtRest({ state, contrary, admits, freshness, withheld }: MonitorHealth): boolean {
  const isWhole = admits === undefined && freshness === undefined && withheld === undefined;
  return state === 'up' && contrary === 0 && isWhole;
}

/** Whether it is a failure that keeps it from resting. */
export function isAgainst({ state, contrary, withheld }: MonitorHealth): boolean {
  return contrary > 0 || withheld !== undefined || state === 'down';
}
