/**
 * What is asked for, and from where: two counters per answer, so that the mix of questions can be told without a log. A
 * hostname's counter is found by its hash, which no change of the model moves.
 */
import type { QueryCounts } from '../core/dns-ports.ts';
import { TARGET_SALT, TARGET_WORDS } from '../core/snapshot/layout.ts';
import { hashOfText } from '../core/steering/hash.ts';
import type { Exchange } from './exchange.ts';

/** Counters of names: among 10,000 hostnames every 26th shares one with another. A power of two. */
const NAME_COUNTERS = 2 ** 18;
/** Most places whose clients are counted; those at later ones of the table are not. */
const MAX_COUNTED_PLACES = 2 ** 16;

/** How many counters there are, and which one a name has: names of one counter share its count. */
export const MIX_COUNTERS = Object.freeze({
  names: NAME_COUNTERS,
  places: MAX_COUNTED_PLACES,
  counterOf: (hostname: string): number => hashOfText(hostname) & (NAME_COUNTERS - 1),
});

/** The counters of one thread, in shared memory: names, then places. Each wraps. */
export type MixBlock = Int32Array<SharedArrayBuffer>;

/** A block at 0. */
export function createMixBlock(): MixBlock {
  return new Int32Array(new SharedArrayBuffer((NAME_COUNTERS + MAX_COUNTED_PLACES) * Int32Array.BYTES_PER_ELEMENT));
}

/** Counts a steered answer. */
export function countAsked(block: MixBlock, { answer, question, table }: Exchange): void {
  const salt = table.targets.targets[answer.target * TARGET_WORDS + TARGET_SALT]!;
  block[salt & (NAME_COUNTERS - 1)]! += 1;
  if (question.place < MAX_COUNTED_PLACES) block[NAME_COUNTERS + question.place]! += 1;
}

/** The counts of all threads together. */
export function queryCounts(blocks: readonly MixBlock[]): QueryCounts {
  const sum = (index: number): number => {
    let total = 0;
    for (const block of blocks) total += block[index]!;
    return total >>> 0;
  };
  return {
    ofName: (hostname) => sum(MIX_COUNTERS.counterOf(hostname)),
    ofCounter: sum,
    ofPlace: (place) => (place < MAX_COUNTED_PLACES ? sum(NAME_COUNTERS + place) : 0),
  };
}
