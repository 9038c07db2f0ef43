/**
 * What a monitor's results say, counted: the verdict, before anything is made of it.
 *
 *                      first result succeeds
 *        ┌──────────────────────────────────────────► up ──┐ failure: contrary + 1
 *        │                                            ▲ │  │ `forgive` successes in a row: contrary = 0
 *     unseen                     `rise` successes     │ │ ◄┘
 *        │                       in a row             │ │ contrary = `fall`
 *        │                                            │ ▼
 *        └──────────────────────────────────────────► down ┐ failure: contrary = 0
 *                      first result fails               ◄──┘ success: contrary + 1
 *
 * With `forgive` 1 only failures in a row count. Above that, one in three that fails comes down, too: it is remembered
 * until it was good for a while. There is no such thing on the way up: what answers every other probe must not come back
 * because its successes add up, so a failure always starts `rise` anew.
 *
 * Results of one monitor come one after the other, so their order counts and no clock.
 */
import type { Monitor } from '../desired/model.ts';

/** What results say: good or bad, and how near the verdict is to its change. */
export type Streak = {
  readonly verdict: 'unseen' | 'up' | 'down';
  /** Results that speak against the verdict. */
  readonly contrary: number;
  /** Successes in a row while some failures are counted. */
  readonly calm: number;
};

/** Nothing was counted yet. */
export const NO_STREAK: Streak = Object.freeze({ verdict: 'unseen', contrary: 0, calm: 0 });

const UP: Streak = Object.freeze({ verdict: 'up', contrary: 0, calm: 0 });
const DOWN: Streak = Object.freeze({ verdict: 'down', contrary: 0, calm: 0 });

/** Counts one more result. */
export function counted(before: Streak, seen: 'up' | 'down', monitor: Monitor): Streak {
  const { verdict, contrary, calm } = before;
  if (verdict === 'unseen') return seen === 'up' ? UP : DOWN;
  if (verdict === 'down') {
    if (seen === 'down') return DOWN;
    return contrary + 1 >= monitor.rise ? UP : Object.freeze({ verdict, contrary: contrary + 1, calm: 0 });
  }
  if (seen === 'down') {
    return contrary + 1 >= monitor.fall ? DOWN : Object.freeze({ verdict, contrary: contrary + 1, calm: 0 });
  }
  const forgive = monitor.judgement?.forgive ?? 1;
  return contrary === 0 || calm + 1 >= forgive ? UP : Object.freeze({ verdict, contrary, calm: calm + 1 });
}

/** The shortest time in ms in which the verdict can change from here, by results on the interval; Infinity: none is under way. */
export function msToVerdict({ verdict, contrary }: Streak, monitor: Monitor): number {
  if (verdict === 'unseen' || contrary === 0) return Number.POSITIVE_INFINITY;
  const { fall, rise, intervalMs, judgement } = monitor;
  if (verdict === 'down') return (rise - contrary) * intervalMs;
  // Failures are confirmed sooner, where that is asked for.
  const retryMs = judgement?.retryMs ?? 0;
  return (fall - contrary) * (retryMs === 0 ? intervalMs : Math.min(retryMs, intervalMs));
}
