import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClusterSpec } from '../../../src/core/desired/model.ts';
import type { Picture } from '../../../src/core/desired/picture.ts';
import type { FoundClusters } from '../../../src/core/ports.ts';
import { createPictureKeeper } from '../../../src/state/picture-keeper.ts';
import { createPictureStore } from '../../../src/state/picture-store.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { routes } from './picture-fixture.ts';

const START = Date.UTC(2026, 10, 26);
let directory = '';
let clock: ManualClock;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-keeper-found-'));
  clock = createManualClock(START);
});
afterEach(() => rm(directory, { recursive: true }));

function found(...names: readonly string[]): FoundClusters {
  const clusters = names.map((name): ClusterSpec => {
    const location = { lat: 0, lon: 0, country: '', continent: '' };
    return { name, location, annotations: {}, origin: { file: 'cluster-secrets' } };
  });
  return { membership: 'known', clusters, findings: [] };
}

/** A keeper of one declared cluster, whose source is in the hands of the test. */
function run() {
  const told: FoundClusters[] = [];
  const pictures: Picture[] = [];
  const source = Promise.withResolvers<void>();
  let state: 'starting' | 'started' = 'starting';
  let sink = (_picture: Picture): void => {};
  let tell = (_found: FoundClusters): void => {};
  const keeper = createPictureKeeper({
    source: {
      start(to) {
        sink = to;
        return source.promise;
      },
      found(to) {
        tell = to;
      },
      close: async () => {},
    },
    store: createPictureStore({ directory, clock, onFindings: () => {} }),
    clock,
    clusters: ['eu'],
    local: new Set(),
    onFindings: () => {},
  });
  keeper.found((one) => told.push(one));
  const start = async (): Promise<void> => {
    await keeper.start((picture) => pictures.push(picture));
    state = 'started';
  };
  return {
    keeper,
    told,
    pictures,
    started: start(),
    give: (picture: Picture) => sink(picture),
    find: (one: FoundClusters) => tell(one),
    sourceStarted: source.resolve,
    state: () => state,
    seen: () => keeper.ages().map(({ cluster, origin }) => `${cluster} ${origin}`),
  };
}

test('the start waits until it is known which clusters there are, and for each of them', async () => {
  const now = run();
  now.give(routes('eu', 1));
  await clock.advance(1000);
  expect(now.state()).toBe('starting');
  now.find(found('late'));
  await clock.advance(1000);
  expect(now.state()).toBe('starting');
  now.give(routes('late', 1));
  await now.started;
  expect(now.told).toEqual([found('late')]);
  expect(now.seen()).toEqual(['eu source', 'late source']);
  await now.keeper.close();
});

test('a cluster that is gone is seen no more, and a late picture of it is not passed on', async () => {
  const now = run();
  now.find(found('late'));
  now.give(routes('eu', 1));
  now.give(routes('late', 1));
  await now.started;
  now.find(found());
  now.give(routes('late', 2));
  expect(now.seen()).toEqual(['eu source']);
  expect(now.pictures.map(({ cluster, objects }) => `${cluster} ${objects.length}`)).toEqual(['eu 1', 'late 1']);
  await now.keeper.close();
});

test('a cluster that was found by an earlier run only has the picture of that run', async () => {
  const before = run();
  before.find(found('late'));
  before.give(routes('eu', 1));
  before.give(routes('late', 2));
  await before.started;
  await before.keeper.close();
  const now = run();
  now.give(routes('eu', 1));
  now.find({ ...found('late'), membership: 'unknown' });
  now.sourceStarted();
  await now.started;
  expect(now.seen()).toEqual(['eu source', 'late store']);
  expect(now.pictures.at(-1)).toMatchObject({ cluster: 'late', objects: [{}, {}] });
  await now.keeper.close();
});
