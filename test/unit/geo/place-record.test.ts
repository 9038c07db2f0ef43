import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asnOfRecord, placeOfRecord, subdivisionOfRecord } from '../../../src/geo/place-record.ts';

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

describe('a subdivision', () => {
  it.each<[string, unknown, string]>([
    [
      'nested, of GeoIP2',
      { country: { iso_code: 'us' }, subdivisions: [{ iso_code: 'ca' }, { iso_code: 'x' }] },
      'US-CA',
    ],
    ['flat', { country: 'CH', region_code: 'ZH' }, 'CH-ZH'],
    ['without a country', { subdivisions: [{ iso_code: 'CA' }] }, ''],
    ['by its name alone', { country_code: 'US', state1: 'California' }, ''],
    ['that is no code', { country: { iso_code: 'US' }, subdivisions: [{ iso_code: 'CALI' }] }, ''],
    ['in no list', { country: { iso_code: 'US' }, subdivisions: 'CA' }, ''],
    ['of nothing', null, ''],
  ])('%s', (_, record, wanted) => {
    expect(subdivisionOfRecord(record)).toBe(wanted);
  });
});

describe('an AS number', () => {
  it.each<[string, unknown, number]>([
    ['of GeoLite2-ASN', { autonomous_system_number: 64500, autonomous_system_organization: 'x' }, 64500],
    ['of 32 bits', { autonomous_system_number: 4_294_967_295 }, 4_294_967_295],
    ['as a text', { asn: 'AS64500' }, 64500],
    ['that is none', { asn: 'sixty' }, 0],
    ['of 33 bits', { autonomous_system_number: 2 ** 32 }, 0],
    ['below 1', { autonomous_system_number: -1 }, 0],
    ['that is a fraction', { autonomous_system_number: 1.5 }, 0],
    ['of nothing', 'AS1', 0],
  ])('%s', (_, record, wanted) => {
    expect(asnOfRecord(record)).toBe(wanted);
  });
});
