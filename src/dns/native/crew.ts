import { MessageChannel, Worker } from 'node:worker_threads';
import type { Clock } from '../../core/ports.ts';
import type { AnswerTable } from '../../core/snapshot/answer-table.ts';
import { newsBetween, postable, type WorkerOrders, type WorkerReport } from './orders.ts';

/** How long after its end a worker is started again, in ms. */
const RESTART_MS = 250;
/** JavaScript memory of one worker, in MiB; tables and packets do not count. One that leaks ends and is replaced. */
const WORKER_HEAP_MB = 128;

/** Starts a thread with these orders. */
export type Spawn = (orders: WorkerOrders) => Worker;

/** One worker for as long as it is wanted, in however many threads one after the other. */
export type Post = {
  /** Resolves when the first thread answers; rejects with its error where it never does. */
  ready(): Promise<void>;
  /** Hands over what is new in the table. The caller raises the generation afterwards. */
  publish(table: AnswerTable): void;
  /** Resolves when the thread has ended. The caller raised the generation to STOP before. */
  ended(): Promise<void>;
  /** Ends a thread that does not end. */
  abandon(): void;
};

/** What a post is manned with. */
export type PostOptions = {
  /** For the logs. */
  readonly name: string;
  readonly orders: () => Omit<WorkerOrders, 'news' | 'table'>;
  /** What is said now. */
  readonly table: () => AnswerTable;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
  readonly spawn: Spawn;
};

/** The thread of `worker.ts`. */
export function spawnWorker(orders: WorkerOrders): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: orders,
    transferList: [orders.news],
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
}

/** Mans a post. A thread that dies is replaced after `RESTART_MS`, on the same socket: what waits there is not lost. */
export function createPost({ name, orders, table, clock, onTrouble, spawn }: PostOptions): Post {
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let phase: 'starting' | 'serving' | 'leaving' = 'starting';
  let cancelRestart: (() => void) | undefined;
  let last = table();
  let channel = new MessageChannel();
  let worker = start();

  function start(): Worker {
    last = table();
    channel = new MessageChannel();
    const started = spawn({ ...orders(), table: postable(last), news: channel.port2 });
    let reason = 'it ended';
    started.on('message', (report: WorkerReport) => {
      if (report.kind === 'trouble') onTrouble(`${name}: ${report.call} says ${report.error}`);
      else if (phase === 'starting') {
        phase = 'serving';
        ready.resolve();
      }
    });
    started.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    started.once('exit', () => onExit(reason));
    return started;
  }

  function onExit(reason: string): void {
    channel.port1.close();
    if (phase === 'serving') {
      onTrouble(`${name} is started again: ${reason}`);
      cancelRestart = clock.after(RESTART_MS, () => {
        cancelRestart = undefined;
        worker = start();
      });
      return;
    }
    // After `ended` was asked for this changes nothing.
    ready.reject(new Error(`${name} did not start: ${reason}`));
    phase = 'leaving';
    ended.resolve();
  }

  return {
    ready: () => ready.promise,
    publish(now) {
      const news = newsBetween(last, now);
      last = now;
      if (news !== undefined) channel.port1.postMessage(news, []);
    },
    ended() {
      phase = 'leaving';
      ready.resolve();
      if (cancelRestart !== undefined) {
        cancelRestart();
        cancelRestart = undefined;
        ended.resolve();
      }
      return ended.promise;
    },
    abandon: () => void worker.terminate(),
  };
}
