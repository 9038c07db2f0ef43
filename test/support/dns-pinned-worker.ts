/** The worker of the native engine, with the clock that the test shares in `workerData.pinnedClock`. */
import { workerData } from 'node:worker_threads';

const pinned: Float64Array = workerData.pinnedClock;
Date.now = () => pinned[0] ?? 0;
// Always long after the last time: no clock that asks `Date.now` only now and then is behind.
let elapsed = 0;
performance.now = () => {
  elapsed += 1e6;
  return elapsed;
};
await import('../../src/dns/native/worker.ts');
