import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { MAX_INLINE_CHARACTERS, PARSE_HEAP_MIB, PARSE_TIMEOUT_MS } from './limits.ts';
import { type Manifest, readManifest } from './manifest-file.ts';

/** Parses manifests without holding up the thread that answers queries. */
export type ManifestParser = {
  /** Never rejects: a text that takes too long or too much memory is a broken manifest. */
  parse(text: string): Promise<Manifest>;
  close(): Promise<void>;
};

/**
 * Makes a parser. Small texts are parsed at once; larger ones on one thread, started when the first of them comes, one
 * after the other. A thread that overruns `timeoutMs` is ended, and the next text gets a new one.
 */
export function createManifestParser(timeoutMs = PARSE_TIMEOUT_MS): ManifestParser {
  const oneByOne = pLimit(1);
  let thread: Worker | undefined;
  let state: 'open' | 'closed' = 'open';

  const startThread = (): Worker => {
    const started = new Worker(new URL('./manifest-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: PARSE_HEAP_MIB },
    });
    started.once('exit', () => {
      if (thread === started) thread = undefined;
    });
    return started;
  };

  const endThread = async (): Promise<void> => {
    const ending = thread;
    thread = undefined;
    await ending?.terminate();
  };

  const parseOnThread = async (text: string): Promise<Manifest> => {
    if (state === 'closed') return { kind: 'broken', line: 1, reason: 'The parser was ended' };
    thread ??= startThread();
    // An idle thread does not keep the process alive, a busy one does.
    thread.ref();
    const manifest = await replyOf(thread, text, timeoutMs);
    if (manifest.kind === 'read') thread?.unref();
    else await endThread();
    return manifest;
  };

  return {
    async parse(text) {
      return text.length <= MAX_INLINE_CHARACTERS ? readManifest(text) : oneByOne(parseOnThread, text);
    },
    async close() {
      state = 'closed';
      await endThread();
    },
  };
}

function replyOf(thread: Worker, text: string, timeoutMs: number): Promise<Manifest> {
  const { promise, resolve } = Promise.withResolvers<Manifest>();
  const fail = (reason: string): void => resolve({ kind: 'broken', line: 1, reason });
  const onError = (error: Error): void => fail(error.message);
  const onExit = (): void => fail('The parser was ended');
  // Not the injected clock: this measures the work of a real thread.
  const timer = setTimeout(() => fail(`It takes over ${timeoutMs} ms to parse`), timeoutMs);
  thread.once('message', resolve);
  thread.once('error', onError);
  thread.once('exit', onExit);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  thread.postMessage(text);
  return promise.finally(() => {
    clearTimeout(timer);
    thread.off('message', resolve);
    thread.off('error', onError);
    thread.off('exit', onExit);
  });
}
