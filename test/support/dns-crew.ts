/** A native server whose threads die as a test wants, and whose waits are a manual clock's. */
import { Worker } from 'node:worker_threads';
import type { ListenAddress } from '../../src/core/ports.ts';
import type { NativeServerOptions } from '../../src/dns/native/native-options.ts';
import type { WorkerOrders } from '../../src/dns/native/orders.ts';
import { spawnWorker } from '../../src/dns/native/thread.ts';
import { createTestResponder, nativeServer } from './dns-server.ts';
import { eventually } from './eventually.ts';
import { createManualClock } from './manual-clock.ts';

/** Ms since the epoch. */
const NOW = Date.UTC(2026, 10, 22);

/** What the next threads are. `deaf`: they work on a socket that is none. */
export type ThreadKind = 'sound' | 'dies-at-once' | 'not-to-be-had' | 'deaf';

/** A descriptor that this process does not have. */
const NO_DESCRIPTOR = 99_999;

export function createCrew(listen: readonly ListenAddress[], native: Partial<NativeServerOptions> = {}) {
  const clock = createManualClock(NOW);
  const threads: Worker[] = [];
  const told: string[] = [];
  let kind: ThreadKind = 'sound';
  let spawned = 0;
  let stoodIn = 0;

  const start: Record<ThreadKind, (orders: WorkerOrders) => Worker> = {
    sound: spawnWorker,
    deaf: (orders) => spawnWorker({ ...orders, fd: NO_DESCRIPTOR }),
    'dies-at-once': () => new Worker('throw new Error("it is broken")', { eval: true }),
    'not-to-be-had': () => {
      throw new Error('no thread is left');
    },
  };

  const responding = createTestResponder();
  const { responder } = responding;
  const server = nativeServer(
    {
      native: {
        clock,
        onTrouble: (message) => void told.push(message),
        spawn(orders) {
          spawned += 1;
          const thread = start[kind](orders);
          threads.push(thread);
          return thread;
        },
        ...native,
      },
    },
    {
      ...responding,
      responder: {
        respond(...query) {
          stoodIn += 1;
          return responder.respond(...query);
        },
      },
    },
    listen,
  );

  return {
    server,
    clock,
    told,
    /** What threads are from now on. */
    next: (wanted: ThreadKind) => {
      kind = wanted;
    },
    spawned: () => spawned,
    /** Answers given by the main thread. */
    stoodIn: () => stoodIn,
    /** Ends every thread that there is, whatever it does. */
    kill: () => Promise.all(threads.splice(0).map((thread) => thread.terminate())),
    workers: () => server.listeners().map(({ workers }) => workers),
    /** Waits until something is so: threads start and end in their own time. */
    until: (check: () => unknown) => eventually(check, { timeout: 15_000, interval: 10 }),
  };
}
