import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file so that after a crash at any moment it holds the old or the new text, whole; resolves when the new
 * text is on stable storage. Rejects with the system's error, and then the old text stands.
 */
export async function replaceFile(file: string, text: string, mode = 0o600): Promise<void> {
  // The process id keeps an old and a new process apart while one takes over from the other.
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeSynced(temporary, text, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(file));
}

/** Writes a new file and waits until its content is on stable storage. */
export async function writeSynced(file: string, text: string, mode: number): Promise<void> {
  await rm(file, { force: true });
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(text);
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
