/**
 * Makes the three databases of this folder: `node geoip/make-test-database.ts`. Networks are documentation and private
 * ones, places are made up: no real data. One schema and one record size each.
 */
import { writeFileSync } from 'node:fs';
import { type MmdbNetwork, type MmdbValue, writeMmdb } from './mmdb-writer.ts';

/** 2026-01-01, so that the files are the same each time. */
const BUILD_EPOCH = 1_767_225_600;

const city = (name: string, country: string, continent: string, latitude: number, longitude: number): MmdbValue => ({
  city: { names: { en: name } },
  continent: { code: continent },
  country: { iso_code: country, is_in_european_union: continent === 'EU' },
  location: { latitude, longitude, accuracy_radius: 20 },
});

const FRANKFURT = city('Frankfurt', 'DE', 'EU', 50.11, 8.68);
const VIRGINIA = city('Virginia', 'US', 'NA', 39.04, -77.49);
const TOKYO = city('Tokyo', 'JP', 'AS', 35.68, 139.69);
const LONDON = city('London', 'GB', 'EU', 51.51, -0.13);

const CITY: readonly MmdbNetwork[] = [
  ['192.0.2.0/25', FRANKFURT],
  ['192.0.2.200/32', LONDON],
  ['198.51.100.0/24', VIRGINIA],
  ['203.0.113.0/24', TOKYO],
  // Nested: a private network with an office elsewhere in it.
  ['10.0.0.0/8', FRANKFURT],
  ['10.20.0.0/16', VIRGINIA],
  ['10.20.30.40/32', TOKYO],
  // Without coordinates, without a country of its own, and with neither.
  ['172.16.0.0/12', { country: { iso_code: 'FR' } }],
  ['100.64.0.0/10', { registered_country: { iso_code: 'CH' } }],
  ['192.168.0.0/16', { traits: { is_anycast: true } }],
  ['2001:db8:1::/48', FRANKFURT],
  ['2001:db8:2::/48', VIRGINIA],
  ['2001:db8:3::/48', TOKYO],
  ['2001:db8:1:ffff::/64', LONDON],
  // Longer than /64: the rest of that /64 is larger and wins.
  ['2001:db8:4::/64', TOKYO],
  ['2001:db8:4::1/128', LONDON],
];

const COUNTRY: readonly MmdbNetwork[] = [
  ['192.0.2.0/24', { continent: { code: 'EU' }, country: { iso_code: 'DE' } }],
  ['198.51.100.0/24', { continent: { code: 'NA' }, country: { iso_code: 'US' } }],
  ['203.0.113.0/24', { country: { iso_code: 'JP' } }],
  ['2001:db8:1::/48', { continent: { code: 'EU' }, country: { iso_code: 'DE' } }],
];

/** IPv4 only, coordinates as text: the city files of the ip-location-db family look like this. */
const FLAT: readonly MmdbNetwork[] = [
  ['192.0.2.0/25', { country_code: 'DE', latitude: '50.11', longitude: '8.68' }],
  ['192.0.2.128/25', { country_code: 'de' }],
  ['198.51.100.0/24', { country_code: 'US', latitude: 39.04, longitude: -77.49 }],
  ['203.0.113.0/24', { country_code: 'JP', latitude: '', longitude: 'east' }],
];

/** The files of this folder by name. */
export function testDatabases(): ReadonlyMap<string, Buffer> {
  const common = { buildEpoch: BUILD_EPOCH };
  const aliases = ['2002::/16', '::ffff:0:0/96'];
  return new Map([
    [
      'test-city.mmdb',
      writeMmdb({ ...common, type: 'Azimuth-Test-City', recordSize: 28, ipVersion: 6, networks: CITY, aliases }),
    ],
    [
      'test-country.mmdb',
      writeMmdb({ ...common, type: 'Azimuth-Test-Country', recordSize: 24, ipVersion: 6, networks: COUNTRY }),
    ],
    [
      'test-flat.mmdb',
      writeMmdb({ ...common, type: 'Azimuth-Test-Flat', recordSize: 32, ipVersion: 4, networks: FLAT }),
    ],
  ]);
}

if (import.meta.main) {
  for (const [name, bytes] of testDatabases()) writeFileSync(new URL(name, import.meta.url), bytes);
}
