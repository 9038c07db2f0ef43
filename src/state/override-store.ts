import { join } from 'node:path';
import type { Override } from '../core/orders/override.ts';
import type { OverrideStore } from '../core/ports.ts';
import { ORDER_KINDS } from './before-the-journal.ts';
import { createJournalStore, type StoreJournal } from './journal/journal-store.ts';
import { readOverride } from './overrides-file.ts';

/** The journal, where it is, and what time it is (ms since the epoch). */
export type StateRoom = { readonly directory: string; readonly journal: StoreJournal; readonly now: () => number };

/** Overrides in the journal. */
export function createOverrideStore({ directory, journal, now }: StateRoom): OverrideStore {
  const store = createJournalStore<Override>({
    journal,
    now,
    kind: ORDER_KINDS.overrides,
    read: readOverride,
    unreadable: { code: 'overrides-unreadable', what: 'overrides', file: join(directory, 'journal') },
  });
  return {
    async load() {
      const { values, findings } = await store.load();
      return { overrides: values, findings };
    },
    save: (overrides) => store.replace(overrides),
  };
}
