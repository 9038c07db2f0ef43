import { type Draft, departed, draftOf, inOrder, insert, leave, without } from './asks.ts';
import type { Bundle, ClaimBook } from './claim.ts';
import type { Finding } from './finding.ts';
import { type Asker, originOf } from './gateway-api/metadata.ts';
import { giveUp, hostnameOf } from './hostname.ts';
import type { Hostname, Policy } from './model.ts';
import type { MonitorBook } from './monitor-book.ts';
import { compareText } from './order.ts';
import type { Pattern, PatternBook } from './pattern.ts';
import { createTally } from './remarks.ts';
import { isSameList } from './same-list.ts';
import type { Servability } from './servable.ts';

/** All names that are asked for, by whom, and what comes of it. */
export type NameBook = {
  add(name: string, asker: Asker, bundle: Bundle): void;
  /** Takes away what an object of a cluster asks for. */
  remove(name: string, asker: Asker, rank: number): void;
  /** Takes away all that a cluster asks for. */
  removeAll(rank: number): void;
  /** Whether a cluster asks for it; as of the last settling. */
  isAsked(name: string, rank: number): boolean;
  /** What comes of the changes since it was settled last; the very same lists where nothing does. */
  settle(): Settled;
};

/** Hostnames are ordered by name, and frozen. */
type Settled = { readonly hostnames: readonly Hostname[]; readonly findings: readonly Finding[] };

/** What a book of names needs. It retains and releases in the other books. */
export type NameBookOptions = {
  readonly servability: (name: string) => Servability;
  /** The policy of a hostname in its zone. */
  readonly policyIn: (policy: Policy, zone: string) => Policy;
  readonly claims: ClaimBook;
  readonly patterns: PatternBook;
  readonly monitors: MonitorBook;
};

type Entry = {
  readonly name: string;
  readonly served: Servability;
  askers: readonly Asker[];
  /** One for each asker. */
  bundles: readonly Bundle[];
  /** Both only of a name that is served. */
  pattern: Pattern | undefined;
  hostname: Hostname | undefined;
  /** While it is changed. */
  draft: Draft | undefined;
};

/** What a settling changed. */
type News = Set<'names' | 'hostnames' | 'findings'>;

/** An empty book. */
export function createNameBook(options: NameBookOptions): NameBook {
  const entries = new Map<string, Entry>();
  let touched: Entry[] = [];
  let ordered: readonly Entry[] = [];
  let settled: Settled = { hostnames: Object.freeze([]), findings: Object.freeze([]) };
  const touch = (entry: Entry): Draft => {
    if (entry.draft !== undefined) return entry.draft;
    touched.push(entry);
    return draftOf(entry);
  };
  const entryOf = (name: string): Entry => {
    const known = entries.get(name);
    if (known !== undefined) return known;
    const made = emptyEntry(name, options.servability(name));
    entries.set(name, made);
    return made;
  };
  return {
    add(name, asker, bundle) {
      const entry = entryOf(name);
      const draft = departed(touch(entry));
      insert(draft, asker, bundle);
      entry.draft = draft;
    },
    remove(name, asker, rank) {
      const entry = entries.get(name);
      if (entry !== undefined) entry.draft = leave(touch(entry), asker, rank);
    },
    removeAll(rank) {
      for (const entry of entries.values()) {
        if (!(entry.draft ?? entry).bundles.some((bundle) => bundle.rank === rank)) continue;
        entry.draft = without(departed(touch(entry)), (_, bundle) => bundle.rank === rank);
      }
    },
    isAsked: (name, rank) => entries.get(name)?.bundles.some((bundle) => bundle.rank === rank) ?? false,
    settle() {
      const news: News = new Set();
      for (const entry of touched) settleEntry(entry, options, news);
      for (const { name, askers } of touched) if (askers.length === 0) entries.delete(name);
      if (news.has('names')) ordered = reordered(ordered, touched);
      touched = [];
      const hostnames = news.has('hostnames') ? hostnamesOf(ordered) : settled.hostnames;
      settled = { hostnames, findings: news.has('findings') ? findingsOf(ordered) : settled.findings };
      return settled;
    },
  };
}

function emptyEntry(name: string, served: Servability): Entry {
  return { name, served, askers: [], bundles: [], pattern: undefined, hostname: undefined, draft: undefined };
}

function settleEntry(entry: Entry, options: NameBookOptions, news: News): void {
  const { draft, served } = entry;
  entry.draft = undefined;
  if (draft === undefined) return;
  const { askers, bundles } = inOrder(departed(draft));
  if (isSameList(askers, entry.askers) && isSameList(bundles, entry.bundles)) return;
  if ((askers.length === 0) !== (entry.askers.length === 0)) news.add('names');
  if (!isSameList(askers, entry.askers)) entry.askers = Object.freeze(askers.slice());
  if (served.kind === 'refused') {
    options.claims.retain(bundles);
    options.claims.release(entry.bundles);
    entry.bundles = bundles.slice();
    news.add('findings');
  } else settleServed(entry, served.zone, bundles, options, news);
}

function settleServed(
  entry: Entry,
  zone: string,
  bundles: readonly Bundle[],
  { policyIn, patterns, monitors }: NameBookOptions,
  news: News,
): void {
  const { name, askers, pattern: last, hostname: known } = entry;
  const before = last === undefined || known === undefined ? undefined : { hostname: known, pattern: last };
  const pattern = bundles.length === 0 ? undefined : patterns.join(bundles, last);
  const parts = pattern && { name, zone, askers, policy: policyIn(pattern.policy, zone) };
  entry.hostname = parts && hostnameOf(parts, pattern, before, monitors);
  entry.pattern = pattern;
  entry.bundles = pattern?.parts ?? [];
  if (before !== undefined && pattern === undefined) giveUp(before, monitors);
  if (last !== undefined) patterns.leave(last);
  if (entry.hostname !== known) news.add('hostnames');
  if ((last?.remarks.length ?? 0) > 0 || (pattern?.remarks.length ?? 0) > 0) news.add('findings');
}

/** The entries that are asked for, by name: those of before and the new ones. */
function reordered(before: readonly Entry[], touched: readonly Entry[]): readonly Entry[] {
  const known = new Set(before);
  const added = touched.filter((entry) => entry.askers.length > 0 && !known.has(entry));
  const kept = before.filter((entry) => entry.askers.length > 0);
  // Two runs that are in order: they are merged in linear time.
  return [...kept, ...added.toSorted(byName)].toSorted(byName);
}

function byName(a: Entry, b: Entry): number {
  return compareText(a.name, b.name);
}

function hostnamesOf(entries: readonly Entry[]): readonly Hostname[] {
  const hostnames: Hostname[] = [];
  for (const { hostname } of entries) if (hostname !== undefined) hostnames.push(hostname);
  return Object.freeze(hostnames);
}

function findingsOf(entries: readonly Entry[]): readonly Finding[] {
  const tally = createTally();
  for (const { name, served, askers, pattern } of entries) {
    for (const remark of pattern?.remarks ?? []) tally.count(name, remark);
    if (served.kind === 'servable') continue;
    const { code, message, suggestion } = served;
    for (const asker of askers) tally.count(name, { code, origin: originOf(asker), message, suggestion });
  }
  return tally.findings();
}
