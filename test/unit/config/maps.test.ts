import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placeInputs } from '../../../src/compose/places.ts';
import type { Config } from '../../../src/config/config.ts';
import { formatProblem, loadConfig } from '../../../src/config/load.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-config-maps-'));
});
afterAll(() => rm(folder, { recursive: true }));

const CLUSTERS = 'clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]\n';

async function load(maps: string, { zone = '', clusters = CLUSTERS, more = '' } = {}) {
  const file = join(folder, 'azimuth.yaml');
  const zones = `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] }${zone} }]\n`;
  await writeFile(file, `${zones}${clusters}${more}maps:\n${maps}`);
  return loadConfig(file, {});
}

async function configOf(...args: Parameters<typeof load>): Promise<Config> {
  const loaded = await load(...args);
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

/** The problems as people read them, with their line, without the file. */
async function problems(...args: Parameters<typeof load>): Promise<readonly string[]> {
  const loaded = await load(...args);
  const found = loaded.kind === 'ok' ? [] : loaded.problems;
  return found.map((problem) => formatProblem(problem).replace(/^[^:]+:/, ''));
}

const RULES = '  - { name: corp, rules: [{ asn: [64500], clusters: [eu, "*"] }] }\n';

describe('maps of the configuration', () => {
  test('are rules or files, and the core knows their names', async () => {
    const zone = ', map: corp';
    const more = 'geoip: { asn-database: asn.mmdb }\n';
    const config = await configOf(`${RULES}  - { name: more, file: more.yaml }\n`, { zone, more });
    expect(config.maps).toEqual([
      {
        kind: 'rules',
        name: 'corp',
        origin: { file: config.file, line: 5 },
        rules: [{ clients: { kind: 'asn', numbers: [64500] }, text: 'asn 64500', clusters: ['eu', '*'] }],
      },
      { kind: 'file', name: 'more', origin: { file: config.file, line: 6 }, file: join(folder, 'more.yaml') },
    ]);
    expect(config.declaration.maps).toEqual(['corp', 'more']);
    expect(config.declaration.zones[0]?.map).toBe('corp');
    expect(placeInputs(config)).toMatchObject({
      asnDatabase: join(folder, 'asn.mmdb'),
      maps: { sources: config.maps },
    });
  });

  test.each([
    [RULES.replace('corp', 'none'), '4: maps[0].name: expected a name'],
    [`${RULES}${RULES}`, '5: maps[1].name: expected a map that is listed once, found "corp" again'],
    ['  - { name: corp }\n', '4: maps[0]: expected either file or rules, found neither'],
    [RULES.replace('rules:', 'file: a.yaml, rules:'), '4: maps[0]: expected either file or rules, found both'],
    [
      '  - name: corp\n    rules:\n      - { cidr: [192.0.2.1/24], clusters: [eu] }\n',
      '6: maps[0].rules[0].cidr[0]: expected a network whose address is its first one, found "192.0.2.1/24"; did you mean "192.0.2.0/24"?',
    ],
    [
      RULES.replace('[eu, "*"]', '[ue]'),
      'maps[0].rules[0].clusters[0]: expected the name of a cluster, or "*", found "ue"',
    ],
    [RULES.replace('asn', 'ans'), '4: maps[0].rules[0].ans: expected one of the keys'],
  ])('%j is refused', async (maps, expected) => {
    expect((await problems(maps)).join('\n')).toContain(expected);
  });

  test('a zone names one of them', async () => {
    expect(await problems(RULES, { zone: ', map: crop' })).toEqual([
      '1: zones[0].map: expected the name of one of the maps, found "crop"; did you mean "corp"?',
    ]);
  });

  test('may name clusters that Secrets may bring, also in files', async () => {
    const more = 'cluster-secrets: { in-cluster: true }\n';
    const config = await configOf(RULES.replace('eu,', 'later,'), { more });
    const text = 'rules: [{ country: [CH], clusters: [later] }]';
    expect(placeInputs(config).maps?.readMap(text)).toMatchObject({ rules: [{ clusters: ['later'] }], problems: [] });
    expect(placeInputs(await configOf(RULES)).maps?.readMap(text).problems).toMatchObject([{ line: 1 }]);
  });
});
