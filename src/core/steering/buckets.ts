/**
 * Consistent hashing with exact shares: client subnets fall into buckets, and each bucket belongs to a cluster. All
 * members are dealt their share of the buckets, whether they can be used now or not; what belongs to one that cannot is
 * dealt on among the others, again by their weights. So a failure moves nothing but its own clients, whoever else is
 * down, and they come back to where they were.
 */
import { hashOfText, scrambled } from './hash.ts';

/** Buckets that the client subnets of a sticky hostname fall into; a power of two. Shares are exact to one of them. */
export const BUCKETS = 256;

/** One cluster that shares the buckets; `weight` is at least 1. */
export type Member = { readonly name: string; readonly weight: number; readonly use: 'usable' | 'unusable' };

type Dealt = Member & { readonly index: number; readonly hash: number };

/** Spreads the numbers of the buckets before they are mixed with a member's hash. */
const GOLDEN_RATIO = 0x9e3779b9;

/**
 * Bucket → index of its owner among the members, all of them usable; -1 where none is. Each member's share of all
 * buckets, and of those of every member that cannot be used, is within one bucket of its weight's. Depends on names and
 * weights alone: the order of the members is none of it. Names are unique.
 */
export function dealBuckets(members: readonly Member[]): Int16Array {
  const owners = new Int16Array(BUCKETS).fill(-1);
  if (!members.some(({ use }) => use === 'usable')) return owners;
  const dealt = members
    .map((member, index) => ({ ...member, index, hash: hashOfText(member.name) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  deal([...owners.keys()], dealt, HALF, owners);
  return owners;
}

/** Rounds the shares of the whole to the nearest; of 32 bits. */
const HALF = 2 ** 31;

/** Deals some buckets to these members, and those of the unusable on to the rest. */
function deal(buckets: readonly number[], members: readonly Dealt[], offset: number, owners: Int16Array): void {
  const [first = 0] = buckets;
  if (buckets.length === 1) {
    owners[first] = dealOne(members, offset);
    return;
  }
  const hands = handsOf(buckets, members, seatsOf(buckets.length, members, offset));
  for (const [rank, hand] of hands.entries()) {
    const { use, index, hash } = members[rank]!;
    if (hand.length === 0) continue;
    if (use === 'usable') for (const bucket of hand) owners[bucket] = index;
    else deal(hand, members.toSpliced(rank, 1), scrambled(offset ^ hash) >>> 0, owners);
  }
}

/** The owner of a lone bucket, by the same cut. Where many are away most buckets come to this, one absence at a time. */
function dealOne(members: readonly Dealt[], offset: number): number {
  const left = [...members];
  let total = members.reduce((sum, { weight }) => sum + weight, 0);
  let path = offset;
  for (;;) {
    const start = path / 2 ** 32;
    let weights = 0;
    // The last end is 1 at least: somebody is always found.
    const rank = left.findIndex(({ weight }) => {
      weights += weight;
      return weights / total + start >= 1;
    });
    const { use, index, hash, weight } = left[rank]!;
    if (use === 'usable') return index;
    left.splice(rank, 1);
    total -= weight;
    path = scrambled(path ^ hash) >>> 0;
  }
}

/**
 * How many buckets each member gets: its weights are laid end to end and cut at every whole bucket. Any run of members
 * is within one bucket of its share; largest remainders would starve the light ones where few buckets are left to deal.
 * The offset, 32 bits of one bucket, decides whom the fractions favour.
 */
function seatsOf(buckets: number, members: readonly Dealt[], offset: number): number[] {
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  let weights = 0;
  let before = 0;
  return members.map(({ weight }) => {
    weights += weight;
    const end = Math.floor((buckets * weights) / total + offset / 2 ** 32);
    const seats = end - before;
    before = end;
    return seats;
  });
}

/**
 * Each bucket goes to the member with the highest hash for it that has a seat left. Weights are in the seats, so that a
 * new weight moves little more than the buckets that it must.
 */
function handsOf(buckets: readonly number[], members: readonly Dealt[], seats: readonly number[]): number[][] {
  const hands: number[][] = members.map(() => []);
  const free = Int32Array.from(seats);
  for (const bucket of buckets) {
    const salt = Math.imul(bucket + 1, GOLDEN_RATIO);
    let best = -1;
    let highest = -1;
    // Indexed: with an iterator this loop is most of what a new decision costs.
    for (let rank = 0; rank < free.length; rank++) {
      if (free[rank] === 0) continue;
      const height = scrambled(members[rank]!.hash ^ salt) >>> 0;
      if (height > highest) {
        highest = height;
        best = rank;
      }
    }
    hands[best]?.push(bucket);
    free[best]! -= 1;
  }
  return hands;
}
