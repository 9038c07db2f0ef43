/** Custom maps over location databases: what becomes of the place of an address. */
import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MmdbNetwork, writeMmdb } from '../../../geoip/mmdb-writer.ts';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import { readMapFile } from '../../../src/config/map-file.ts';
import type { Finding } from '../../../src/core/desired/finding.ts';
import type { ClientMap } from '../../../src/core/desired/maps/client-map.ts';
import { parseRules } from '../../../src/core/desired/maps/parse.ts';
import type { PlaceSource } from '../../../src/core/ports.ts';
import type { PlaceTable } from '../../../src/core/snapshot/place-table.ts';
import { placeOfAddress } from '../../../src/core/snapshot/place-trie.ts';
import { createMapReader, type MapSource } from '../../../src/geo/map-files.ts';
import { createPlaceSource, openPlacesOnce } from '../../../src/geo/place-source.ts';
import { readAsNumbers } from '../../../src/geo/read-as-numbers.ts';
import { readPlaces } from '../../../src/geo/read-places.ts';

function database(networks: readonly MmdbNetwork[], type = 'Test-City'): Buffer {
  return writeMmdb({ type, recordSize: 28, ipVersion: 6, buildEpoch: 1, networks });
}

const CITY = database([
  ['192.0.2.0/24', { country: { iso_code: 'CH' } }],
  ['198.51.100.0/24', { country: { iso_code: 'US' }, subdivisions: [{ iso_code: 'CA' }] }],
  ['198.51.100.128/25', { country: { iso_code: 'US' }, subdivisions: [{ iso_code: 'NY' }] }],
  ['2001:db8::/32', { country: { iso_code: 'DE' } }],
]);
const ASN = database(
  [
    ['192.0.2.0/25', { autonomous_system_number: 64500 }],
    ['203.0.113.0/24', { autonomous_system_number: 4_200_000_000 }],
    ['2001:db8:5::/48', { autonomous_system_number: 64500 }],
  ],
  'Test-ASN',
);

function mapOf(name: string, rules: readonly object[]): ClientMap {
  return {
    name,
    rules: parseRules(rules, { clusters: undefined, complain: (...what) => expect.fail(JSON.stringify(what)) }),
  };
}

/** `COUNTRY/prefix map:rule …` of an address. */
function told(table: Pick<PlaceTable, 'v4' | 'v6' | 'places'>, address: string): string {
  const { place, prefix } = placeOfAddress({ ...table, source: '', builtAt: 0 }, address)!;
  const found = table.places[place]!;
  const rules = Object.entries(found.mapped ?? {}).map(([name, { rule }]) => ` ${name}:${rule}`);
  return `${found.kind === 'known' ? found.country : '-'}/${prefix}${rules.join('')}`;
}

