import { type FileHandle, open, readdir } from 'node:fs/promises';
import { readOldFiles } from '../../../src/state/before-the-journal.ts';
import type { OpenFile } from '../../../src/state/journal/growing-file.ts';
import { createJournal, type Journal } from '../../../src/state/journal/journal.ts';
import type { JournalOptions } from '../../../src/state/journal/journal-state.ts';
import type { StateRoom } from '../../../src/state/override-store.ts';

/** The time of all tests about journals, in ms since the epoch. */
export const AT = Date.UTC(2026, 0, 1);

/** A directory that is ours without asking. */
export const OURS = { take: async () => ({ kind: 'ours' }) as const };

const journals = new Set<Journal>();

/** A journal in a directory, as after a start. */
export function journalIn(directory: string, options: Partial<JournalOptions> = {}): Journal {
  const journal = createJournal({ directory, lock: OURS, now: () => AT, ...options });
  journals.add(journal);
  return journal;
}

/** Closes all journals of a test: its files are not left to the garbage collector. */
export async function closeJournals(): Promise<void> {
  await Promise.all([...journals].map((journal) => journal.close()));
  journals.clear();
}

/** What stores are made over: a journal that begins with what older versions left. */
export function roomIn(directory: string): StateRoom {
  const seed = (): ReturnType<typeof readOldFiles> => readOldFiles(directory, AT);
  return { directory, journal: journalIn(directory, { seed }), now: () => AT };
}

/** Puts one value of the kind `test`. */
export function put(journal: Journal, key: string, value: unknown): Promise<void> {
  return journal.change({ kind: 'test', at: AT, put: [[key, JSON.stringify(value)]], drop: [] });
}

/** Takes one away. */
export function drop(journal: Journal, key: string): Promise<void> {
  return journal.change({ kind: 'test', at: AT, put: [], drop: [key] });
}

/** The values of the kind `test`. */
export function valuesOf(journal: Journal): ReadonlyMap<string, unknown> {
  return new Map([...journal.values('test')].map(([key, text]) => [key, JSON.parse(text)]));
}

/** What a start finds in a directory: the values, and the codes of what it says. */
export async function reread(directory: string) {
  const journal = journalIn(directory);
  const { state, findings } = await journal.open();
  await journal.close();
  return { values: valuesOf(journal), state, codes: findings.map(({ code }) => code), findings };
}

/** Names in a directory that were set aside. */
export async function asides(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => /\.(torn|damaged|unreadable)-/.test(name));
}

/** A disk that fails where it is told to; `syncs` counts what came onto stable storage. */
export type Disk = { readonly open: OpenFile; fails: 'never' | 'write' | 'sync' | 'half-write'; syncs: number };

/** The real disk, until it is told to fail. */
export function createDisk(): Disk {
  const disk: Disk = {
    fails: 'never',
    syncs: 0,
    async open(file, flags, mode) {
      const handle = await open(file, flags, mode);
      return new Proxy(handle, { get: (target, name) => faulty(disk, target, name) });
    },
  };
  return disk;
}

function faulty(disk: Disk, handle: FileHandle, name: string | symbol): unknown {
  if (name === 'write') {
    return async (octets: Buffer, offset: number, length: number, position: number) => {
      if (disk.fails === 'write') throw failure('ENOSPC');
      if (disk.fails !== 'half-write') return handle.write(octets, offset, length, position);
      await handle.write(octets, offset, Math.floor(length / 2), position);
      throw failure('EIO');
    };
  }
  if (name === 'datasync' || name === 'sync') {
    return async () => {
      if (disk.fails === 'sync') throw failure('EIO');
      disk.syncs += 1;
      await handle[name]();
    };
  }
  const value: unknown = Reflect.get(handle, name, handle);
  return typeof value === 'function' ? value.bind(handle) : value;
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: the disk fails`), { code });
}
