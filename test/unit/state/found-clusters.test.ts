import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/desired/finding.ts';
import type { ClusterSpec } from '../../../src/core/desired/model.ts';
import type { FoundClusters, Source } from '../../../src/core/ports.ts';
import { rememberClusters } from '../../../src/state/found-clusters.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const LATE: ClusterSpec = {
  name: 'late',
  location: { lat: 1, lon: 2, country: 'DE', continent: 'EU' },
  placedBy: 'nodes',
  annotations: { weight: '3' },
  origin: { file: 'cluster-secrets', object: 'Secret azimuth/late' },
};
const KNOWN: FoundClusters = { membership: 'known', clusters: [LATE], findings: [] };
const UNKNOWN: FoundClusters = { membership: 'unknown', clusters: [], findings: [] };

let directory = '';
/** Whether the directory is ours. */
let mayWrite = true;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-found-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** One run of a process, whose source says these at its start. */
async function run(...says: readonly FoundClusters[]) {
  let tell = (_found: FoundClusters): void => {};
  const source: Source = {
    async start() {
      for (const found of says) tell(found);
    },
    found(to) {
      tell = to;
    },
    close: async () => {},
  };
  const told: FoundClusters[] = [];
  const findings: (readonly Finding[])[] = [];
  const kept = rememberClusters(source, { directory, onFindings: (all) => findings.push(all) });
  kept.found?.((found) => told.push(found));
  await kept.start(() => {});
  await kept.close();
  return { told, findings };
}

test('the clusters of the last run are there while the source cannot say which there are', async () => {
  await run(KNOWN);
  const { told } = await run(UNKNOWN);
  expect(told).toEqual([{ ...UNKNOWN, clusters: [LATE] }]);
});

test('what the source knows counts, also that there are none', async () => {
  await run(KNOWN);
  const none = { ...KNOWN, clusters: [] };
  expect((await run(UNKNOWN, none)).told.at(-1)).toEqual(none);
  expect((await run(UNKNOWN)).told).toEqual([UNKNOWN]);
});

test.each(['', '{', '[]', '{"version":2,"clusters":[]}', '{"version":1,"clusters":[{"name":"../x"}]}'])(
  'a file that holds %j is no cluster, and no harm',
  async (text) => {
    await writeFile(join(directory, 'found-clusters.json'), text);
    expect((await run(UNKNOWN)).told).toEqual([UNKNOWN]);
  },
);

test('nothing but what is listed is saved: no way to the cluster', async () => {
  await run({ ...KNOWN, clusters: [Object.assign({}, LATE, { slot: 4, token: 'secret' })] });
  const text = await readFile(join(directory, 'found-clusters.json'), 'utf8');
  expect(JSON.parse(text)).toEqual({ version: 1, clusters: [LATE] });
});

test('a directory that cannot be written is a finding, and the clusters are told all the same', async () => {
  await rm(directory, { recursive: true });
  await writeFile(directory, 'a file');
  const { told, findings } = await run(KNOWN);
  expect(told).toEqual([KNOWN]);
  expect(findings.flat()).toMatchObject([{ code: 'picture-not-saved' }]);
});

test.each<[string, (shut: boolean) => Promise<unknown>]>([
  ['is another process’s, or full', async (shut) => (mayWrite = !shut)],
  ['cannot be written', (shut) => (shut ? writeFile(directory, 'a file') : rm(directory))],
])('a directory that %s: what was found last is written when it can be, and not only at the end', async (_, make) => {
  await rm(directory, { recursive: true });
  mayWrite = true;
  const clock = createManualClock(0);
  let tell = (_found: FoundClusters): void => {};
  const source: Source = { start: async () => {}, found: (to) => (tell = to), close: async () => {} };
  const kept = rememberClusters(source, { directory, isOurs: () => mayWrite, clock, onFindings: () => {} });
  kept.found?.(() => {});
  await make(true);
  tell(KNOWN);
  tell({ ...KNOWN, clusters: [LATE, { ...LATE, name: 'later' }] });
  await eventually(() => expect(clock.pending()).toBe(1));
  await clock.advance(10_000);
  await eventually(() => expect(clock.pending()).toBe(1));
  await make(false);
  await clock.advance(10_000);
  await eventually(async () => {
    const { clusters } = JSON.parse(await readFile(join(directory, 'found-clusters.json'), 'utf8'));
    expect(clusters.map(({ name }: ClusterSpec) => name)).toEqual(['late', 'later']);
  });
  await kept.close();
  expect(clock.pending()).toBe(0);
});

test('a source that finds none is the very same', () => {
  const source: Source = { start: async () => {}, close: async () => {} };
  expect(rememberClusters(source, { directory, onFindings: () => {} })).toBe(source);
});
