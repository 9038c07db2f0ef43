/** Whether so many of those that were looked at of late failed for the first time that all should be looked at. */
import type { BreakerView } from './breaker-terms.ts';

/** Failures within this time of each other are taken together, in ms. */
const WINDOW_MS = 10_000;
/** More than this part of the monitors that were looked at in that time is many. */
const SHARE = 0.1;
/** For how long all are looked at after that, in ms. */
const ALERT_MS = 60_000;

/** Counts, sweep by sweep. */
export type IdleAlarm = {
  /** One more monitor is good, which is probed every so many ms. */
  good(intervalMs: number): void;
  /** One more failed that was good in the sweep before. */
  turned(): void;
  /** All of this sweep were told. `amiss`: all are to be looked at. */
  judge(prober: BreakerView['state'], now: number): 'calm' | 'amiss';
};

/** Nothing is amiss. */
export function createIdleAlarm(): IdleAlarm {
  /** Sweeps of the window in which some turned. */
  let sweeps: readonly { readonly at: number; readonly turned: number }[] = [];
  let [looked, turned] = [0, 0];
  let amissUntil = Number.NEGATIVE_INFINITY;
  return {
    good(intervalMs) {
      looked += Math.min(1, WINDOW_MS / intervalMs);
    },
    turned() {
      turned += 1;
    },
    judge(prober, now) {
      if (turned > 0) sweeps = [...sweeps, { at: now, turned }];
      sweeps = sweeps.filter(({ at }) => at > now - WINDOW_MS);
      const failed = sweeps.reduce((sum, sweep) => sum + sweep.turned, 0);
      const isMany = failed > SHARE * (looked + failed);
      [looked, turned] = [0, 0];
      // A prober that is not believed is to know how all stand when it is.
      if (isMany || prober === 'blind') amissUntil = now + ALERT_MS;
      return now < amissUntil ? 'amiss' : 'calm';
    },
  };
}
