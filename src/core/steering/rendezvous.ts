/**
 * Weighted rendezvous hashing: every member draws a lot for a key, and the smallest lot has it. In the long run of keys a
 * member has its weight's share. One that goes away gives up its own keys and no others; one that comes takes only what
 * becomes its own. Basic arithmetic alone, which IEEE 754 rounds alike everywhere: no logarithm of a runtime.
 */
import { scrambled } from './hash.ts';

/** Fractional bits of a logarithm: lots this close count as equal, about one in a million. */
const FRACTION_BITS = 20;

/** The lot of a member for a key: both 32 bits, spread; `weight` is at least 1. Above 0; nothing is allocated. */
export function lotOf(key: number, member: number, weight: number): number {
  // Odd, so that there is a logarithm of it.
  const drawn = (scrambled(key ^ member) | 1) >>> 0;
  return (32 - log2(drawn)) / weight;
}

/** Index of the member that has the key, the first of equals; -1 where there is none. */
export function keeperOf(key: number, members: readonly { readonly hash: number; readonly weight: number }[]): number {
  let keeper = -1;
  let smallest = Number.POSITIVE_INFINITY;
  for (const [index, { hash, weight }] of members.entries()) {
    const lot = lotOf(key, hash, weight);
    if (lot >= smallest) continue;
    smallest = lot;
    keeper = index;
  }
  return keeper;
}

/** The binary logarithm of a whole number of 32 bits, bit by bit: squaring doubles it. */
function log2(value: number): number {
  const whole = 31 - Math.clz32(value);
  let rest = value / ((1 << whole) >>> 0);
  let fraction = 0;
  for (let bit = 0.5, left = FRACTION_BITS; left > 0; bit /= 2, left--) {
    rest *= rest;
    if (rest < 2) continue;
    rest /= 2;
    fraction += bit;
  }
  return whole + fraction;
}
