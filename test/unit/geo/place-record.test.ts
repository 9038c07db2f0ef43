import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOfRecord } from '../../../src/geo/place-record.ts';

const known = (country: string, continent: string, lat: number, lon: number) => ({
  kind: 'known',
  country,
  continent,
  lat,
  lon,
});

describe('placeOfRecord', () => {
  it.each([
    [
      'GeoIP2 City',
      { country: { iso_code: 'DE' }, continent: { code: 'EU' }, location: { latitude: 50.1188, longitude: 8.6843 } },
      known('DE', 'EU', 50.1, 8.7),
    ],
    ['GeoIP2 Country: the centre of the country', { country: { iso_code: 'JP' } }, known('JP', 'AS', 35.6, 139.1)],
    [
      'the country where the network is registered',
      { registered_country: { iso_code: 'CH' } },
      known('CH', 'EU', 47.1, 7.8),
    ],
    [
      'the country it is in before the one it is registered in',
      { registered_country: { iso_code: 'CH' }, country: { iso_code: 'JP' } },
      known('JP', 'AS', 35.6, 139.1),
    ],
    [
      'flat, with numbers as text',
      { country_code: 'us', latitude: '39.04', longitude: '-77.49' },
      known('US', 'NA', 39, -77.5),
    ],
    [
      'flat, coordinates that are no numbers',
      { country_code: 'DE', latitude: '', longitude: 'x' },
      known('DE', 'EU', 50.3, 9.5),
    ],
    ['coordinates out of range', { country_code: 'DE', latitude: 91, longitude: 8 }, known('DE', 'EU', 50.3, 9.5)],
    ['0, 0 is where nobody lives', { country_code: 'DE', latitude: 0, longitude: 0 }, known('DE', 'EU', 50.3, 9.5)],
    ['coordinates alone', { location: { latitude: -33.87, longitude: 151.21 } }, known('', '', -33.9, 151.2)],
    ['no negative zero', { location: { latitude: -0.04, longitude: 9.9 } }, known('', '', 0, 9.9)],
    ['country ZZ', { country_code: 'ZZ' }, { kind: 'unknown' }],
    ['a country that is a key of every object', { country_code: 'constructor' }, { kind: 'unknown' }],
    ['nothing of use', { traits: { is_anycast: true } }, { kind: 'unknown' }],
    ['no record', null, { kind: 'unknown' }],
  ])('%s', (_, record, expected) => {
    expect(placeOfRecord(record)).toEqual(expected);
  });

  it('never throws, and what it knows is on Earth', () => {
    const field = fc.oneof(fc.string({ maxLength: 3 }), fc.double(), fc.anything());
    const record = fc.oneof(
      fc.anything(),
      fc.record({ country_code: field, latitude: field, longitude: field }, { requiredKeys: [] }),
      fc.record({
        location: fc.record({ latitude: field, longitude: field }),
        country: fc.record({ iso_code: field }),
      }),
    );
    fc.assert(
      fc.property(record, (value) => {
        const place = placeOfRecord(value);
        if (place.kind === 'unknown') return;
        expect(Math.abs(place.lat)).toBeLessThanOrEqual(90);
        expect(Math.abs(place.lon)).toBeLessThanOrEqual(180);
        expect(place.country).toMatch(/^([A-Z]{2})?$/);
      }),
      { numRuns: 500 },
    );
  });
});
