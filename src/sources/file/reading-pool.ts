import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import type { GatewayApiObject } from '../../core/desired/gateway-api/objects.ts';
import { createCollector, type FileReading, type ReadingCollector } from './file-reading.ts';
import {
  IDLE_THREAD_MS,
  MAX_THREADS,
  PARSE_HEAP_MIB,
  PARSE_TIMEOUT_MIB_MS,
  PARSE_TIMEOUT_MS,
  PARSE_YOUNG_MIB,
} from './limits.ts';
import { createObjectPool } from './object-pool.ts';
import { type Ending, type ManifestJob, type Progress, translateManifest } from './translate-manifest.ts';

/** Reads manifests without holding up the thread that probes and answers commands. */
export type ReadingPool = {
  /**
   * Reads a file, on a thread or at once. Never rejects: a file that takes too long or too much memory is broken.
   * `before`: the file's objects of the last reading.
   */
  read(job: ManifestJob, where: 'thread' | 'here', before: readonly GatewayApiObject[]): Promise<FileReading>;
  close(): Promise<void>;
};

const ENDED: Ending = Object.freeze({ kind: 'unreadable', reason: 'the reading was ended' });

/**
 * Makes a pool of up to `MAX_THREADS` threads, at most one for each processor, which read one file at a time. They are
 * started when they are needed and ended when there was nothing to read for a while. A thread that overruns the time of
 * its file is ended, and the next file gets a new one.
 */
export function createReadingPool(timeoutMs = PARSE_TIMEOUT_MS): ReadingPool {
  const turn = pLimit(Math.min(availableParallelism(), MAX_THREADS));
  const pool = createObjectPool();
  const threads = new Set<Worker>();
  const idle = new Set<Worker>();
  let state: 'open' | 'closed' = 'open';
  let resting: NodeJS.Timeout | undefined;

  const startThread = (): Worker => {
    const thread = new Worker(new URL('./reading-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: PARSE_HEAP_MIB, maxYoungGenerationSizeMb: PARSE_YOUNG_MIB },
    });
    threads.add(thread);
    thread.once('exit', () => {
      threads.delete(thread);
      idle.delete(thread);
    });
    // Whoever waits for the thread hears of it as well.
    thread.on('error', () => undefined);
    return thread;
  };
  const restLater = (): void => {
    clearTimeout(resting);
    // Not the injected clock: this is about real threads.
    resting = setTimeout(() => {
      if (turn.activeCount > 0) return;
      pool.clear();
      for (const thread of idle) void thread.terminate();
      idle.clear();
    }, IDLE_THREAD_MS).unref();
  };
  const readOnThread = async (job: ManifestJob, collector: ReadingCollector): Promise<FileReading> => {
    if (state === 'closed') return collector.end(ENDED);
    const [thread = startThread()] = idle;
    idle.delete(thread);
    // An idle thread does not keep the process alive, a busy one does.
    thread.ref();
    const longestMs = timeoutMs + (job.octets / 2 ** 20) * PARSE_TIMEOUT_MIB_MS;
    const { reading, after } = await replyOf(thread, job, collector, longestMs);
    if (after === 'spent') await thread.terminate();
    else {
      thread.unref();
      idle.add(thread);
    }
    restLater();
    return reading;
  };
  return {
    async read(job, where, before) {
      const collector = createCollector(job, before, pool);
      if (where === 'thread') return turn(readOnThread, job, collector);
      let reading: FileReading | undefined;
      translateManifest(job, (progress) => {
        reading = collector.hear(progress);
      });
      restLater();
      return reading ?? collector.end(ENDED);
    },
    async close() {
      state = 'closed';
      clearTimeout(resting);
      await Promise.all([...threads].map((thread) => thread.terminate()));
    },
  };
}

/** What a thread says of a file, and whether the thread can read another one. */
type Reply = { readonly reading: FileReading; readonly after: 'ready' | 'spent' };

function replyOf(thread: Worker, job: ManifestJob, collector: ReadingCollector, longestMs: number): Promise<Reply> {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  const onMessage = (progress: Progress): void => {
    const reading = collector.hear(progress);
    if (reading !== undefined) resolve({ reading, after: 'ready' });
  };
  const fail = (ending: Ending): void => resolve({ reading: collector.end(ending), after: 'spent' });
  const onError = (error: Error): void => fail({ kind: 'broken', line: 1, reason: error.message });
  const onExit = (): void => fail(ENDED);
  const reason = `It takes over ${Math.round(longestMs)} ms to parse`;
  const timer = setTimeout(() => fail({ kind: 'broken', line: 1, reason }), longestMs);
  thread.on('message', onMessage);
  thread.once('error', onError);
  thread.once('exit', onExit);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  thread.postMessage(job);
  return promise.finally(() => {
    clearTimeout(timer);
    thread.off('message', onMessage);
    thread.off('error', onError);
    thread.off('exit', onExit);
  });
}
