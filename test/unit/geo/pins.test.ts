/** Pins over location databases: what becomes of the place of an address, and when a table with them comes. */
import { EventEmitter, once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeMmdb } from '../../../geoip/mmdb-writer.ts';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import type { MapNetwork } from '../../../src/core/desired/maps/client-map.ts';
import { createMatcher } from '../../../src/core/desired/maps/match.ts';
import { parseNetwork } from '../../../src/core/desired/maps/network.ts';
import type { Pin } from '../../../src/core/desired/maps/pin.ts';
import type { PlaceSource } from '../../../src/core/ports.ts';
import type { PlaceTable } from '../../../src/core/snapshot/place-table.ts';
import { placeOfAddress } from '../../../src/core/snapshot/place-trie.ts';
import { createPlaceSource } from '../../../src/geo/place-source.ts';
import { readPlaces } from '../../../src/geo/read-places.ts';
import { eventually } from '../../support/eventually.ts';

const CITY = writeMmdb({
  type: 'Test-City',
  recordSize: 28,
  ipVersion: 6,
  buildEpoch: 1,
  networks: [
    ['192.0.2.0/24', { country: { iso_code: 'CH' } }],
    ['198.51.100.0/24', { country: { iso_code: 'US' } }],
    ['2001:db8::/32', { country: { iso_code: 'DE' } }],
  ],
});

function network(text: string): MapNetwork {
  const parsed = parseNetwork(text);
  return 'network' in parsed ? parsed.network : expect.fail(text);
}

function pin(name: string, nets: readonly string[], cluster = 'eu', version = 1): Pin {
  return { key: `${name}@${version}`, name, cluster, networks: nets.map(network) };
}

/** `COUNTRY/prefix key>cluster …` of an address. */
function told(table: Pick<PlaceTable, 'v4' | 'v6' | 'places'>, address: string): string {
  const { place, prefix } = placeOfAddress({ ...table, source: '', builtAt: 0 }, address)!;
  const found = table.places[place]!;
  const pins = Object.entries(found.pinned ?? {}).map(([key, { cluster }]) => ` ${key}>${cluster}`);
  return `${found.kind === 'known' ? found.country : '-'}/${prefix}${pins.join('')}`;
}

describe('pins over locations', () => {
  const pins = [
    pin('a', ['192.0.2.0/25', '10.0.0.0/8', '2001:db8:7::/48']),
    pin('b', ['192.0.2.64/26', '198.51.100.0/24'], 'us'),
    pin('c', ['192.0.2.96/27', '192.0.2.0/25'], 'jp'),
  ];
  const table = readPlaces(CITY, [], undefined, pins);

  it.each([
    ['192.0.2.1', 'CH/26 a@1>eu c@1>jp'],
    ['192.0.2.65', 'CH/26 a@1>eu b@1>us c@1>jp'],
    ['192.0.2.97', 'CH/26 a@1>eu b@1>us c@1>jp'],
    ['192.0.2.129', 'CH/25'],
    ['198.51.100.9', 'US/24 b@1>us'],
    ['10.1.2.3', '-/8 a@1>eu'],
    ['11.1.2.3', '-/8'],
    ['2001:db8:7::1', 'DE/48 a@1>eu'],
    ['2001:db8:8::1', 'DE/45'],
  ])('%s is at %s: the prefix is as short as is right', (address, wanted) => {
    expect(told(table, address)).toBe(wanted);
  });

  it('share what they say of places, also beside maps', () => {
    const rules = [{ clients: { kind: 'country', codes: ['US'] }, text: 'country US', clusters: ['us'] }] as const;
    const both = readPlaces(CITY, [{ name: 'corp', rules }], undefined, [pin('a', ['0.0.0.0/0'])]);
    const placeAt = (address: string) =>
      both.places[placeOfAddress({ ...both, source: '', builtAt: 0 }, address)!.place]!;
    expect(placeAt('198.51.100.1')).toMatchObject({
      mapped: { corp: { rule: 1 } },
      pinned: { 'a@1': { cluster: 'eu' } },
    });
    expect(placeAt('192.0.2.1').mapped).toBeUndefined();
    expect(placeAt('192.0.2.1').pinned).toBe(placeAt('203.0.113.1').pinned);
    expect(placeAt('2001:db8::1').pinned).toBeUndefined();
    expect(createMatcher({ name: 'corp', rules }).networks).toEqual([]);
  });

  it('split nothing where there are none', () => {
    const bare = readPlaces(CITY);
    expect(readPlaces(CITY, [], undefined, []).places).toEqual(bare.places);
  });

  it('hold the addresses of each of their networks, and no others', () => {
    const net = fc.tuple(fc.nat(15), fc.integer({ min: 22, max: 30 })).map(([block, length]) => {
      const start = (((192 << 24) | (2 << 8) | (block * 16)) & (-1 << (32 - length))) >>> 0;
      return { start, length, text: `192.0.${(start >> 8) & 0xff}.${start & 0xff}/${length}` };
    });
    const all = fc.array(fc.array(net, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(all, fc.nat(255), (nets, host) => {
        const made = nets.map((own, index) =>
          pin(
            `p${index}`,
            own.map(({ text }) => text),
          ),
        );
        const address = ((192 << 24) | (2 << 8) | host) >>> 0;
        const holds = ({ start, length }: { start: number; length: number }) =>
          address >= start && address < start + 2 ** (32 - length);
        const wanted = nets.flatMap((own, index) => (own.some(holds) ? [` p${index}@1>eu`] : []));
        const found = told(readPlaces(CITY, [], undefined, made), `192.0.2.${host}`);
        expect(found.replace(/^CH\/\d+/, '')).toBe(wanted.join(''));
      }),
      { numRuns: 150 },
    );
  });
});

let folder = '';
let open: PlaceSource[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-pins-'));
});
afterEach(async () => {
  for (const source of open) await source.close();
  open = [];
  await rm(folder, { recursive: true });
});

