import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import { DEFAULT_SAFETY, WEEKDAYS } from '../../../src/core/plan/safety.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(safety: string) {
  const file = join(folder, 'azimuth.yaml');
  const zone = 'zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]';
  const cluster = 'clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]';
  await writeFile(file, `${zone}\n${cluster}\nsafety: ${safety}\n`);
  return loadConfig(file, {});
}

async function read(safety: string) {
  const loaded = await load(safety);
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return loaded.config.safety;
}

describe('safety', () => {
  test('is what breaks nothing where nothing is said', async () => {
    expect(await read('{}')).toEqual(DEFAULT_SAFETY);
  });

  test('is read, with times in minutes after midnight', async () => {
    const written =
      '{ min-clusters: 2, max-moved: 12.5%, max-drills: 0, blackouts: [{ days: [mon, tue], from: "08:00", to: "18:30" }, { days: [sun] }, { from: 22:00, to: 06:00 }] }';
    expect(await read(written)).toEqual({
      minClusters: 2,
      maxMoved: 0.125,
      maxDrills: 0,
      blackouts: [
        { days: ['mon', 'tue'], from: 480, to: 1110 },
        { days: ['sun'], from: 0, to: 1440 },
        { days: [...WEEKDAYS], from: 1320, to: 360 },
      ],
    });
  });

  test.each([
    [
      '{ max-moved: 30 }',
      'azimuth.yaml:3: safety.max-moved: expected a percentage from 0% to 100% like "30%", found 30',
    ],
    ['{ max-moved: 101% }', 'safety.max-moved: expected a percentage'],
    ['{ min-clusters: 0 }', 'safety.min-clusters: expected a whole number from 1 to 64, found 0'],
    ['{ min-cluster: 2 }', 'did you mean "min-clusters"?'],
    [
      '{ blackouts: [{ days: [monday] }] }',
      'safety.blackouts[0].days[0]: expected one of sun, mon, tue, wed, thu, fri, sat, found "monday"; did you mean "mon"?',
    ],
    ['{ blackouts: [{ days: [mon, mon] }] }', 'safety.blackouts[0].days[1]: expected each day once, found "mon" again'],
    ['{ blackouts: [{ days: [] }] }', 'safety.blackouts[0].days: expected a list of days'],
    [
      '{ blackouts: [{ from: "8:00" }] }',
      'safety.blackouts[0].from: expected a time from "00:00" to "24:00", in UTC, found "8:00"; did you mean "08:00"?',
    ],
    ['{ blackouts: [{ from: "25:00" }] }', 'safety.blackouts[0].from: expected a time'],
    [
      '{ blackouts: [{ from: "10:00", to: "10:00" }] }',
      'safety.blackouts[0].to: expected another time than `from`, found "10:00"; leave both out for whole days',
    ],
    ['{ blackouts: { days: [mon] } }', 'safety.blackouts: expected a list of at most 32 entries'],
  ])('%s is refused, with its place', async (written, said) => {
    const loaded = await load(written);
    if (loaded.kind !== 'invalid') throw new Error('it was taken');
    const [problem] = loaded.problems;
    expect(problem && formatProblem({ ...problem, file: 'azimuth.yaml' })).toContain(said);
  });
});
