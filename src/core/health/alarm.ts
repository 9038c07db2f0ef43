import type { SteadyTime } from './steady-time.ts';

/** Longest wait of one timer, in ms; after it the time is looked at again: what a timer measures need not be what went by. */
const LONGEST_WAIT_MS = 60_000;

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
  const arm = (at: number): void => {
    const now = time.now();
    const wait = Math.min(Math.max(0, Math.ceil(at - now)), LONGEST_WAIT_MS);
    armedFor = at;
    disarm = after(wait, () => {
      // Timers go off a little early by other clocks than their own.
      if (time.atLeast(now + wait) < at) {
        arm(at);
        return;
      }
      armedFor = Number.POSITIVE_INFINITY;
      ring();
    });
  };
  return {
    set(at) {
      if (at >= armedFor) return;
      disarm();
      arm(at);
    },
    cancel() {
      disarm();
      armedFor = Number.POSITIVE_INFINITY;
    },
  };
}
