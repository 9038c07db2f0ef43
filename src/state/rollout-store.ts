import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { RolloutStore } from '../core/ports.ts';
import { replaceFile } from './durable-file.ts';
import { readRollouts, writeRollouts } from './rollouts-file.ts';

/** A larger file is none of ours, in octets: 16 MiB, a hundred rollouts with all the hostnames that they may have. */
const MAX_ROLLOUTS_SIZE = 16 * 2 ** 20;

/**
 * Rollouts in `rollouts.json` of a directory, which is made when the first are saved. A file that cannot be read is set
 * aside as `rollouts.json.corrupt-…` with a finding. `save` rejects with the system's error; saves follow each other.
 */
export function createRolloutStore({ directory }: { readonly directory: string }): RolloutStore {
  const file = join(directory, 'rollouts.json');
  let last: Promise<void> = Promise.resolve();
  const write = async (text: string): Promise<void> => {
    await mkdir(directory, { recursive: true });
    await replaceFile(file, text);
  };
  return {
    async load() {
      try {
        const text = await readBounded(file);
        return { rollouts: text === undefined ? new Map() : readRollouts(text), findings: [] };
      } catch (error) {
        return { rollouts: new Map(), findings: [await setAside(file, messageOf(error))] };
      }
    },
    save(rollouts) {
      const text = writeRollouts(rollouts);
      const saved = last.then(() => write(text));
      // The next save does not suffer from this one; who waits for `saved` gets the error.
      last = saved.catch(() => {});
      return saved;
    },
    close: () => last,
  };
}

/** The text of the file; undefined where there is none. */
async function readBounded(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    if (size > MAX_ROLLOUTS_SIZE) throw new Error(`it has ${size} octets, more than ${MAX_ROLLOUTS_SIZE}`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function setAside(file: string, reason: string): Promise<Finding> {
  const message = `The saved rollouts cannot be read: ${reason}. Clients are divided as if there were none.`;
  try {
    const { mtime, ino } = await stat(file);
    const aside = `${file}.corrupt-${mtime.toISOString().replaceAll(/[:.]/g, '')}-${ino}`;
    await rename(file, aside);
    return finding('rollouts-unreadable', { file }, message, `The file is kept as ${aside}. Start them again.`);
  } catch (error) {
    const suggestion = `It could not be renamed either (${messageOf(error)}): move it away before the next rollout.`;
    return finding('rollouts-unreadable', { file }, message, suggestion);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
