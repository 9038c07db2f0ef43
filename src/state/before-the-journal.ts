import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../core/desired/finding.ts';
import type { JournalChange } from './journal/entry.ts';
import type { Seed } from './journal/journal-state.ts';
import { readOverrides } from './overrides-file.ts';
import { readRollouts } from './rollouts-file.ts';
import { readSavedFile, type SavedFile, type SavedFileOptions } from './saved-file.ts';

/** A larger file of overrides is none of ours, in octets: 4 MiB, some 10,000 orders. */
const MAX_OVERRIDES_SIZE = 4 * 2 ** 20;
/** A larger file of rollouts is none of ours, in octets: 16 MiB, a hundred rollouts with all the hostnames that they may have. */
const MAX_ROLLOUTS_SIZE = 16 * 2 ** 20;

/** The kinds of orders in the journal. */
export const ORDER_KINDS = { overrides: 'override', rollouts: 'rollout', drills: 'drill' } as const;

/**
 * What versions before the journal kept in files of their own, for the first journal of a directory. The files are renamed to
 * `.migrated` when it is written: they are not read again, whether that works or not.
 */
export async function readOldFiles(directory: string, at: number): Promise<Seed> {
  const overrides = {
    file: join(directory, 'overrides.json'),
    what: 'overrides',
    maxOctets: MAX_OVERRIDES_SIZE,
    read: readOverrides,
    unreadable: {
      code: 'overrides-unreadable',
      consequence: 'Drains ordered before this start are not in force.',
      advice: 'Order the drains again.',
    },
  } as const;
  const rollouts = {
    file: join(directory, 'rollouts.json'),
    what: 'rollouts',
    maxOctets: MAX_ROLLOUTS_SIZE,
    read: readRollouts,
    unreadable: {
      code: 'rollouts-unreadable',
      consequence: 'Clients are divided as if there were none.',
      advice: 'Start them again.',
    },
  } as const;
  const found = [
    await oldValues(overrides, ORDER_KINDS.overrides, at),
    await oldValues(rollouts, ORDER_KINDS.rollouts, at),
  ];
  const read = found.flatMap(({ change, file }) => (change === undefined ? [] : [{ change, file }]));
  return {
    changes: read.map(({ change }) => change),
    findings: found.flatMap(({ findings }) => findings),
    async written() {
      for (const { file } of read) await rename(file, `${file}.migrated`).catch(() => {});
    },
  };
}

type Old = {
  readonly file: string;
  readonly change: JournalChange | undefined;
  readonly findings: readonly Finding[];
};

async function oldValues<T>(options: SavedFileOptions<ReadonlyMap<string, T>>, kind: string, at: number): Promise<Old> {
  const { value, findings }: SavedFile<ReadonlyMap<string, T>> = await readSavedFile(options);
  if (value === undefined) return { file: options.file, change: undefined, findings };
  const put = [...value].map(([key, each]) => [key, JSON.stringify(each)] as const);
  return { file: options.file, change: { kind, at, put, drop: [] }, findings };
}
