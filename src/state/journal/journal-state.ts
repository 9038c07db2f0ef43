import type { Finding } from '../../core/desired/finding.ts';
import type { Reserve } from '../reserve.ts';
import type { JournalChange } from './entry.ts';
import type { GrowingFile, OpenFile } from './growing-file.ts';
import type { JournalError } from './journal-error.ts';
import type { DirectoryLock } from './lock.ts';
import type { JournalValues } from './values.ts';

/** Whether somebody waits for a change. */
export type ChangeKind = 'order' | 'spare';

/** What a look found; `anew` as well where an order noticed it first. */
export type JournalLook = 'in-place' | 'anew' | 'unwritten';

/** Where it is. `open`: for tests whose disk fails. */
export type JournalOptions = {
  readonly directory: string;
  readonly lock: Pick<DirectoryLock, 'take'> & Partial<Pick<DirectoryLock, 'hold'>>;
  /** Ms since the epoch. */
  readonly now: () => number;
  /** Room for orders where the disk is full. Absent: there is none. */
  readonly reserve?: Pick<Reserve, 'state' | 'covered'>;
  /** What the first journal of a directory begins with. Never rejects. */
  readonly seed?: () => Promise<Seed>;
  readonly open?: OpenFile;
};

/** What a journal begins with: all of it is in its first file, or there is none. `written` is called when it is. */
export type Seed = {
  readonly changes: readonly JournalChange[];
  readonly findings: readonly Finding[];
  written(): Promise<void>;
};

/** One change that waits to be written. */
export type Item = { readonly change: JournalChange; readonly body: string; readonly kind: ChangeKind };

/** A journal that is open, or about to be. */
export type JournalState = {
  readonly options: JournalOptions;
  values: JournalValues;
  seq: number;
  file: GrowingFile;
  /** Why nothing is written; undefined: it is. */
  refusal: JournalError | undefined;
  /** Of another process's file, as it was when it was read last. */
  stamp: string | undefined;
  /** It is compacted when it is larger than this, too: after a compaction that failed, not again at once. */
  patience: number;
  /** Whether the file was found gone, and what became of it, since the last look. */
  found: JournalLook;
};
