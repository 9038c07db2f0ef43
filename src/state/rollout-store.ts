import type { RolloutStore } from '../core/ports.ts';
import { readRollouts, writeRollouts } from './rollouts-file.ts';
import { createSavedFile } from './saved-file.ts';

/** A larger file is none of ours, in octets: 16 MiB, a hundred rollouts with all the hostnames that they may have. */
const MAX_ROLLOUTS_SIZE = 16 * 2 ** 20;

/** Rollouts in `rollouts.json` of a directory, as `createSavedFile` keeps them. */
export function createRolloutStore({ directory }: { readonly directory: string }): RolloutStore {
  const saved = createSavedFile({
    directory,
    what: 'rollouts',
    maxOctets: MAX_ROLLOUTS_SIZE,
    read: readRollouts,
    write: writeRollouts,
    unreadable: {
      code: 'rollouts-unreadable',
      consequence: 'Clients are divided as if there were none.',
      advice: 'Start them again.',
      before: 'the next rollout',
    },
  });
  return {
    async load() {
      const { value = new Map(), findings } = await saved.load();
      return { rollouts: value, findings };
    },
    save: (rollouts) => saved.save(rollouts),
    close: () => saved.settled(),
  };
}
