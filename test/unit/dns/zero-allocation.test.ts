import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

const QUERIES = 500_000;
const WINDOWS = 3;
/**
 * What a thread may allocate over so many queries, in octets: to ask for the figure counts the rest of a page of the heap.
 * The smallest object for each query of one kind in ten would be half as much again.
 */
const ALLOWANCE = 512 * 1024;

/** Octets that a thread allocates in its calmest window: code that is compiled meanwhile is in the others. */
async function allocatedBy(extra: boolean): Promise<number> {
  const url = new URL('../../support/respond-many.ts', import.meta.url);
  const worker = new Worker(url, { workerData: { queries: QUERIES, windows: WINDOWS, extra } });
  const [told]: { allocated: number[] }[] = await once(worker, 'message');
  return Math.min(...(told?.allocated ?? [Number.NaN]));
}

it('allocates nothing per query', async () => {
  expect(await allocatedBy(false)).toBeLessThan(ALLOWANCE);
});

it('would be seen to allocate one small array per query', async () => {
  expect(await allocatedBy(true)).toBeGreaterThan(QUERIES * 16);
});
