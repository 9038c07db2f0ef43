import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, type FindingCode, finding } from '../core/desired/finding.ts';
import { replaceFile } from './durable-file.ts';

/** What is kept in a file, and what people are told where it cannot be read. */
export type SavedFileOptions<T> = {
  /** Made when something is saved first. */
  readonly directory: string;
  /** In words; the file is `<what>.json`. */
  readonly what: string;
  /** A larger file is none of ours, in octets. */
  readonly maxOctets: number;
  /** Throws where the text is not as it was written. */
  readonly read: (text: string) => T;
  readonly write: (value: T) => string;
  readonly unreadable: {
    readonly code: FindingCode;
    /** What holds then. */
    readonly consequence: string;
    readonly advice: string;
    /** Until when a file that cannot be renamed must be moved. */
    readonly before: string;
  };
};

/** `load` never rejects; undefined where nothing usable was saved. `save` rejects with the system's error. */
export type SavedFile<T> = {
  load(): Promise<{ readonly value: T | undefined; readonly findings: readonly Finding[] }>;
  save(value: T): Promise<void>;
  /** Settles when all that was given to `save` is written, or could not be. */
  settled(): Promise<void>;
};

/**
 * One value in a file that is replaced whole. A file that cannot be read is set aside as `<what>.json.corrupt-…` with a
 * finding: never lost, never overwritten, never a reason not to start. Where a save fails, what was saved last stands; saves
 * follow each other in order.
 */
export function createSavedFile<T>(options: SavedFileOptions<T>): SavedFile<T> {
  const { directory, what, maxOctets } = options;
  const file = join(directory, `${what}.json`);
  let last: Promise<void> = Promise.resolve();

  async function write(text: string): Promise<void> {
    const size = Buffer.byteLength(text);
    if (size > maxOctets) throw new Error(`the ${what} need ${size} octets, more than ${maxOctets}`);
    await mkdir(directory, { recursive: true });
    await replaceFile(file, text);
  }

  return {
    async load() {
      try {
        const text = await readBounded(file, maxOctets);
        return { value: text === undefined ? undefined : options.read(text), findings: [] };
      } catch (error) {
        return { value: undefined, findings: [await setAside(file, options, messageOf(error))] };
      }
    },
    save(value) {
      const text = options.write(value);
      const saved = last.then(() => write(text));
      // The next save does not suffer from this one; who waits for `saved` gets the error.
      last = saved.catch(() => {});
      return saved;
    },
    settled: () => last,
  };
}

/** The text of the file; undefined where there is none. */
async function readBounded(file: string, maxOctets: number): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    if (size > maxOctets) throw new Error(`it has ${size} octets, more than ${maxOctets}`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Renames the file; its time and number make the name its own, so that no second bad file takes the first one's place. */
async function setAside<T>(file: string, { what, unreadable }: SavedFileOptions<T>, reason: string): Promise<Finding> {
  const { code, consequence, advice, before } = unreadable;
  const message = `The saved ${what} cannot be read: ${reason}. ${consequence}`;
  try {
    const { mtime, ino } = await stat(file);
    const aside = `${file}.corrupt-${mtime.toISOString().replaceAll(/[:.]/g, '')}-${ino}`;
    await rename(file, aside);
    return finding(code, { file }, message, `The file is kept as ${aside}. ${advice}`);
  } catch (error) {
    const suggestion = `It could not be renamed either (${messageOf(error)}): move it away before ${before}.`;
    return finding(code, { file }, message, suggestion);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
