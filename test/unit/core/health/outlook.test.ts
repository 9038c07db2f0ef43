import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextOutlook, outlook } from '../../../../src/core/health/outlook.ts';

const left = fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 700_000_000 }));

it('is told in seconds that are not over before the change, and not too few', () => {
  fc.assert(
    fc.property(left, (ms) => {
      const seconds = outlook(ms);
      if (ms > 131_072_000) expect(seconds).toBe(Number.POSITIVE_INFINITY);
      else if (ms > 4000) expect(seconds * 1000).toBeLessThan(ms);
      if (ms > 8000 && ms <= 131_072_000) expect(seconds * 2000).toBeGreaterThanOrEqual(ms);
    }),
  );
});

it('holds until it is told anew, which is sooner than the change and comes to an end', () => {
  fc.assert(
    fc.property(left, (start) => {
      let ms = start;
      for (let steps = 0; ms > 0; steps++) {
        const next = nextOutlook(ms);
        expect(next).toBeLessThan(ms);
        expect(outlook(next + 1)).toBe(outlook(ms));
        if (next > 0) expect(outlook(next)).toBeLessThan(outlook(ms));
        expect(steps).toBeLessThan(20);
        ms = next;
      }
    }),
  );
});
