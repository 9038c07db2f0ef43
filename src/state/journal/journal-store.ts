import { type Finding, type FindingCode, finding } from '../../core/desired/finding.ts';
import type { Journal } from './journal.ts';
import type { JournalError } from './journal-error.ts';
import type { ChangeKind } from './journal-state.ts';

/**
 * A journal as stores see it. `refusal`: why nothing that is made of what is known now may be written, not even later; absent:
 * there is no reason.
 */
export type StoreJournal = Pick<Journal, 'open' | 'values' | 'change'> & {
  readonly refusal?: () => JournalError | undefined;
};

/** Values of one kind in a journal, by key. */
export type JournalStore<T> = {
  /** What was saved, without what cannot be read: that is a finding, stays in the journal and is not in force. Never rejects. */
  load(): Promise<{ readonly values: ReadonlyMap<string, T>; readonly findings: readonly Finding[] }>;
  /** All resolve when the change is on stable storage, and reject where nothing of it counts. They follow each other in order. */
  put(key: string, value: T): Promise<void>;
  delete(key: string): Promise<void>;
  change(put: ReadonlyMap<string, T>, drop?: Iterable<string>): Promise<void>;
  /** Makes these the values: what is the same already is not written again. What could not be read stays. */
  replace(values: ReadonlyMap<string, T>): Promise<void>;
  /** Settles when all that was given is written, or could not be. */
  settled(): Promise<void>;
};

/** What is kept, and how it is read. */
export type JournalStoreOptions<T> = {
  readonly journal: StoreJournal;
  /** Of its own in the journal; never another thing's. */
  readonly kind: string;
  /** Makes a value of what was saved, whoever wrote it; undefined where it is none. */
  readonly read: (saved: unknown) => T | undefined;
  /** The value as JSON. Absent: as it is. */
  readonly write?: (value: T) => unknown;
  /** Whether people wait for its changes. Absent: they do. */
  readonly changes?: ChangeKind;
  readonly unreadable: { readonly code: FindingCode; readonly what: string; readonly file: string };
  /** Ms since the epoch. */
  readonly now: () => number;
};

/** Most keys that a finding names. */
const MAX_NAMED = 5;

/** A store over a journal, which may have others over it. */
export function createJournalStore<T>(options: JournalStoreOptions<T>): JournalStore<T> {
  const { journal, kind, now } = options;
  const written = options.write ?? ((value: T): unknown => value);
  /** Keys whose value is not known to us: they are not taken for values that are gone. */
  let foreign: ReadonlySet<string> = new Set();
  let last: Promise<unknown> = Promise.resolve();

  /** `make` sees what was saved by all the changes before it. */
  function inOrder(make: () => { put: readonly (readonly [string, T])[]; drop: readonly string[] }): Promise<void> {
    const refusal = journal.refusal?.();
    if (refusal !== undefined) return Promise.reject(refusal);
    const before = last;
    const write = async (): Promise<void> => {
      await before;
      await journal.open();
      const known = journal.values(kind);
      const { put, drop } = make();
      const texts = put.map(([key, value]) => [key, JSON.stringify(written(value))] as const);
      const news = texts.filter(([key, text]) => known.get(key) !== text);
      const gone = drop.filter((key) => known.has(key));
      if (news.length > 0 || gone.length > 0) {
        await journal.change({ kind, at: now(), put: news, drop: gone }, options.changes);
      }
    };
    const done = write();
    // The next change does not suffer from this one; who waits for `done` gets the error.
    last = done.catch(() => {});
    return done;
  }

  return {
    async load() {
      await journal.open();
      const read = [...journal.values(kind)].map(([key, text]) => [key, readText(text, options.read)] as const);
      const values = new Map(read.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
      foreign = new Set(read.flatMap(([key, value]) => (value === undefined ? [key] : [])));
      return { values, findings: foreign.size === 0 ? [] : [unreadable(options, [...foreign])] };
    },
    put: (key, value) => inOrder(() => ({ put: [[key, value]], drop: [] })),
    delete: (key) => inOrder(() => ({ put: [], drop: [key] })),
    change: (put, drop = []) => inOrder(() => ({ put: [...put], drop: [...drop] })),
    replace: (values) =>
      inOrder(() => {
        const known = [...journal.values(kind).keys()];
        return { put: [...values], drop: known.filter((key) => !values.has(key) && !foreign.has(key)) };
      }),
    settled: async () => void (await last),
  };
}

function readText<T>(text: string, read: (saved: unknown) => T | undefined): T | undefined {
  try {
    return read(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function unreadable<T>({ unreadable: { code, what, file } }: JournalStoreOptions<T>, keys: readonly string[]): Finding {
  const named = keys.slice(0, MAX_NAMED).map((key) => JSON.stringify(key));
  const more = keys.length > named.length ? ` and ${keys.length - named.length} more` : '';
  const message = `Saved ${what} cannot be read and are not in force: ${named.join(', ')}${more}.`;
  return finding(
    code,
    { file },
    message,
    'Another version of Azimuth may have written them; they are kept in the journal.',
  );
}
