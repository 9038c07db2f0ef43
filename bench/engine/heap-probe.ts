/** Loaded before a director that is measured as it is: tells, when asked over IPC, what each of its threads has used. */
import type { Worker } from 'node:worker_threads';

/** One thread. Octets, and CPU since it began in µs. */
export type ThreadUse = { readonly cpuUs: number; readonly used: number; readonly allocated: number };

const threads = new Set<Worker>();

process.on('worker', (worker: Worker) => {
  threads.add(worker);
  worker.once('exit', () => threads.delete(worker));
});
process.on('message', () => void tell());
// The channel is no reason to live on.
process.channel?.unref();

async function tell(): Promise<void> {
  process.send?.(await Promise.all([...threads].map(useOf)));
}

async function useOf(worker: Worker): Promise<ThreadUse> {
  const [cpu, heap] = await Promise.all([worker.cpuUsage(), worker.getHeapStatistics()]);
  return { cpuUs: cpu.user + cpu.system, used: heap.used_heap_size, allocated: heap.total_allocated_bytes };
}
