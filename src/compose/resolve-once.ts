import type { Config } from '../config/config.ts';
import type { Resolutions } from '../core/desired/resolution.ts';
import { settlesWithin } from '../lifecycle.ts';
import { createAskName } from '../resolver/ask.ts';
import { createAddressResolver } from '../resolver/resolver.ts';
import { SYSTEM_CLOCK } from './system-clock.ts';

/** Longest wait for the lookups of a rehearsal, in ms. */
const REHEARSAL_LOOKUPS_MS = 10_000;

/** What names lead to now; those that are not known in time are not in it. */
export async function resolveOnce(names: readonly string[], config: Config): Promise<Resolutions> {
  let known: Resolutions = new Map();
  const resolver = createAddressResolver({ clock: SYSTEM_CLOCK, ask: createAskName(config.resolver) });
  resolver.resolve(names);
  resolver.start((resolutions) => {
    known = resolutions;
  });
  await settlesWithin(REHEARSAL_LOOKUPS_MS, resolver.firstRound());
  await resolver.close();
  return known;
}
