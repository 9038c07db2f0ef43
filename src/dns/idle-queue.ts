import type { Clock } from '../core/ports.ts';

/** Things that end when nothing happens to them for a while: the longest idle first, with one timer for all. */
export type IdleQueue<T> = {
  /** Puts `item` at the end: something happened to it. New items come in the same way. */
  touch(item: T): void;
  remove(item: T): void;
  /** The one that has been idle longest. */
  oldest(): T | undefined;
  readonly size: number;
  /** Stops the timer. */
  close(): void;
};

/** The timer ticks so often in one idle time: an item ends after 1 to 1 + 1/TICKS idle times. */
const TICKS = 4;

/**
 * An idle queue that hands each item to `expire` after `idleMs` without a touch, and removes it. It counts ticks and
 * reads no clock, so that a step of the wall clock neither ends nor keeps anything.
 */
export function createIdleQueue<T>(clock: Clock, idleMs: number, expire: (item: T) => void): IdleQueue<T> {
  // A Map keeps the order of insertion, so the longest idle is first.
  const touchedAt = new Map<T, number>();
  let tick = 0;
  let cancel: (() => void) | undefined;

  const arm = (): void => {
    if (cancel === undefined && touchedAt.size > 0) cancel = clock.after(idleMs / TICKS, onTick);
  };

  const onTick = (): void => {
    cancel = undefined;
    tick++;
    for (const [item, at] of touchedAt) {
      if (tick - at <= TICKS) break;
      touchedAt.delete(item);
      expire(item);
    }
    arm();
  };

  return {
    touch(item) {
      touchedAt.delete(item);
      touchedAt.set(item, tick);
      arm();
    },
    remove: (item) => void touchedAt.delete(item),
    oldest: () => touchedAt.keys().next().value,
    get size() {
      return touchedAt.size;
    },
    close() {
      cancel?.();
      cancel = undefined;
    },
  };
}
