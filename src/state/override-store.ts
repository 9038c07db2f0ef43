import type { OverrideStore } from '../core/ports.ts';
import { readOverrides, writeOverrides } from './overrides-file.ts';
import { createSavedFile } from './saved-file.ts';

/** A larger file is none of ours, in octets: 4 MiB, some 10,000 orders. */
const MAX_OVERRIDES_SIZE = 4 * 2 ** 20;

/** Overrides in `overrides.json` of a directory, as `createSavedFile` keeps them. */
export function createOverrideStore({ directory }: { readonly directory: string }): OverrideStore {
  const saved = createSavedFile({
    directory,
    what: 'overrides',
    maxOctets: MAX_OVERRIDES_SIZE,
    read: readOverrides,
    write: writeOverrides,
    unreadable: {
      code: 'overrides-unreadable',
      consequence: 'Drains ordered before this start are not in force.',
      advice: 'Order the drains again.',
      before: 'the next drain',
    },
  });
  return {
    async load() {
      const { value = new Map(), findings } = await saved.load();
      return { overrides: value, findings };
    },
    save: (overrides) => saved.save(overrides),
  };
}
