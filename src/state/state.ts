import type { Finding } from '../core/desired/finding.ts';
import type { Audit, Clock, DrillStore, HealthStore, OverrideStore, RolloutStore } from '../core/ports.ts';
import { createKeptAudit } from './audit/kept-audit.ts';
import { ORDER_KINDS, readOldFiles } from './before-the-journal.ts';
import { createDrillStore } from './drill-store.ts';
import { createHealthStore } from './health-store.ts';
import { createJournal, type Journal } from './journal/journal.ts';
import { inUse, JournalError } from './journal/journal-error.ts';
import { createDirectoryLock } from './journal/lock.ts';
import { createOverrideStore } from './override-store.ts';
import { createReserve } from './reserve.ts';
import { createRolloutStore } from './rollout-store.ts';
import { createSuccession, type Heir, type OrderKind } from './succession.ts';
import { createUpkeep } from './upkeep.ts';

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
  /** Whose the directory is. `unread`: it was not asked for yet. */
  standing(): 'unread' | 'ours' | 'taken';
  /**
   * From now on the stores take changes, if the directory is ours. To be called in the very turn in which what they loaded
   * comes into force: a change that was made of anything older would take back what it did not know.
   */
  admit(): void;
  /** Where another process has the directory: waits until it is ours. Resolves after the first try; else at once. */
  inherit(heir: Heir): Promise<void>;
  /** Whether what nobody waits for may be written: the directory is not another process's, and the disk is not full. */
  maySave(): boolean;
  /** From now on it is looked now and then whether all is in its place, and `tell` hears what is not, whenever that is another. Resolves after the first look. */
  watch(tell: (findings: readonly Finding[]) => void): Promise<void>;
  /** Waits no more. Settles when nobody is told any more. */
  giveUp(): Promise<void>;
  /** Settles when what waits is written, or could not be; then the directory is free for another process. */
  close(): Promise<void>;
};

/** Nothing is touched before something of it is asked for. */
export function createState({ directory, clock }: { readonly directory: string; readonly clock: Clock }): State {
  const now = (): number => clock.now();
  const lock = createDirectoryLock({ directory, clock });
  const reserve = createReserve({ directory, onChange: () => upkeep.tell() });
  const journal = createJournal({ directory, lock, now, reserve, seed: () => readOldFiles(directory, now()) });
  const audit = createKeptAudit({ directory, lock, now, reserve, journal });
  const upkeep = createUpkeep({ directory, clock, journal, audit, reserve, isOurs: () => standing === 'ours' });
  let standing: 'unread' | 'ours' | 'taken' = 'unread';
  let gate: 'shut' | 'open' = 'shut';
  const succession = createSuccession({
    clock,
    tryAgain: () => lock.again(),
    reread: async () => kindsOf(await journal.reread(Object.values(ORDER_KINDS))),
    async takeOver() {
      await reserve.measure();
      const findings = [...(await journal.takeOver()), ...(await audit.takeOver())];
      standing = 'ours';
      return findings;
    },
  });
  function refusal(): JournalError | undefined {
    if (gate === 'open') return undefined;
    return standing === 'taken' ? inUse() : new JournalError('journal-not-read', NOT_READ);
  }
  const room = { directory, journal: { ...journal, refusal }, now };
  return {
    overrides: createOverrideStore(room),
    rollouts: createRolloutStore(room),
    drills: createDrillStore(room),
    health: createHealthStore(room),
    audit,
    journal,
    async open() {
      const { state, findings } = await journal.open();
      standing = state === 'look' ? 'taken' : 'ours';
      if (standing === 'ours') await reserve.measure();
      return [...findings, ...(await audit.open(standing === 'ours' ? 'owner' : 'guest'))];
    },
    standing: () => standing,
    admit() {
      if (standing === 'ours') gate = 'open';
    },
    inherit: async (heir) => (standing === 'taken' ? succession.begin(heir) : undefined),
    maySave: () => standing !== 'taken' && !(reserve.state() === 'used' || reserve.state() === 'gone'),
    watch: (tell) => upkeep.begin(tell),
    giveUp: () => succession.end(),
    async close() {
      await succession.end();
      await upkeep.end();
      // What the audit ends with is noted in the journal.
      await audit.close();
      await journal.close();
      lock.release();
    },
  };
}

const NOT_READ = 'what was ordered before is still being read; try again in a moment';

function kindsOf(kinds: readonly string[]): readonly OrderKind[] {
  const all = ['overrides', 'rollouts', 'drills'] as const;
  return all.filter((each) => kinds.includes(ORDER_KINDS[each]));
}
