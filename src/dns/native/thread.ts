import { MessageChannel, Worker } from 'node:worker_threads';
import { messageOf } from '../../core/error-message.ts';
import type { Clock } from '../../core/ports.ts';
import type { TableNews, WorkerOrders, WorkerReport } from './orders.ts';

/** JavaScript memory of one worker, in MiB; tables and packets do not count. One that leaks ends and is replaced. */
const WORKER_HEAP_MB = 128;
/** A thread that is not ready after so long is ended, in ms; it counts as one that died. */
const START_PATIENCE_MS = 15_000;

/** Starts a thread with these orders. */
export type Spawn = (orders: WorkerOrders) => Worker;

/** The thread of `worker.ts`. */
export function spawnWorker(orders: WorkerOrders): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: orders,
    transferList: [orders.news],
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
}

/** One thread, from its start to its end. */
export type Thread = {
  /** Hands over what is new; the caller raises the generation afterwards. */
  tell(news: TableNews): void;
  /** Ends it from outside. A thread inside a system call hears it only behind the call. */
  terminate(): void;
};

/** What a thread is started with. No sink is called before `startThread` has returned. */
export type ThreadOptions = {
  readonly orders: Omit<WorkerOrders, 'news'>;
  readonly spawn: Spawn;
  readonly clock: Clock;
  readonly onReady: () => void;
  /** A system call failed with this error: its name. */
  readonly onTrouble: (call: string, error: string) => void;
  /** Called once, when there is no thread, or no more; it is in no system call then. */
  readonly onEnd: (reason: string) => void;
};

/** Starts a thread. Never throws: one that cannot be started ends. */
export function startThread({ orders, spawn, clock, onReady, onTrouble, onEnd }: ThreadOptions): Thread {
  const { port1, port2 } = new MessageChannel();
  let reason = 'it ended';
  let worker: Worker;
  try {
    worker = spawn({ ...orders, news: port2 });
  } catch (error) {
    // Too many threads, or no memory for one more.
    port1.close();
    queueMicrotask(() => onEnd(messageOf(error)));
    return { tell: () => undefined, terminate: () => undefined };
  }
  const cancelPatience = clock.after(START_PATIENCE_MS, () => {
    reason = `it was not ready after ${START_PATIENCE_MS / 1000} s`;
    void worker.terminate();
  });
  worker.on('message', (report: WorkerReport) => {
    if (report.kind === 'trouble') onTrouble(report.call, report.error);
    else {
      cancelPatience();
      onReady();
    }
  });
  worker.on('error', (error) => {
    reason = messageOf(error);
  });
  worker.once('exit', () => {
    cancelPatience();
    port1.close();
    onEnd(reason);
  });
  return {
    tell: (news) => port1.postMessage(news, []),
    terminate: () => void worker.terminate(),
  };
}
