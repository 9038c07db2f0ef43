import { availableParallelism, totalmem } from 'node:os';

/** What the process may use at most; neither changes while it runs. */
export const PROCESS_LIMITS = Object.freeze({
  /** By the quota of the container, where it has one. */
  processors: availableParallelism(),
  /** In octets. */
  memory: memoryLimit(),
});

/** Where there is no limit, Node tells none, 0 or a number beyond all memory. */
function memoryLimit(): number {
  const limit = process.constrainedMemory() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
