/** Files that are followed as they change. */
import { stat } from 'node:fs/promises';
import { watch } from 'chokidar';
import type { Clock } from '../core/ports.ts';

/** A changed database is read when it has been quiet for this long, in ms: a large file is written in many steps. */
const SETTLE_MS = 500;

/** The files' stamps are looked at this often, in ms, watched or not: some file systems and mounts report no changes. */
const RECHECK_MS = 60_000;

/** What changes whenever one of the files does, replaced or rewritten; a word of its own where there is none. */
export async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = files.map(async (file) => {
    try {
      const { ino, size, mtimeNs } = await stat(file, { bigint: true });
      return `${ino} ${size} ${mtimeNs}`;
    } catch {
      return 'missing';
    }
  });
  return (await Promise.all(stamps)).join('\n');
}

/** Runs `task` soon, whenever a file has changed and was then quiet, and now and then. Returns what ends it. */
export function whenSettled(files: readonly string[], clock: Clock, task: () => void): () => Promise<void> {
  let cancel: (() => void) | undefined;
  function runIn(ms: number): void {
    cancel?.();
    cancel = clock.after(ms, () => {
      task();
      runIn(RECHECK_MS);
    });
  }
  // A change between the first reading and the first watching is found by the first run.
  runIn(SETTLE_MS);
  const watcher = watch([...files]).on('all', () => runIn(SETTLE_MS));
  // Without watching (no inotify watches left, say) the looks in between find the change.
  watcher.on('error', () => {});
  return async () => {
    await watcher.close();
    cancel?.();
  };
}
