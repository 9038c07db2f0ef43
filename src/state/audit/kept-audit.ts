import { join } from 'node:path';
import type { Finding } from '../../core/desired/finding.ts';
import type { Audit } from '../../core/ports.ts';
import type { Journal } from '../journal/journal.ts';
import { createAccount } from './account.ts';
import { type AuditLog, type AuditLogOptions, createAuditLog } from './audit-log.ts';
import { auditFolder } from './files.ts';
import { createOwing } from './owing.ts';
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
  const owing = createOwing((entry, kind) => log.record(entry, kind));
  /** What cannot be written now will be later. */
  const pay = (): Promise<void> => owing.pay().catch(() => {});

  async function settle(): Promise<readonly Finding[]> {
    const file = join(directory, 'journal');
    const end = log.end();
    try {
      const found = await reckon({ journal, folder: auditFolder(directory), file, end, now: now() });
      if (found.ids.size > 0 || found.stale.length > 0 || end !== undefined) account.take(found.ids, found.stale, end);
      for (const entry of found.found) owing.owe(entry);
      await pay();
      return found.findings;
    } catch {
      // Why it cannot be read was told when its end was looked for.
      return [];
    }
  }

  return {
    list: (range) => log.list(range),
    record: (entry, kind) => owing.record(entry, kind),
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
