import { MAX_REFUSAL_ENTRIES } from './limits.ts';

/** Most addresses that are named of those who were left out. */
const MAX_ADDRESSES = 10;

/** Who was refused what: `who` is '' where that is not known. */
type RefusedRequest = { readonly who: string; readonly from: string; readonly code: string };

/** Refusals without an entry of their own: how many, by code and by who it was, and the first addresses that they came from. */
export type LeftOut = {
  readonly count: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly who: Readonly<Record<string, number>>;
  readonly firstFrom: readonly string[];
};

/** Counts the refusals of one stretch of time, and decides which have an entry of their own. */
export type RefusalWindow = {
  take(refused: RefusedRequest): 'entry' | 'left-out';
  /** Leaves one out whose entry could not be written. */
  leave(refused: RefusedRequest): void;
  /** Adds what another window left out. */
  add(leftOut: LeftOut): void;
  /** What was left out; undefined where nothing was. */
  leftOut(): LeftOut | undefined;
};

/**
 * A window at its beginning. All who are not known have `MAX_REFUSAL_ENTRIES` together, so that they cannot push the deeds of
 * operators out of the audit; each one who is known has as many, for a program that goes wrong goes wrong again and again.
 */
export function createRefusalWindow(): RefusalWindow {
  const entries = new Map<string, number>();
  const codes = new Map<string, number>();
  const who = new Map<string, number>();
  const addresses = new Set<string>();
  let count = 0;
  function leave(refused: RefusedRequest): void {
    count += 1;
    plus(codes, refused.code, 1);
    plus(who, refused.who, 1);
    if (addresses.size < MAX_ADDRESSES) addresses.add(refused.from);
  }
  return {
    take(refused) {
      const had = entries.get(refused.who) ?? 0;
      // A flood of strangers is told in sums, and leaves the entries to those who try less.
      const isFlood = refused.who === '' && refused.code === 'rate-limited';
      if (!isFlood && had < MAX_REFUSAL_ENTRIES) {
        entries.set(refused.who, had + 1);
        return 'entry';
      }
      leave(refused);
      return 'left-out';
    },
    leave,
    add(other) {
      count += other.count;
      for (const [code, times] of Object.entries(other.codes)) plus(codes, code, times);
      for (const [name, times] of Object.entries(other.who)) plus(who, name, times);
      for (const from of other.firstFrom) if (addresses.size < MAX_ADDRESSES) addresses.add(from);
    },
    leftOut() {
      if (count === 0) return undefined;
      return { count, codes: Object.fromEntries(codes), who: Object.fromEntries(who), firstFrom: [...addresses] };
    },
  };
}

function plus(counts: Map<string, number>, key: string, times: number): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}
