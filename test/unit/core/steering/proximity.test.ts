import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distanceKm } from '../../../../src/core/desired/area.ts';
import { kmBetween, pointOf } from '../../../../src/core/steering/proximity.ts';
import { FRANKFURT, TOKYO } from './world.ts';

describe('kmBetween', () => {
  it('agrees with the haversine formula to 20 metres, near and far', () => {
    const place = fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(place, place, fc.constantFrom(1, 1e-3, 1e-6), (a, b, scale) => {
        const near = { lat: a.lat + (b.lat - a.lat) * scale, lon: a.lon + (b.lon - a.lon) * scale };
        expect(Math.abs(kmBetween(pointOf(a), pointOf(near)) - distanceKm(a, near))).toBeLessThan(0.02);
      }),
      { numRuns: 1_000 },
    );
  });

  it('knows Frankfurt to Tokyo', () => {
    expect(kmBetween(pointOf(FRANKFURT), pointOf(TOKYO))).toBeCloseTo(9_330, -2);
  });

  it('puts what is no number at the antipode', () => {
    const nowhere = pointOf({ lat: Number.NaN, lon: 0 });
    expect(kmBetween(nowhere, pointOf(TOKYO))).toBeCloseTo(Math.PI * 6371.0088);
  });
});
