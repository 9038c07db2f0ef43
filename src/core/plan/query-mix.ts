/**
 * What is asked for, and from where, by the counts of the DNS servers: a mix in which what is old counts less and less. Of
 * names and of places it is kept each for itself: how often one place asks for one name is not counted.
 */
import type { PlaceTable } from '../snapshot/place-table.ts';
import { carriedOver } from './carried-places.ts';
import { MIX_HALF_LIFE_MS } from './limits.ts';
import { createTally, fade, faded, gather, type Tally } from './tally.ts';

/** How many counts there are of names and of places, and which one a name has; names of one counter share its count. */
export type MixCounters = {
  readonly names: number;
  /** Places from this index on are not counted. */
  readonly places: number;
  readonly counterOf: (hostname: string) => number;
};

/** One reading. The counts are those since the start of the process, as `QueryCounts` of the ports: they go round at 2^32. */
type MixReading = {
  /** Of the model: the same list as before means the same names. */
  readonly hostnames: readonly { readonly name: string }[];
  readonly places: PlaceTable;
  readonly counts: { ofCounter(counter: number): number; ofPlace(place: number): number };
  /** Steady ms. */
  readonly steady: number;
};

/**
 * What was asked, in questions per second, of the hostnames and places of the last reading. `nothing`: less than one question is
 * left of them, so that no shares follow from it.
 */
export type QueryMix = {
  readonly state: 'observed' | 'nothing';
  /** Since the first reading, in ms. */
  readonly observedMs: number;
  /** Counted since then, for whichever hostname. */
  readonly questions: number;
  readonly perSecond: number;
  /** By hostname; those that nobody asked for are left out. Names of one counter have equal parts of its count. */
  readonly names: ReadonlyMap<string, number>;
  readonly table: PlaceTable | undefined;
  /** By index in `table`, the unknown place as well; those that nobody asked from are left out. */
  readonly places: ReadonlyMap<number, number>;
  /** From all places together that are not counted each. */
  readonly others: number;
  /** The index of the first of those. */
  readonly counted: number;
};

/** Keeps the mix. */
export type QueryMixBook = {
  /**
   * Takes one more reading. What was counted since the last one was asked from the places of that one: so a reading is due
   * whenever other places take over. The first reading is where counting begins.
   */
  take(reading: MixReading): void;
  mix(): QueryMix;
};

/** How long a question counts on average, in ms. */
const MEAN_LIFE_MS = MIX_HALF_LIFE_MS / Math.LN2;
/** Hostnames, with the counter of each; each of their counters once; and by counter how many have it. */
type Watched = {
  readonly hostnames: MixReading['hostnames'];
  readonly counterOf: Int32Array;
  readonly counters: Int32Array;
  readonly sharers: Uint32Array;
};

/** All that is left of questions is in questions, each of which counts less than 1. */
type Book = {
  readonly counters: MixCounters;
  readonly names: Tally;
  places: Tally;
  /** From places that are not counted each. */
  others: number;
  left: number;
  /** The time that they are of, of which as little is left. */
  lifeMs: number;
  questions: number;
  began: number;
  last: { readonly watched: Watched; readonly places: PlaceTable; readonly steady: number } | undefined;
};

/** A book without a reading. */
export function createQueryMixBook(counters: MixCounters): QueryMixBook {
  const book: Book = {
    counters,
    names: createTally(counters.names),
    places: createTally(counters.places),
    others: 0,
    left: 0,
    lifeMs: 0,
    questions: 0,
    began: 0,
    last: undefined,
  };
  return { take: (reading) => take(book, reading), mix: () => mixOf(book) };
}

function take(book: Book, reading: MixReading): void {
  const { counters, last } = book;
  const { hostnames, places, steady } = reading;
  const watched = last?.watched.hostnames === hostnames ? last.watched : watch(hostnames, counters, last?.watched);
  if (last === undefined) {
    book.began = steady;
    countNames(book, watched, reading, 0);
    countPlaces(book, places, reading, 0);
  } else {
    count(book, watched, reading, last);
    if (last.places !== places) carry(book, last.places, places);
  }
  book.last = { watched, places, steady };
}

