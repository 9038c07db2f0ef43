import { realpath, stat } from 'node:fs/promises';
import { type FSWatcher, watch } from 'chokidar';
import { type Finding, finding } from '../../core/desired/finding.ts';
import { messageOf } from '../../core/error-message.ts';
import { RECHECK_MS } from './limits.ts';
import { shownName } from './manifest-state.ts';

/** The watch over one folder. Nothing of it ever rejects. */
export type FolderWatch = {
  /** Begins to watch, or begins anew where the path leads to another folder by now. Call it after each change. */
  renew(): Promise<void>;
  /** Why the folder cannot be watched, if so. */
  findings(): readonly Finding[];
  close(): Promise<void>;
};

/** Tells of changes below a folder that may be missing, or a link that is set to another folder. */
export function createFolderWatch(directory: string, onChange: () => void): FolderWatch {
  let watcher: FSWatcher | undefined;
  let watched: string | undefined;
  let failure: Finding | undefined;
  let state: 'open' | 'closed' = 'open';
  const onError = (error: unknown): void => {
    const message = `The folder cannot be watched: ${messageOf(error)}.`;
    const advice = `It is read again every ${RECHECK_MS / 1000} s.`;
    failure = finding('manifest-unwatched', { file: shownName(directory) }, message, advice);
    onChange();
  };
  return {
    async renew() {
      const { identity, path } = await identify(directory);
      if (identity === watched) return;
      await watcher?.close();
      if (state === 'closed') return;
      watched = identity;
      failure = undefined;
      // Links are watched, never followed: one to the root folder would watch the whole machine.
      // A path that is given twice loses events (chokidar 6.0.0).
      watcher = watch([...new Set([directory, path])], { ignoreInitial: true, followSymlinks: false });
      // A folder that is replaced before `ready` would never be heard of again: look once more.
      watcher.on('all', onChange).on('ready', onChange).on('error', onError);
    },
    findings: () => (failure === undefined ? [] : [failure]),
    async close() {
      state = 'closed';
      await watcher?.close();
    },
  };
}

/** Which folder a path leads to now. Inodes are used again, so the time of birth counts, too. */
async function identify(directory: string): Promise<{ readonly identity: string; readonly path: string }> {
  try {
    const path = await realpath(directory);
    const { dev, ino, birthtimeMs } = await stat(path);
    return { identity: `${dev} ${ino} ${birthtimeMs} ${path}`, path };
  } catch {
    return { identity: 'missing', path: directory };
  }
}
