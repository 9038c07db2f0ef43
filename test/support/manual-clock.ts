import type { Clock } from '../../src/core/ports.ts';

/** A clock that stands still until it is told to go on. */
export type ManualClock = Clock & {
  /** Goes on by `ms`: runs what comes due in order, each at its own time, and lets promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock without any time going by, as an administrator does. Timers are not touched. */
  setWall(ms: number): void;
  /** Timers that wait. */
  pending(): number;
};

type Timer = { readonly at: number; readonly task: () => void };

/** Turns of the event loop after each task: enough for a chain of promises and immediates to come to rest. */
const SETTLING_TURNS = 3;

/** Makes a clock that shows `start`, in ms since the epoch. */
export function createManualClock(start: number): ManualClock {
  let elapsed = 0;
  /** By how much the wall clock is ahead of it: added each time, as sums of many small steps would drift. */
  let ahead = start;
  const timers = new Set<Timer>();

  function earliest(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }

  return {
    now: () => ahead + elapsed,
    steady: () => elapsed,
    after(ms, task) {
      const timer = { at: elapsed + Math.max(0, ms), task };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (let timer = earliest(until); timer !== undefined; timer = earliest(until)) {
        timers.delete(timer);
        elapsed = timer.at;
        timer.task();
        await settle();
      }
      elapsed = until;
    },
    setWall(ms) {
      ahead = ms - elapsed;
    },
    pending: () => timers.size,
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
