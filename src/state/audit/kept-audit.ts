import { join } from 'node:path';
import type { Finding } from '../../core/desired/finding.ts';
import type { Audit, AuditEntry } from '../../core/ports.ts';
import type { Journal } from '../journal/journal.ts';
import { JournalError } from '../journal/journal-error.ts';
import { createAccount } from './account.ts';
import { type AuditLog, type AuditLogOptions, createAuditLog } from './audit-log.ts';
import { isCarriedOut } from './deeds.ts';
import { auditFolder } from './files.ts';
import { reckon } from './reckoning.ts';

/** The audit and the journal, which keep account of each other. */
export type KeptAudit = Audit &
  Pick<AuditLog, 'close'> & {
    /** Finds out where it ended, and gives entries to orders without one; once, and as its owner. Never rejects. */
    open(as: 'owner' | 'guest'): Promise<readonly Finding[]>;
    takeOver(): Promise<readonly Finding[]>;
    /** Whether its file is there; writes what could not be written. Never rejects. */
    look(): Promise<readonly Finding[]>;
  };

/** Most entries that could not be written and are kept until they can be. */
const MAX_OWED = 1000;

/** What it takes. */
export type KeptAuditOptions = Omit<AuditLogOptions, 'mark' | 'onRecorded'> & {
  readonly journal: Pick<Journal, 'open' | 'values' | 'change'>;
};

/** The audit of a state directory. */
export function createKeptAudit({ journal, ...options }: KeptAuditOptions): KeptAudit {
  const { directory, now } = options;
  const account = createAccount({ journal, now });
  const log = createAuditLog({
    ...options,
    mark: () => account.mark(),
    onRecorded: (entries, end) => account.note(entries, end),
  });
  /** Of what took effect, and could not be written. */
  let owed: readonly AuditEntry[] = [];

  function owe(entry: AuditEntry): void {
    if (owed.length < MAX_OWED) owed = [...owed, entry];
  }

  async function pay(): Promise<void> {
    const due = owed;
    owed = [];
    for (const entry of due) await log.record(entry).catch(() => owe(entry));
  }

  async function settle(): Promise<readonly Finding[]> {
    const file = join(directory, 'journal');
    const end = log.end();
    try {
      const found = await reckon({ journal, folder: auditFolder(directory), file, end, now: now() });
      if (found.ids.size > 0 || found.stale.length > 0 || end !== undefined) account.take(found.ids, found.stale, end);
      for (const entry of found.found) owe(entry);
      await pay();
      return found.findings;
    } catch {
      // Why it cannot be read was told when its end was looked for.
      return [];
    }
  }

  return {
    list: (range) => log.list(range),
    async record(entry) {
      try {
        await log.record(entry);
      } catch (error) {
        if (isCarriedOut(entry.outcome) && !isForGood(error)) owe(entry);
        throw error;
      }
    },
    async open(as) {
      const findings = await log.open();
      return as === 'owner' ? [...findings, ...(await settle())] : findings;
    },
    async takeOver() {
      const findings = await log.takeOver();
      return [...findings, ...(await settle())];
    },
    async look() {
      await pay();
      account.tidy();
      await account.flush();
      return log.look();
    },
    async close() {
      await pay();
      await log.close();
      await account.flush();
    },
  };
}

/** A process that is not the owner, or stops, has nothing to pay later. */
function isForGood(error: unknown): boolean {
  return error instanceof JournalError && (error.code === 'state-in-use' || error.code === 'journal-closed');
}
