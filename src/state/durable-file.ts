import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a file is to hold: in parts, which are written one by one; other work gets its turn between them. */
type FileContent = string | Iterable<Buffer>;

/**
 * Replaces a file so that after a crash at any moment it holds the old or the new content, whole; resolves when the new
 * one is on stable storage. Rejects with the system's error, or with what the content throws, and then the old one stands.
 */
export async function replaceFile(file: string, content: FileContent, mode = 0o600): Promise<void> {
  // The process id keeps an old and a new process apart while one takes over from the other.
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeSynced(temporary, content, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(file));
}

/** Writes a new file and waits until its content is on stable storage. */
export async function writeSynced(file: string, content: FileContent, mode: number): Promise<void> {
  await rm(file, { force: true });
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A new name is durable only when its directory is; Windows has no such call and needs none. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes what processes that ended in the middle of `replaceFile` left behind in a directory. What cannot be removed stays;
 * never rejects.
 */
export async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const writer = Number(/\.(\d+)\.tmp$/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(writer) && !isAlive(writer)) await rm(join(directory, name), { force: true }).catch(() => {});
  }
}

/** Whether there is a process of this id; it may be another program's by now. */
function isAlive(id: number): boolean {
  try {
    // Signal 0 is none: it only asks.
    process.kill(id, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
