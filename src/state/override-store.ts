import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { OverrideStore } from '../core/ports.ts';
import { replaceFile } from './durable-file.ts';
import { readOverrides, writeOverrides } from './overrides-file.ts';

/** A larger file is none of ours, in octets: 4 MiB, some 10,000 orders. */
const MAX_OVERRIDES_SIZE = 4 * 2 ** 20;

/**
 * Overrides in `overrides.json` of a directory, which is made when the first are saved. A file that cannot be read is
 * set aside as `overrides.json.corrupt-…` with a finding: never lost, never overwritten, never a reason not to start.
 * `save` rejects with the system's error, and then the last saved overrides stand; saves follow each other in order.
 */
export function createOverrideStore(options: { readonly directory: string }): OverrideStore {
  const file = join(options.directory, 'overrides.json');
  let last: Promise<void> = Promise.resolve();

  async function write(text: string): Promise<void> {
    const size = Buffer.byteLength(text);
    if (size > MAX_OVERRIDES_SIZE)
      throw new Error(`the overrides need ${size} octets, more than ${MAX_OVERRIDES_SIZE}`);
    await mkdir(options.directory, { recursive: true });
    await replaceFile(file, text);
  }

  return {
    async load() {
      try {
        const text = await readBounded(file);
        return { overrides: text === undefined ? new Map() : readOverrides(text), findings: [] };
      } catch (error) {
        return { overrides: new Map(), findings: [await setAside(file, messageOf(error))] };
      }
    },
    save(overrides) {
      const text = writeOverrides(overrides);
      const saved = last.then(() => write(text));
      // The next save does not suffer from this one; who waits for `saved` gets the error.
      last = saved.catch(() => {});
      return saved;
    },
  };
}

/** The text of the file; undefined where there is none. */
async function readBounded(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    if (size > MAX_OVERRIDES_SIZE) throw new Error(`it has ${size} octets, more than ${MAX_OVERRIDES_SIZE}`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Renames the file; its time and number make the name its own, so that no second bad file takes the first one's place. */
async function setAside(file: string, reason: string): Promise<Finding> {
  const message = `The saved overrides cannot be read: ${reason}. Drains ordered before this start are not in force.`;
  try {
    const { mtime, ino } = await stat(file);
    const aside = `${file}.corrupt-${mtime.toISOString().replaceAll(/[:.]/g, '')}-${ino}`;
    await rename(file, aside);
    return finding('overrides-unreadable', { file }, message, `The file is kept as ${aside}. Order the drains again.`);
  } catch (error) {
    const suggestion = `It could not be renamed either (${messageOf(error)}): move it away before the next drain.`;
    return finding('overrides-unreadable', { file }, message, suggestion);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
