import { join } from 'node:path';
import type { RolloutStore } from '../core/ports.ts';
import type { Rollout } from '../core/rollout/rollout.ts';
import { ORDER_KINDS } from './before-the-journal.ts';
import { createJournalStore } from './journal/journal-store.ts';
import type { StateRoom } from './override-store.ts';
import { readRollout } from './rollouts-file.ts';

/** Rollouts in the journal. */
export function createRolloutStore({ directory, journal, now }: StateRoom): RolloutStore {
  const store = createJournalStore<Rollout>({
    journal,
    now,
    kind: ORDER_KINDS.rollouts,
    read: readRollout,
    unreadable: { code: 'rollouts-unreadable', what: 'rollouts', file: join(directory, 'journal') },
  });
  return {
    async load() {
      const { values, findings } = await store.load();
      return { rollouts: values, findings };
    },
    save: (rollouts) => store.replace(rollouts),
    close: () => store.settled(),
  };
}
