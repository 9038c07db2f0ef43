import type { Finding } from '../core/desired/finding.ts';
import type { Audit, Clock, DrillStore, HealthStore, OverrideStore, RolloutStore } from '../core/ports.ts';
import { createAuditLog } from './audit/audit-log.ts';
import { readOldFiles } from './before-the-journal.ts';
import { createDrillStore } from './drill-store.ts';
import { createHealthStore } from './health-store.ts';
import { createJournal, type Journal } from './journal/journal.ts';
import { createDirectoryLock } from './journal/lock.ts';
import { createOverrideStore } from './override-store.ts';
import { createRolloutStore } from './rollout-store.ts';

/** All that is kept in the journal of a state directory, and the audit beside it. */
export type State = {
  readonly overrides: OverrideStore;
  readonly rollouts: RolloutStore;
  readonly drills: DrillStore;
  readonly health: HealthStore;
  readonly audit: Audit;
  /** For stores of other things. */
  readonly journal: Journal;
  /** Takes the directory, and reads what is there; once, whoever asks. Never rejects. */
  open(): Promise<readonly Finding[]>;
  /** Settles when what waits is written, or could not be; then the directory is free for another process. */
  close(): Promise<void>;
};

/** Nothing is touched before something of it is asked for. */
export function createState({ directory, clock }: { readonly directory: string; readonly clock: Clock }): State {
  const now = (): number => clock.now();
  const lock = createDirectoryLock({ directory, clock });
  const journal = createJournal({ directory, lock, now, seed: () => readOldFiles(directory, now()) });
  const audit = createAuditLog({ directory, lock, now });
  const room = { directory, journal, now };
  return {
    overrides: createOverrideStore(room),
    rollouts: createRolloutStore(room),
    drills: createDrillStore(room),
    health: createHealthStore(room),
    audit,
    journal,
    async open() {
      const { findings } = await journal.open();
      return [...findings, ...(await audit.open())];
    },
    async close() {
      await Promise.all([journal.close(), audit.close()]);
      lock.release();
    },
  };
}
