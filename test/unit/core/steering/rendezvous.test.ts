import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOfText, scrambled } from '../../../../src/core/steering/hash.ts';
import { keeperOf, lotOf } from '../../../../src/core/steering/rendezvous.ts';

const KEYS = Array.from({ length: 20_000 }, (_, i) => scrambled(i));

function member(name: string, weight: number) {
  return { name, weight, hash: hashOfText(name) };
}

describe('the keeper of a key', () => {
  it('has its share of the keys by weight', () => {
    const members = [member('eu-west', 50), member('us-east', 30), member('ap-northeast', 20)];
    const counts = members.map(() => 0);
    for (const key of KEYS) counts[keeperOf(key, members)]! += 1;
    // Three times the deviation that chance alone would bring.
    for (const [index, { weight }] of members.entries()) {
      expect(Math.abs(counts[index]! / KEYS.length - weight / 100)).toBeLessThan(0.011);
    }
  });

  it('is another only where the one that went away was it', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.nat(), fc.integer(), (all, pick, key) => {
        const members = all.map((weight, index) => member(`cluster-${index}`, weight));
        const gone = pick % members.length;
        const before = members[keeperOf(key, members)]!;
        const left = members.toSpliced(gone, 1);
        const after = left[keeperOf(key, left)]!;
        if (before !== members[gone]) expect(after).toBe(before);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is nobody where there is nobody', () => {
    expect(keeperOf(7, [])).toBe(-1);
  });
});

describe('a lot', () => {
  it('is above 0 and as far as the logarithm says, from the smallest number drawn to the largest', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer({ min: 1, max: 65_535 }), (key, hash, weight) => {
        const lot = lotOf(key, hash, weight);
        const drawn = (scrambled(key ^ hash) | 1) >>> 0;
        expect(lot).toBeGreaterThan(0);
        expect(Math.abs(lot * weight - (32 - Math.log2(drawn)))).toBeLessThan(2e-6);
      }),
      { numRuns: 2_000 },
    );
  });
});
