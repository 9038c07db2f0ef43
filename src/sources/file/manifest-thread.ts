import { parentPort } from 'node:worker_threads';
import { readManifest } from './manifest-file.ts';

/** The far end of `createManifestParser`: one text in, one manifest out. */
parentPort?.on('message', (text: string) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(readManifest(text));
});