describe('a map over locations', () => {
  const corp = mapOf('corp', [
    { cidr: ['192.0.2.64/26', '10.0.0.0/8', '2001:db8:7::/48'], clusters: ['eu'] },
    { asn: [64500, 4_200_000_000], clusters: ['us'] },
    { country: ['CH'], clusters: ['eu', 'us'] },
    { subdivision: ['US-CA'], clusters: ['us'] },
  ]);
  const table = readPlaces(CITY, [corp], readAsNumbers(ASN, [corp]));

  it.each([
    ['192.0.2.1', 'CH/26 corp:2'],
    ['192.0.2.65', 'CH/26 corp:1'],
    ['192.0.2.129', 'CH/25 corp:3'],
    ['198.51.100.1', 'US/25 corp:4'],
    ['198.51.100.129', 'US/25'],
    ['203.0.113.9', '-/24 corp:2'],
    ['10.200.0.1', '-/8 corp:1'],
    ['11.0.0.1', '-/8'],
    ['2001:db8:1::1', 'DE/46'],
    ['2001:db8:5::1', 'DE/48 corp:2'],
    ['2001:db8:7::1', 'DE/48 corp:1'],
  ])('%s is at %s: the prefix is as short as is right', (address, wanted) => {
    expect(told(table, address)).toBe(wanted);
  });

  it('splits nothing that no rule is about', () => {
    expect(table.subdivisions).toBe('told');
    const bare = readPlaces(CITY, [mapOf('m', [{ country: ['FR'], clusters: ['eu'] }])], readAsNumbers(ASN, []));
    expect(bare.places).toEqual(readPlaces(CITY).places);
    expect([bare.v4, bare.v6]).toEqual([readPlaces(CITY).v4, readPlaces(CITY).v6]);
  });

  it('leaves several maps to themselves', () => {
    const other = mapOf('other', [{ cidr: ['192.0.2.96/27'], clusters: ['us'] }]);
    const both = readPlaces(CITY, [corp, other]);
    expect(['192.0.2.65', '192.0.2.97', '192.0.2.1'].map((address) => told(both, address))).toEqual([
      'CH/27 corp:1',
      'CH/27 corp:1 other:1',
      'CH/26 corp:3',
    ]);
  });

  it('holds for each address the rule of the most specific network, or the first of other kinds', () => {
    const network = fc.tuple(fc.nat(15), fc.integer({ min: 24, max: 30 })).map(([block, length]) => {
      return `192.0.2.${(block * 16) & (0xff << (32 - length)) & 0xff}/${length}`;
    });
    const rule = fc.oneof(
      fc.record({ cidr: fc.array(network, { minLength: 1, maxLength: 3 }), clusters: fc.constant(['eu']) }),
      fc.constant({ country: ['CH'], clusters: ['us'] }),
    );
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 6 }), fc.nat(255), (rules, host) => {
        const place = told(readPlaces(CITY, [mapOf('m', rules)]), `192.0.2.${host}`);
        const matches = rules.flatMap((one, index) => {
          if ('country' in one) return [{ index, length: -1 }];
          const lengths = one.cidr.map((text) => {
            const [start, length] = [Number(text.split(/[./]/)[3]), Number(text.split('/')[1])];
            return host >= start && host < start + 2 ** (32 - length) ? length : 0;
          });
          return lengths.some((length) => length > 0) ? [{ index, length: Math.max(...lengths) }] : [];
        });
        const longest = Math.max(0, ...matches.map(({ length }) => length));
        const speaking = matches.filter(({ length }) => length < 0 || length === longest).map(({ index }) => index);
        const wanted = speaking.length === 0 ? '' : ` m:${Math.min(...speaking) + 1}`;
        expect(place.replace(/^CH\/\d+/, '')).toBe(wanted);
      }),
      { numRuns: 100 },
    );
  });
});

let folder = '';
let open: PlaceSource[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-maps-'));
  await writeFile(join(folder, 'city.mmdb'), CITY);
  await writeFile(join(folder, 'asn.mmdb'), ASN);
});
afterEach(async () => {
  for (const source of open) await source.close();
  open = [];
  await rm(folder, { recursive: true });
});

const readMap = (text: string) => readMapFile(text, ['eu', 'us']);
const inFile = (file: string): MapSource => ({ kind: 'file', name: 'corp', origin: { file: 'azimuth.yaml' }, file });
const words = (findings: readonly Finding[]) =>
  findings.map(({ code, origin, message, suggestion }) => [
    `${code} ${origin.file}:${origin.line}`,
    message,
    suggestion,
  ]);

