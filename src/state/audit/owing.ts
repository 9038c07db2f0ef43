import type { Audit, AuditEntry, AuditKind } from '../../core/ports.ts';
import { JournalError } from '../journal/journal-error.ts';
import { isCarriedOut, toldBy } from './deeds.ts';

/** Most entries that could not be written and are kept until they can be. */
const MAX_OWED = 1000;

/** Writes entries so that the last one of an order is the last one of the audit, also where some could not be written at first. */
export type Owing = Pick<Audit, 'record'> & {
  /** Owes an entry of what took effect. */
  owe(entry: AuditEntry): void;
  /** Writes what is owed, in its order. Rejects where that cannot be done; the rest stays owed. */
  pay(): Promise<void>;
};

/** Nothing is owed. */
export function createOwing(record: Audit['record']): Owing {
  /** Of what took effect, and could not be written. */
  let owed: readonly AuditEntry[] = [];
  let paying: Promise<void> | undefined;
  /** Of what has an entry on its way: the next one of the same waits for it, as it may come to be owed. */
  const turns = new Map<string, Promise<void>>();

  function owe(entry: AuditEntry): void {
    if (owed.length < MAX_OWED) owed = [...owed, entry];
  }

  async function payAll(): Promise<void> {
    while (owed.length > 0) {
      const due = differentOf(owed);
      owed = owed.slice(due.length);
      const done = await Promise.allSettled(due.map((entry) => record(entry)));
      const left = due.filter((_, index) => done[index]?.status === 'rejected');
      owed = [...left, ...owed].slice(0, MAX_OWED);
      const failed = done.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
  }

  function pay(): Promise<void> {
    paying ??= payAll().finally(() => {
      paying = undefined;
    });
    return paying;
  }

  async function write(entry: AuditEntry, kind: AuditKind | undefined): Promise<void> {
    try {
      if (owed.length > 0 || paying !== undefined) await pay();
      await record(entry, kind);
    } catch (error) {
      if (!isForGood(error)) owe(entry);
      throw error;
    }
  }

  return {
    owe,
    pay,
    record(entry, kind) {
      // What was refused changes nothing that an entry before it says.
      if (!isCarriedOut(entry.outcome)) return record(entry, kind);
      const name = subjectOf(entry);
      const before = turns.get(name);
      const done = before === undefined ? write(entry, kind) : before.then(() => write(entry, kind));
      // The next one does not suffer from this one; who waits for `done` gets the error.
      const turn = done
        .catch(() => {})
        .finally(() => {
          if (turns.get(name) === turn) turns.delete(name);
        });
      turns.set(name, turn);
      return done;
    },
  };
}

/** The first of them that are each about something else: written together, whichever of them fails. */
function differentOf(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  const subjects = new Set<string>();
  const end = entries.findIndex((entry) => {
    const subject = subjectOf(entry);
    if (subjects.has(subject)) return true;
    subjects.add(subject);
    return false;
  });
  return end === -1 ? entries : entries.slice(0, end);
}

function subjectOf(entry: AuditEntry): string {
  const told = toldBy(entry);
  return told === undefined ? `${entry.action} ${entry.target}` : `${told.kind} ${told.key}`;
}

/** A process that is not the owner, or stops, has nothing to pay later. */
function isForGood(error: unknown): boolean {
  return error instanceof JournalError && (error.code === 'state-in-use' || error.code === 'journal-closed');
}
