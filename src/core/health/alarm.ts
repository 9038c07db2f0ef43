import type { SteadyTime } from './steady-time.ts';

/** Longest wait that timers take, in ms; after it one looks again. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** One timer that goes off at the earliest of the times that it was set to. */
export type Alarm = {
  /** In steady ms; Infinity sets nothing. */
  set(at: number): void;
  cancel(): void;
};

/** What an alarm needs. `after` runs a task once, so many ms from now, and returns what cancels it. */
export type AlarmOptions = {
  readonly time: SteadyTime;
  readonly after: (ms: number, task: () => void) => () => void;
  /** Told when it goes off, now and then too early; it is to be set again. */
  readonly ring: () => void;
};

/** An alarm that is not set. */
export function createAlarm({ time, after, ring }: AlarmOptions): Alarm {
  let armedFor = Number.POSITIVE_INFINITY;
  let disarm = (): void => {};
  return {
    set(at) {
      if (at >= armedFor) return;
      disarm();
      armedFor = at;
      const now = time.now();
      const wait = Math.min(Math.max(0, Math.ceil(at - now)), LONGEST_WAIT_MS);
      disarm = after(wait, () => {
        armedFor = Number.POSITIVE_INFINITY;
        // Timers go off a little early by other clocks than their own.
        time.atLeast(now + wait);
        ring();
      });
    },
    cancel() {
      disarm();
      armedFor = Number.POSITIVE_INFINITY;
    },
  };
}
