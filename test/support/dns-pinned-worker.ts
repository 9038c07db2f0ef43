/** The worker of the native engine, with the clock that the test shares in `workerData.pinnedClock`. */
import { workerData } from 'node:worker_threads';

const pinned: Float64Array = workerData.pinnedClock;
Date.now = () => pinned[0] ?? 0;
await import('../../src/dns/native/worker.ts');
