import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLocation } from '../../../../src/core/desired/location-text.ts';

test('latitude, longitude and country are a place', () => {
  expect(parseLocation('50.11, -8.68,de')).toEqual({ lat: 50.11, lon: -8.68, country: 'DE', continent: 'EU' });
});

test('a country alone is its middle', () => {
  expect(parseLocation('JP')).toMatchObject({ country: 'JP', continent: 'AS' });
});

test.each([
  '',
  ',',
  'XX',
  '1,2',
  '1,2,3',
  '1,2,DE,4',
  '1,DE',
  '90.1,0,DE',
  '0,180.1,DE',
  '1e1,0,DE',
  '0x1,0,DE',
  ',,DE',
  'NaN,0,DE',
])('%j is no place', (text) => expect(parseLocation(text)).toBeUndefined());

test('whatever the text, a place that comes of it is one on Earth', () => {
  const parts = fc.array(fc.oneof(fc.string(), fc.float().map(String), fc.constantFrom('DE', 'us')), { maxLength: 4 });
  fc.assert(
    fc.property(parts, (all) => {
      const { lat, lon } = parseLocation(all.join(',')) ?? { lat: 0, lon: 0 };
      expect(Math.abs(lat)).toBeLessThanOrEqual(90);
      expect(Math.abs(lon)).toBeLessThanOrEqual(180);
    }),
  );
});

test('a place that is written is read as it was', () => {
  const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true }).map((value) => value.toFixed(6));
  fc.assert(
    fc.property(degrees(90), degrees(180), (lat, lon) => {
      expect(parseLocation(`${lat},${lon},DE`)).toMatchObject({ lat: Number(lat), lon: Number(lon) });
    }),
  );
});
