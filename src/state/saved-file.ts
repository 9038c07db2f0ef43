import { readFile, rename, stat } from 'node:fs/promises';
import { type Finding, type FindingCode, finding } from '../core/desired/finding.ts';
import { messageOf } from '../core/error-message.ts';
import { hasCode } from './journal/journal-error.ts';

/** A file of a version before the journal, and what people are told where it cannot be read. */
export type SavedFileOptions<T> = {
  readonly file: string;
  /** In words. */
  readonly what: string;
  /** A larger file is none of ours, in octets. */
  readonly maxOctets: number;
  /** Throws where the text is not as it was written. */
  readonly read: (text: string) => T;
  readonly unreadable: {
    readonly code: FindingCode;
    /** What holds then. */
    readonly consequence: string;
    readonly advice: string;
  };
};

/** What it held; undefined where nothing usable was there. */
export type SavedFile<T> = { readonly value: T | undefined; readonly findings: readonly Finding[] };

/**
 * Reads the file. One that cannot be read is set aside as `<file>.corrupt-…` with a finding: never lost, never a reason not
 * to start. Never rejects.
 */
export async function readSavedFile<T>(options: SavedFileOptions<T>): Promise<SavedFile<T>> {
  try {
    const text = await readBounded(options.file, options.maxOctets);
    return { value: text === undefined ? undefined : options.read(text), findings: [] };
  } catch (error) {
    return { value: undefined, findings: [await setAside(options, messageOf(error))] };
  }
}

/** The text of the file; undefined where there is none. */
async function readBounded(file: string, maxOctets: number): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    if (size > maxOctets) throw new Error(`it has ${size} octets, more than ${maxOctets}`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Renames the file; its time and number make the name its own, so that no second bad file takes the first one's place. */
async function setAside<T>({ file, what, unreadable }: SavedFileOptions<T>, reason: string): Promise<Finding> {
  const { code, consequence, advice } = unreadable;
  const message = `The saved ${what} cannot be read: ${reason}. ${consequence}`;
  try {
    const { mtime, ino } = await stat(file);
    const aside = `${file}.corrupt-${mtime.toISOString().replaceAll(/[:.]/g, '')}-${ino}`;
    await rename(file, aside);
    return finding(code, { file }, message, `The file is kept as ${aside}. ${advice}`);
  } catch (error) {
    return finding(code, { file }, message, `It could not be renamed either (${messageOf(error)}): move it away.`);
  }
}