/** A source on a database, and the tables that it hands over. */
function follow(database: string) {
  const source = createPlaceSource({ clock: SYSTEM_CLOCK, database });
  open.push(source);
  const all: PlaceTable[] = [];
  const arrived = new EventEmitter();
  const started = () =>
    source.start((table) => {
      all.push(table);
      arrived.emit('table');
    });
  const number = async (count: number) => {
    while (all.length < count) await once(arrived, 'table');
    return all[count - 1]!;
  };
  return { source, all, started, number };
}

describe('a place source', () => {
  const CITY_FILE = fileURLToPath(new URL('../../../geoip/test-city.mmdb', import.meta.url));

  it('has pins that were there before the start in its first table', async () => {
    const { source, all, started } = follow(CITY_FILE);
    source.pin([pin('a', ['192.0.2.0/24'])]);
    await started();
    expect(all.map(({ pins }) => pins)).toEqual([['a@1']]);
    expect(told(all[0]!, '192.0.2.1')).toContain('a@1>eu');
  });

  it('makes a table when a pin is new, and none when one is gone', async () => {
    const { source, all, started, number } = follow(CITY_FILE);
    await started();
    expect(all[0]!.pins).toBeUndefined();
    source.pin([pin('a', ['192.0.2.0/24'])]);
    expect(told(await number(2), '192.0.2.1')).toContain('a@1>eu');
    source.pin([]);
    source.pin([pin('a', ['192.0.2.0/24'])]);
    source.pin([pin('a', ['192.0.2.0/24'], 'us', 2)]);
    const third = await number(3);
    expect([third.pins, told(third, '192.0.2.1')]).toEqual([['a@2'], expect.stringContaining('a@2>us')]);
  });

  it('makes one table of several that are ordered in a row', async () => {
    const { source, all, started } = follow(CITY_FILE);
    const starting = started();
    for (let count = 1; count <= 5; count++) {
      source.pin(Array.from({ length: count }, (_, index) => pin(`p${index}`, ['192.0.2.0/24'])));
    }
    await starting;
    await eventually(() => expect(all.at(-1)?.pins).toHaveLength(5));
    expect(all.length).toBeLessThanOrEqual(2);
  });

  it('keeps the last table where there can be none with the pin, and has it with the next one', async () => {
    const database = join(folder, 'own.mmdb');
    await copyFile(CITY_FILE, database);
    const { source, all, started, number } = follow(database);
    await started();
    await writeFile(database, 'not a database');
    source.pin([pin('a', ['192.0.2.0/24'])]);
    const kept = await number(2);
    expect([kept.pins, told(kept, '192.0.2.1')]).toEqual([undefined, expect.stringMatching(/^DE\/\d+$/)]);
    await copyFile(CITY_FILE, database);
    // A look at the bad file in between may hand the last table over once more.
    await eventually(() => expect(all.at(-1)?.pins).toEqual(['a@1']));
  });
});
