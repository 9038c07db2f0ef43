import { MAX_REFUSAL_ENTRIES } from './limits.ts';

/** Most addresses that are named of those who were left out. */
const MAX_ADDRESSES = 10;

/** Who was refused what: `who` is '' where that is not known. */
type RefusedRequest = { readonly who: string; readonly from: string; readonly code: string };

/** Refusals without an entry of their own: how many, by code and by who it was, and the first addresses that they came from. */
type LeftOut = {
  readonly count: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly who: Readonly<Record<string, number>>;
  readonly firstFrom: readonly string[];
};

/** Counts the refusals of one stretch of time, and decides which have an entry of their own. */
export type RefusalWindow = {
  take(refused: RefusedRequest): 'entry' | 'left-out';
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
  return {
    take(refused) {
      const had = entries.get(refused.who) ?? 0;
      // A flood of strangers is told in sums, and leaves the entries to those who try less.
      const isFlood = refused.who === '' && refused.code === 'rate-limited';
      if (!isFlood && had < MAX_REFUSAL_ENTRIES) {
        entries.set(refused.who, had + 1);
        return 'entry';
      }
      count += 1;
      codes.set(refused.code, (codes.get(refused.code) ?? 0) + 1);
      who.set(refused.who, (who.get(refused.who) ?? 0) + 1);
      if (addresses.size < MAX_ADDRESSES) addresses.add(refused.from);
      return 'left-out';
    },
    leftOut() {
      if (count === 0) return undefined;
      return { count, codes: Object.fromEntries(codes), who: Object.fromEntries(who), firstFrom: [...addresses] };
    },
  };
}
