import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTupleIndex } from '../../../../src/core/snapshot/tuple-index.ts';

describe('a tuple index', () => {
  it('numbers tuples as a map of their texts would', () => {
    const tuple = fc.array(fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(tuple, { maxLength: 300 }), (tuples) => {
        const index = createTupleIndex();
        const known = new Map<string, number>();
        for (const words of tuples) {
          const key = words.join(' ');
          known.set(key, known.get(key) ?? known.size);
          expect(index.idOf(Int32Array.of(...words, 77), words.length)).toBe(known.get(key));
        }
        expect(index.size()).toBe(known.size);
      }),
    );
  });

  it('stays quick with a hundred thousand tuples that differ in high bits only', () => {
    const index = createTupleIndex();
    for (let i = 0; i < 100_000; i++) expect(index.idOf(Int32Array.of(1, i << 14, i >>> 18), 3)).toBe(i);
  });
});
