/**
 * How many of its clients an endpoint takes now (slow start, the load of its cluster). Where weights decide, its weight counts so much less. Where
 * distances order the clusters, what the nearest does not take goes to the next one, and so on.
 */
import { ALL_BUCKETS } from '../health/slow-start.ts';
import type { Candidate, SteerInput } from './decision.ts';

/** Weights are multiplied by this where any share is less than all: a ramp of sixteenths stays in whole numbers. */
const SCALE = 16;

/** Whether all of these take all their clients, which is nearly always so. */
export function admitsAll({ candidates }: Pick<SteerInput, 'candidates'>, left: readonly number[]): boolean {
  return left.every((index) => candidates[index]!.admits === ALL_BUCKETS);
}

/** The weight by which an endpoint counts beside others of which some take less than all. */
export function admittedWeight({ admits }: Candidate, weight: number): number {
  return Math.ceil((weight * admits * SCALE) / ALL_BUCKETS);
}

/** The share of a cluster in `ALL_BUCKETS`: the greatest of its endpoints. */
export function admittedBy({ candidates }: Pick<SteerInput, 'candidates'>, cluster: readonly number[]): number {
  let most = 0;
  for (const index of cluster) most = Math.max(most, candidates[index]!.admits);
  return most;
}

/**
 * Which of some clusters in order takes the client of a key (32 bits), of which each passes on those that it does not take:
 * its index. As a share grows, it takes more clients, and each of the others keeps those that it still has.
 */
export function takenBy(shares: readonly number[], key: number): number {
  let [point, sides] = [key >>> 0, 2 ** 32];
  for (const [rank, share] of shares.entries()) {
    const taken = (sides * share) / ALL_BUCKETS;
    if (point < taken) return rank;
    point -= taken;
    sides -= taken;
  }
  return 0;
}

/**
 * Fractions (0–1) of the clients that start at each of some clusters in order, of which each passes on those that it does
 * not take. What nobody takes is the first one's.
 */
export function passedOn(shares: readonly number[]): readonly number[] {
  let left = 1;
  const starts = shares.map((share) => {
    const taken = (left * share) / ALL_BUCKETS;
    left -= taken;
    return taken;
  });
  return starts.map((taken, rank) => (rank === 0 ? taken + left : taken));
}
