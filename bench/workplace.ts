/** A folder and processes that are gone when the bench ends, however it ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Running } from './process.ts';

/** Where a bench works. What is put into `running` is stopped at the end. */
export type Workplace = { readonly folder: string; readonly running: Pick<Running, 'stop'>[] };

/** Works in a new folder, and tidies up behind it: also where that fails, and on SIGINT and SIGTERM. */
export async function inWorkplace(prefix: string, work: (place: Workplace) => Promise<void>): Promise<void> {
  const running: Workplace['running'] = [];
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const cleanUp = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
  try {
    await work({ folder, running });
  } finally {
    await cleanUp();
  }
}
