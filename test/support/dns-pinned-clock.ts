/** A clock that stands still for servers in this thread and in workers, until the test moves it. */
import { Worker } from 'node:worker_threads';
import type { Spawn } from '../../src/dns/native/thread.ts';

/** Ms since the epoch, in shared memory. */
export type PinnedClock = Float64Array<SharedArrayBuffer>;

export function createPinnedClock(start: number): PinnedClock {
  const clock = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  clock[0] = start;
  return clock;
}

/** Starts workers of the native engine whose `Date.now` is this clock. */
export function spawnPinned(pinnedClock: PinnedClock): Spawn {
  return (orders) =>
    new Worker(new URL('./dns-pinned-worker.ts', import.meta.url), {
      workerData: { ...orders, pinnedClock },
      transferList: [orders.news],
    });
}
