import type { AuditEntry } from '../../core/ports.ts';
import { ORDER_KINDS } from '../before-the-journal.ts';
import type { JournalChange } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import { type Deed, deedsOf, isAbout, toldBy } from './deeds.ts';
import { AUDIT_KIND, type AuditMark, MARK_KEY, markIn } from './mark.ts';

/** What the journal knows of the audit: its newest line, and of which orders the entries are in front of that. */
export type Account = {
  /** The newest line that the journal knows of. Never rejects. */
  mark(): Promise<AuditMark | undefined>;
  /** Entries came onto stable storage. Written at once, and nobody waits for it. */
  note(entries: readonly AuditEntry[], end: AuditMark): void;
  /** The same of orders, by their deeds; `stale` are those that are gone. */
  take(ids: ReadonlyMap<string, string>, stale: readonly string[], end: AuditMark | undefined): void;
  /** Forgets orders that are gone, where they are many: their names may never come again. */
  tidy(): void;
  /** Settles when what waits is written, or could not be: then it waits for the next one. Never rejects. */
  flush(): Promise<void>;
};

/** Where it is kept. `now` in ms since the epoch. */
export type AccountOptions = {
  readonly journal: Pick<Journal, 'open' | 'values' | 'change'>;
  readonly now: () => number;
};

type Waiting = {
  readonly end: AuditMark | undefined;
  readonly ids: Map<string, string>;
  readonly stale: readonly string[];
};

/** So many orders that are gone are kept in mind at most, beside twice of those that there are. */
const MAX_STALE = 1000;

/** An account in the journal. */
export function createAccount({ journal, now }: AccountOptions): Account {
  let waiting: Waiting | undefined;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (waiting !== undefined) {
      const taken = waiting;
      waiting = undefined;
      try {
        await journal.change(changeOf(taken, now()), 'spare');
      } catch {
        // It is behind the audit then, which is what it may always be: the next one, or the next start, catches up.
        waiting = joined(taken, waiting);
        return;
      }
    }
  }

  function flush(): Promise<void> {
    writing ??= write().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  function take(ids: ReadonlyMap<string, string>, stale: readonly string[], end: AuditMark | undefined): void {
    waiting = joined(waiting, { end, ids: new Map(ids), stale });
    void flush();
  }

  return {
    async mark() {
      await journal.open();
      return markIn(journal.values(AUDIT_KIND));
    },
    note(entries, end) {
      const { ids, gone } = notedBy(entries, journal);
      take(ids, gone, end);
    },
    take,
    tidy() {
      const known = journal.values(AUDIT_KIND);
      const orders = Object.values(ORDER_KINDS).reduce((sum, kind) => sum + journal.values(kind).size, 0);
      if (known.size > MAX_STALE + 2 * orders) take(new Map(), staleOf(journal), undefined);
    },
    flush,
  };
}

/** Keys of orders that are not in the journal any more. */
export function staleOf(journal: Pick<Journal, 'values'>): readonly string[] {
  const present = new Set(allDeeds(journal).map(({ key }) => key));
  return [...journal.values(AUDIT_KIND).keys()].filter((key) => key !== MARK_KEY && !present.has(key));
}

/** What people did of which something is left in the journal. */
export function allDeeds(journal: Pick<Journal, 'values'>): readonly Deed[] {
  return Object.values(ORDER_KINDS).flatMap((kind) =>
    [...journal.values(kind)].flatMap(([key, text]) => deedsOf(kind, key, text)),
  );
}

/** Of the orders in the journal that these entries are about; `gone`: of those that were taken back. */
function notedBy(entries: readonly AuditEntry[], journal: Pick<Journal, 'values'>) {
  const ids = new Map<string, string>();
  const gone = new Set<string>();
  for (const entry of entries) {
    const told = toldBy(entry);
    if (told === undefined) continue;
    const name = `${told.kind} ${told.key}`;
    // One that is left there was taken back without an entry.
    if (told.turn === 'taken-back') {
      ids.delete(name);
      gone.add(name);
      continue;
    }
    const text = journal.values(told.kind).get(told.key);
    const deeds = text === undefined ? [] : deedsOf(told.kind, told.key, text);
    for (const deed of deeds) if (isAbout(entry, deed)) ids.set(deed.key, deed.id);
  }
  return { ids, gone: [...gone].filter((name) => !ids.has(name)) };
}

function joined(before: Waiting | undefined, after: Waiting | undefined): Waiting {
  const gone = new Set(after?.stale);
  const kept = [...(before?.ids ?? [])].filter(([key]) => !gone.has(key));
  const ids = new Map([...kept, ...(after?.ids ?? [])]);
  const stale = [...(before?.stale ?? []), ...(after?.stale ?? [])].filter((key) => !ids.has(key));
  return { end: after?.end ?? before?.end, ids, stale };
}

/** One line: the mark and what it stands for are there together or not at all. */
function changeOf({ end, ids, stale }: Waiting, at: number): JournalChange {
  const put = [...ids].map(([key, id]) => [key, JSON.stringify(id)] as const);
  const mark = end === undefined ? [] : [[MARK_KEY, JSON.stringify(end)] as const];
  return { kind: AUDIT_KIND, at, put: [...put, ...mark], drop: stale };
}
