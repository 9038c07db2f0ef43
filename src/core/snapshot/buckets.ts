/** Buckets of client subnets in the answer table: which is the client's, and whose it is. Nothing is allocated. */
import { BUCKETS } from '../steering/buckets.ts';
import { scrambled } from '../steering/hash.ts';
import type { AnswerTable } from './answer-table.ts';
import { DECISION_BUCKETS, TARGET_SALT, TARGET_WORDS } from './layout.ts';

/** Buckets side by side in a word of 32 bits. */
const PER_WORD = 2;
const WORD_SHIFT = 1;
const OWNER_BITS = 32 / PER_WORD;
const OWNER_MASK = 2 ** OWNER_BITS - 1;
/** What is left of a hash are as many bits as number the buckets. */
const BUCKET_SHIFT = Math.clz32(BUCKETS - 1);

/**
 * The bucket of a subnet (32 bits) for a target. Each hostname mixes them its own way, so that no cluster is met by a
 * resolver with many users under all names at once.
 */
export function bucketOf({ targets }: AnswerTable, target: number, subnet: number): number {
  return scrambled(subnet ^ targets.targets[target * TARGET_WORDS + TARGET_SALT]!) >>> BUCKET_SHIFT;
}

/** The choice that has a bucket in a decision with buckets. */
export function ownerOf(pool: Int32Array, decision: number, bucket: number): number {
  const at = decision + pool[decision + DECISION_BUCKETS]! + (bucket >> WORD_SHIFT);
  return (pool[at]! >>> ((bucket & (PER_WORD - 1)) * OWNER_BITS)) & OWNER_MASK;
}

/** The owners of all buckets as words of a decision. */
export function bucketWords(owners: readonly number[]): number[] {
  const words: number[] = Array.from({ length: owners.length / PER_WORD }, () => 0);
  for (const [bucket, owner] of owners.entries()) {
    words[bucket >> WORD_SHIFT]! |= owner << ((bucket & (PER_WORD - 1)) * OWNER_BITS);
  }
  return words;
}

/** The owners as they are read back; empty for a decision without buckets. */
export function readBuckets(pool: Int32Array, decision: number): readonly number[] {
  if (pool[decision + DECISION_BUCKETS] === 0) return [];
  return Array.from({ length: BUCKETS }, (_, bucket) => ownerOf(pool, decision, bucket));
}
