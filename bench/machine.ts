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
