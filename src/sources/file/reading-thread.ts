import { parentPort } from 'node:worker_threads';
import { type ManifestJob, translateManifest } from './translate-manifest.ts';

/** The far end of `createReadingPool`: one file's path in, its batches and its ending out. */
parentPort?.on('message', (job: ManifestJob) => {
  translateManifest(job, (progress) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    parentPort?.postMessage(progress);
  });
});