describe('a map in a file', () => {
  it('is read again when it changes; while it is no good its last good rules stay, and that is said', async () => {
    const file = join(folder, 'corp.yaml');
    const cidr = (network: string, cluster: string) => `rules:\n  - cidr: [${network}]\n    clusters: [${cluster}]\n`;
    await writeFile(file, cidr('192.0.2.0/24', 'eu'));
    const all: { table: PlaceTable; findings: readonly Finding[] }[] = [];
    const arrived = new EventEmitter();
    const maps = { sources: [inFile(file)], readMap };
    const source = createPlaceSource({ clock: SYSTEM_CLOCK, database: join(folder, 'city.mmdb'), maps });
    open.push(source);
    await source.start((table, findings) => {
      all.push({ table, findings });
      arrived.emit('table');
    });
    const number = async (count: number) => {
      while (all.length < count) await once(arrived, 'table');
      return all[count - 1]!;
    };
    expect([told((await number(1)).table, '192.0.2.1'), all[0]?.findings]).toEqual(['CH/24 corp:1', []]);

    await writeFile(file, cidr('192.0.2.128/25', 'eu'));
    const changed = await number(2);
    expect(['192.0.2.1', '192.0.2.129'].map((address) => told(changed.table, address))).toEqual([
      'CH/25',
      'CH/25 corp:1',
    ]);

    await writeFile(file, cidr('192.0.2.0/24', 'eux'));
    const bad = await number(3);
    expect(bad.table).toBe(changed.table);
    expect(words(bad.findings)).toEqual([
      [
        `map-invalid ${file}:3`,
        'The map corp is not read: rules[0].clusters[0]: expected the name of a cluster, or "*", found "eux"; its last good rules stay in use.',
        'did you mean "eu"?',
      ],
    ]);

    await writeFile(file, cidr('192.0.2.0/24', 'us'));
    const good = await number(4);
    expect([told(good.table, '192.0.2.1'), good.findings]).toEqual(['CH/24 corp:1', []]);
  });

  it.each([
    ['is not there', undefined, 'ENOENT'],
    ['is no YAML', 'rules: [', 'expected valid YAML'],
    ['has no rules', 'rule: []', 'rules: expected a list of 1 to 1000 rules, found nothing'],
    ['is no text', Buffer.from([0xff, 0xfe]), 'not valid for encoding'],
    ['is too large', `#${'x'.repeat(4 * 2 ** 20)}`, 'more than 4194304'],
  ])('that %s is a finding, and the places serve without it', async (_, content, reason) => {
    const file = join(folder, 'corp.yaml');
    if (content !== undefined) await writeFile(file, content);
    const maps = { sources: [inFile(file)], readMap };
    const { table, findings } = await openPlacesOnce({ database: join(folder, 'city.mmdb'), maps });
    expect(findings.map(({ code }) => code)).toEqual(['map-invalid']);
    expect(findings[0]?.message).toContain(reason);
    expect(findings[0]?.message).toContain('it has no rules');
    expect(told(table, '192.0.2.1')).toBe('CH/24');
  });
});

describe('a map file that is a pipe', () => {
  it('is no file, and nobody waits for who writes into it', async () => {
    const file = join(folder, 'pipe.yaml');
    // From coreutils, where knip looks for a package.
    const command = 'mkfifo';
    spawnSync(command, [file]);
    const read = createMapReader([{ kind: 'file', name: 'corp', origin: { file }, file }], () => expect.fail('read'));
    expect((await read()).findings).toMatchObject([{ code: 'map-invalid', origin: { file } }]);
  });
});

describe('rules that need a database', () => {
  const rules = parseRules(
    [
      { asn: [64500], clusters: ['eu'] },
      { subdivision: ['US-CA'], clusters: ['us'] },
    ],
    { clusters: undefined, complain: () => expect.fail() },
  );
  const maps = {
    sources: [{ kind: 'rules' as const, name: 'corp', origin: { file: 'azimuth.yaml', line: 7 }, rules }],
    readMap,
  };

  it('are said to hold nobody without it', async () => {
    await writeFile(join(folder, 'country.mmdb'), database([['192.0.2.0/24', { country: { iso_code: 'CH' } }]]));
    const { findings } = await openPlacesOnce({ database: join(folder, 'country.mmdb'), maps });
    expect(findings.map(({ code, origin, suggestion }) => [code, origin.line, suggestion])).toEqual([
      ['map-rule-idle', 7, 'set geoip.asn-database to an mmdb file'],
      ['map-rule-idle', 7, 'set geoip.database to a city database with ISO 3166-2 codes'],
    ]);
  });

  it('hold with it', async () => {
    const [city, asn] = [join(folder, 'city.mmdb'), join(folder, 'asn.mmdb')];
    const { table, findings } = await openPlacesOnce({ database: city, asnDatabase: asn, maps });
    expect(findings).toEqual([]);
    expect(['192.0.2.1', '198.51.100.1'].map((address) => told(table, address))).toEqual([
      'CH/25 corp:1',
      'US/25 corp:2',
    ]);
  });

  it('are left out where the file is no database of AS numbers, which is said of it and not of the locations', async () => {
    const city = join(folder, 'city.mmdb');
    const { table, findings } = await openPlacesOnce({ database: city, asnDatabase: city, maps });
    expect(findings.map(({ code, origin, message }) => [code, origin.file, message])).toEqual([
      ['places-unreadable', city, expect.stringContaining('no network of it has an AS number')],
    ]);
    expect(told(table, '192.0.2.1')).toBe('CH/24');
  });
});
