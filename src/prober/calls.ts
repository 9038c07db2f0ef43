/**
 * When those are probed that somebody asks for after a long time: at once, but all of them together no faster than all
 * monitors are probed as usual, lest a thousand that are asked for in one moment make a storm and keep the others waiting.
 */

/** So many may be called at the same moment. */
const MAX_TOGETHER = 10;
/** So many a second may be called where all monitors together are probed less often. */
const MIN_PER_SECOND = 100;

/** Gives each its time. */
export type Calls = {
  /** The monitors are others: so many are probed in a second, on their own intervals. */
  refill(perSecond: number): void;
  /** When the next one may be probed, in ms: now, or after those that were called before it. */
  next(now: number): number;
};

/** Nobody was called yet. */
export function createCalls(): Calls {
  let gapMs = 1000 / MIN_PER_SECOND;
  /** When the next one would have its turn if nobody was ever called together. */
  let turnAt = Number.NEGATIVE_INFINITY;
  return {
    refill(perSecond) {
      gapMs = 1000 / Math.max(MIN_PER_SECOND, perSecond);
    },
    next(now) {
      const earliest = now - (MAX_TOGETHER - 1) * gapMs;
      const turn = Math.max(turnAt, earliest);
      turnAt = turn + gapMs;
      return Math.max(now, turn);
    },
  };
}
