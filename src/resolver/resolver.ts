import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { Resolution, Resolutions } from '../core/desired/resolution.ts';
import type { AddressResolver, Clock } from '../core/ports.ts';
import type { AskName } from './ask.ts';
import { type Knowledge, learn } from './knowledge.ts';
import { MAX_LOOKUPS, MAX_NAMES } from './limits.ts';

/** What the resolver needs. */
export type ResolverOptions = {
  readonly clock: Clock;
  readonly ask: AskName;
  /** From [0, 1): shortens each wait by up to a tenth, so that names part. Default `Math.random`. */
  readonly jitter?: () => number;
};

type Entry = {
  readonly name: string;
  knowledge: Knowledge | undefined;
  cancel: (() => void) | undefined;
  /** Settles after the first lookup, or when there will be none. */
  readonly first: PromiseWithResolvers<void>;
};

/** Makes the resolver: a name is looked up at once when it is new, and again when its TTL is over. */
export function createAddressResolver({ clock, ask, jitter = Math.random }: ResolverOptions): AddressResolver {
  const closing = new AbortController();
  // Every lookup listens to it.
  setMaxListeners(0, closing.signal);
  const limit = pLimit(MAX_LOOKUPS);
  const underWay = new Set<Promise<void>>();
  let entries = new Map<string, Entry>();
  let surplus: readonly string[] = [];
  let sink: ((resolutions: Resolutions) => void) | undefined;

  function tell(): void {
    const known = new Map<string, Resolution>(surplus.map((name) => [name, TOO_MANY]));
    for (const { name, knowledge } of entries.values()) if (knowledge) known.set(name, knowledge.resolution);
    sink?.(known);
  }

  const isWanted = (entry: Entry): boolean => entries.get(entry.name) === entry && !closing.signal.aborted;

  async function lookUp(entry: Entry): Promise<void> {
    if (!isWanted(entry)) return;
    const answer = await ask(entry.name, closing.signal);
    if (!isWanted(entry)) return;
    const before = entry.knowledge;
    const after = learn(before, answer, clock.now());
    entry.knowledge = after;
    entry.cancel = clock.after(after.waitSeconds * 1000 * (1 - jitter() / 10), () => launch(entry));
    if (after.resolution !== before?.resolution) tell();
  }

  function launch(entry: Entry): void {
    entry.cancel = undefined;
    const lookup = limit(() => lookUp(entry)).finally(() => {
      underWay.delete(lookup);
      entry.first.resolve();
    });
    underWay.add(lookup);
  }

  function forget(entry: Entry): void {
    entry.cancel?.();
    entry.first.resolve();
  }

  return {
    resolve(names) {
      if (closing.signal.aborted) return;
      const before = entries;
      const wanted = names.slice(0, MAX_NAMES);
      entries = new Map(wanted.map((name) => [name, before.get(name) ?? newEntry(name)]));
      for (const [name, entry] of before) if (entries.get(name) !== entry) forget(entry);
      const hadSurplus = surplus.length > 0;
      surplus = names.slice(MAX_NAMES);
      if (sink === undefined) return;
      for (const [name, entry] of entries) if (!before.has(name)) launch(entry);
      if (hadSurplus || surplus.length > 0) tell();
    },
    start(to) {
      if (sink !== undefined || closing.signal.aborted) return;
      sink = to;
      for (const entry of entries.values()) launch(entry);
      if (surplus.length > 0) tell();
    },
    async firstRound() {
      await Promise.all([...entries.values()].map((entry) => entry.first.promise));
    },
    async close() {
      closing.abort();
      sink = undefined;
      for (const entry of entries.values()) forget(entry);
      await Promise.allSettled(underWay);
    },
  };
}

const TOO_MANY: Resolution = Object.freeze({
  state: 'failed',
  addresses: [],
  problem: `only ${MAX_NAMES} names are resolved`,
  since: undefined,
});

function newEntry(name: string): Entry {
  return { name, knowledge: undefined, cancel: undefined, first: Promise.withResolvers() };
}
