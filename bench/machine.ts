import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** What the figures were measured on. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly date: string;
  /** Load average of the last minute when the bench began. */
  readonly load: number;
};

/** This machine, now. */
export function thisMachine(): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `${process.platform} ${release()}, ${process.arch}`,
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0] ?? 0,
  };
}

/** The first two cores that we may run on. Throws where there are not two, or no Linux. */
export function twoCores(): readonly [number, number] {
  if (process.platform !== 'linux') throw new Error('the bench reads /proc and pins with taskset: it needs Linux');
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const cores = list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  const [serverCore, loadCore] = cores;
  if (serverCore === undefined || loadCore === undefined) throw new Error('the bench needs two cores: server and load');
  return [serverCore, loadCore];
}
