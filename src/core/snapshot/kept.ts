/** Which cluster keeps the clients of a subnet, and how that came about. */

import { admittedBy, takenBy } from '../steering/admission.ts';
import { BUCKETS } from '../steering/buckets.ts';
import type { Decision, SteerInput } from '../steering/decision.ts';
import { isRanked } from '../steering/filters/nearest.ts';
import { hashOfText } from '../steering/hash.ts';
import { keeperOf } from '../steering/rendezvous.ts';
import type { AnswerTable } from './answer-table.ts';
import { asideKey, isAside } from './aside.ts';
import { keyOf } from './band.ts';
import { bucketOf } from './buckets.ts';
import { NONE } from './layout.ts';

/**
 * A client that keeps its cluster: its bucket of `buckets`, whose that is, and the fraction (0–1) of all that cluster has.
 * In a band of `nearest`, or where the nearest starts slowly, every hash of a subnet is a bucket of its own.
 */
export type Kept = {
  readonly bucket: number;
  readonly buckets: number;
  readonly cluster: string;
  readonly share: number;
};

/** Hashes of subnets have 32 bits. */
const HASHES = 2 ** 32;

type Chosen = Pick<Decision, 'choices' | 'buckets'>;

/** Where the subnet (32 bits) decides: who keeps it. Undefined where distance, weights or nobody did. */
export function keptBy(
  table: AnswerTable,
  target: number,
  input: SteerInput,
  decision: Decision,
  subnet: number,
): Kept | undefined {
  const { aside } = decision;
  if (aside?.by !== 'subnet') return keptAmong(table, target, input, decision, subnet);
  const key = asideKey(table, target, subnet);
  const isOther = isAside(key, aside.percent);
  const group: Chosen = isOther ? aside : decision;
  const part = (isOther ? aside.percent : 100 - aside.percent) / 100;
  const kept = keptAmong(table, target, input, group, subnet);
  if (kept !== undefined) return { ...kept, share: kept.share * part };
  // Within its group nothing is left to be decided.
  return { bucket: key, buckets: HASHES, cluster: group.choices[0]?.cluster ?? '', share: part };
}

function keptAmong(
  table: AnswerTable,
  target: number,
  input: SteerInput,
  { choices, buckets }: Chosen,
  subnet: number,
): Kept | undefined {
  const { policy } = input;
  if (policy.sticky === 'subnet' && isRanked(input)) {
    const key = keyOf(table, target, subnet);
    return policy.nearestBand > 0 ? keptInBand(choices, key) : keptByShare(input, choices, key);
  }
  const bucket = bucketOf(table, target, subnet);
  const choice = choices[buckets[bucket] ?? NONE];
  if (choice === undefined) return undefined;
  return { bucket, buckets: BUCKETS, cluster: choice.cluster, share: choice.weight / BUCKETS };
}

/** Where the nearest starts slowly. */
function keptByShare(input: SteerInput, choices: Decision['choices'], key: number): Kept | undefined {
  if (choices.filter(({ weight }) => weight > 0).length < 2) return undefined;
  const shares = choices.map(({ candidates }) => admittedBy(input, candidates));
  const { cluster, weight } = choices[takenBy(shares, key)]!;
  return { bucket: key >>> 0, buckets: HASHES, cluster, share: weight };
}

function keptInBand(choices: Decision['choices'], key: number): Kept | undefined {
  const band = choices.filter(({ weight }) => weight > 0);
  if (band.length < 2) return undefined;
  const total = band.reduce((sum, { weight }) => sum + weight, 0);
  const { cluster, weight } =
    band[
      keeperOf(
        key,
        band.map((one) => ({ hash: hashOfText(one.cluster), weight: one.weight })),
      )
    ]!;
  return { bucket: key >>> 0, buckets: HASHES, cluster, share: weight / total };
}
