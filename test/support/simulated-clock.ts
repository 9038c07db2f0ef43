import { createDueHeap } from '../../src/core/health/due-heap.ts';
import type { Clock } from '../../src/core/ports.ts';

/** A clock whose time is spent at once: for long stories in which nothing waits for a promise. */
export type SimulatedClock = Clock & {
  steady(): number;
  /** Goes on by `ms`: runs what comes due in order, each at its own time. */
  run(ms: number): void;
  /** Sets the wall clock by `ms` without any time going by. */
  shiftWall(ms: number): void;
  /** Timers that wait. */
  pending(): number;
};

type Timer = { readonly due: number; task: (() => void) | undefined };

/** Makes a clock that shows `start`, in ms since the epoch. */
export function createSimulatedClock(start: number): SimulatedClock {
  const timers = createDueHeap<Timer>([]);
  let waiting = 0;
  let elapsed = 0;
  let wall = start;
  const goTo = (moment: number): void => {
    wall += moment - elapsed;
    elapsed = moment;
  };
  return {
    now: () => wall,
    steady: () => elapsed,
    after(ms, task) {
      const timer: Timer = { due: elapsed + Math.max(0, ms), task };
      waiting += 1;
      timers.push(timer);
      return () => {
        if (timer.task !== undefined) waiting -= 1;
        timer.task = undefined;
      };
    },
    run(ms) {
      const until = elapsed + ms;
      for (let timer = timers.peek(); timer !== undefined && timer.due <= until; timer = timers.peek()) {
        timers.pop();
        const { task } = timer;
        if (task === undefined) continue;
        timer.task = undefined;
        waiting -= 1;
        goTo(timer.due);
        task();
      }
      goTo(until);
    },
    shiftWall(ms) {
      wall += ms;
    },
    pending: () => waiting,
  };
}