function count(book: Book, watched: Watched, reading: MixReading, last: NonNullable<Book['last']>): void {
  const elapsed = Math.max(0, reading.steady - last.steady);
  const lost = -Math.expm1(-elapsed / MEAN_LIFE_MS);
  const kept = 1 - lost;
  // What came evenly over the time has lost a part of its worth by now, too.
  const worth = elapsed > 0 ? (MEAN_LIFE_MS * lost) / elapsed : 1;
  for (const tally of [book.names, book.places]) fade(tally, kept);
  const asked = countNames(book, watched, reading, worth);
  const placed = countPlaces(book, last.places, reading, worth);
  const uncounted = hasUncounted(last.places, book) ? Math.max(0, asked - placed) : 0;
  book.others = faded(book.others, kept) + uncounted * worth;
  book.left = faded(book.left, kept) + asked * worth;
  book.lifeMs = book.lifeMs * kept + MEAN_LIFE_MS * lost;
  book.questions += asked;
}

function carry(book: Book, from: PlaceTable, to: PlaceTable): void {
  const { left, lost } = carriedOver(book.places.left, from, to);
  // The counts go on where they are, whichever place they are of.
  book.places = { seen: book.places.seen, left };
  book.others = hasUncounted(to, book) ? book.others + lost : 0;
}

function hasUncounted({ places }: PlaceTable, { counters }: Book): boolean {
  return places.length > counters.places;
}

/** A counter is looked up for names that are new: most stay, in their order. */
function watch(
  hostnames: MixReading['hostnames'],
  { names, counterOf }: MixCounters,
  old: Watched | undefined,
): Watched {
  const [all, counters] = [new Int32Array(hostnames.length), new Int32Array(Math.min(names, hostnames.length))];
  const sharers = new Uint32Array(names);
  let [length, next] = [0, 0];
  for (const [index, { name }] of hostnames.entries()) {
    if (old?.hostnames[next]?.name !== name && old?.hostnames[next + 1]?.name === name) next += 1;
    const isOld = old?.hostnames[next]?.name === name;
    const counter = isOld ? old.counterOf[next]! : counterOf(name);
    if (isOld) next += 1;
    all[index] = counter;
    if (sharers[counter] === 0) counters[length++] = counter;
    sharers[counter]! += 1;
  }
  return { hostnames, counterOf: all, counters: counters.slice(0, length), sharers };
}

/** Returns how many questions there were since the last time. */
function countNames({ names }: Book, { counters }: Watched, { counts }: MixReading, worth: number): number {
  let all = 0;
  for (const counter of counters) all += gather(names, counter, counts.ofCounter(counter), worth);
  return all;
}

/** The same for those from the counted places. */
function countPlaces({ places, counters }: Book, table: PlaceTable, { counts }: MixReading, worth: number): number {
  let all = 0;
  for (let place = 0; place < Math.min(table.places.length, counters.places); place++) {
    all += gather(places, place, counts.ofPlace(place), worth);
  }
  return all;
}

function mixOf(book: Book): QueryMix {
  const { lifeMs, last, left, questions, counters } = book;
  const perSecond = lifeMs > 0 ? 1000 / lifeMs : 0;
  const names = last === undefined ? new Map<string, number>() : namesOf(book, last.watched, perSecond);
  const places = new Map<number, number>();
  for (let place = 0; place < (last?.places.places.length ?? 0); place++) {
    const asked = book.places.left[place] ?? 0;
    if (asked > 0) places.set(place, asked * perSecond);
  }
  const others = book.others * perSecond;
  // A question that counts in full is `perSecond`.
  const isSome = Math.min(sum(names.values()), sum(places.values()) + others) >= perSecond;
  return Object.freeze({
    state: isSome && perSecond > 0 ? 'observed' : 'nothing',
    observedMs: last === undefined ? 0 : last.steady - book.began,
    questions,
    perSecond: left * perSecond,
    names,
    table: last?.places,
    places,
    others,
    counted: counters.places,
  });
}

/** What each hostname has of its counter. */
function namesOf({ names: { left } }: Book, watched: Watched, perSecond: number): ReadonlyMap<string, number> {
  const { hostnames, counterOf, sharers } = watched;
  const names = new Map<string, number>();
  for (const [index, counter] of counterOf.entries()) {
    const asked = left[counter]!;
    if (asked > 0) names.set(hostnames[index]!.name, (asked / sharers[counter]!) * perSecond);
  }
  return names;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
