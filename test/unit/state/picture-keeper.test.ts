import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Finding, finding } from '../../../src/core/desired/finding.ts';
import type { Picture } from '../../../src/core/desired/picture.ts';
import type { ClusterView, Source } from '../../../src/core/ports.ts';
import { createPictureKeeper } from '../../../src/state/picture-keeper.ts';
import { createPictureStore } from '../../../src/state/picture-store.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { routes } from './picture-fixture.ts';

const START = Date.UTC(2026, 10, 26);
const DAY_MS = 86_400_000;
const EXCUSE = finding('cluster-unreachable', { file: 'cluster eu-west' }, 'no answer', 'It is tried again.');
const EMPTY: Picture = { cluster: 'eu-west', objects: [], findings: [] };
const NO_VIEW: Picture = { ...EMPTY, findings: [EXCUSE] };

let directory: string;
let clock: ManualClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-keeper-'));
  clock = createManualClock(START);
});
afterEach(() => rm(directory, { recursive: true }));

/** A source in the hands of the test: it gives pictures when it is told to. */
function createHandSource() {
  let sink = (_picture: Picture): void => {};
  const first = Promise.withResolvers<void>();
  let views: readonly ClusterView[] = [];
  const source: Source = {
    start(to) {
      sink = to;
      return first.promise;
    },
    views: () => views,
    close: async () => {},
  };
  return {
    source,
    give: (picture: Picture) => sink(picture),
    started: () => first.resolve(),
    fail: (error: Error) => first.reject(error),
    hear(next: readonly ClusterView[]): void {
      views = next;
    },
  };
}

/** A keeper as one process has it, started. */
function run(clusters: readonly string[] = ['eu-west'], local: readonly string[] = []) {
  const hand = createHandSource();
  const pictures: Picture[] = [];
  let findings: readonly Finding[] = [];
  let state: 'starting' | 'started' = 'starting';
  const keeper = createPictureKeeper({
    source: hand.source,
    store: createPictureStore({ directory, clock, onFindings: () => {} }),
    clock,
    clusters,
    local: new Set(local),
    onFindings(all) {
      findings = all;
    },
  });
  const start = async (): Promise<void> => {
    await keeper.start((picture) => pictures.push(picture));
    state = 'started';
  };
  const started = start();
  return {
    ...hand,
    keeper,
    pictures,
    /** Resolves when `start` did. */
    started,
    sourceStarted: hand.started,
    state: () => state,
    findings: () => findings.map(({ code }) => code),
  };
}

/** What an earlier process leaves behind, a day before. */
async function runBefore(...pictures: readonly Picture[]): Promise<void> {
  clock = createManualClock(START - DAY_MS);
  const before = run(pictures.map(({ cluster }) => cluster));
  for (const picture of pictures) before.give(picture);
  await before.started;
  await before.keeper.close();
  clock = createManualClock(START);
}

describe('a source that gives its views', () => {
  it('is passed through; nothing is read from the store, and start waits for no more than the views', async () => {
    await runBefore(routes('eu-west', 1));
    const now = run();
    const picture = routes('eu-west', 2);
    now.give(picture);
    await now.started;
    expect(now.pictures).toEqual([picture]);
    expect(now.findings()).toEqual([]);
    expect(now.keeper.ages()).toEqual([{ cluster: 'eu-west', origin: 'source', asOf: START }]);
    await now.keeper.close();
  });

  it('may show an empty cluster: nothing comes back from the store', async () => {
    await runBefore(routes('eu-west', 1));
    for (let restart = 0; restart < 2; restart++) {
      const now = run();
      now.give(EMPTY);
      await now.started;
      expect(now.pictures).toEqual([EMPTY]);
      await now.keeper.close();
    }
    const last = run();
    last.give(NO_VIEW);
    await last.started;
    expect(last.pictures.at(-1)).toEqual(NO_VIEW);
  });

  it('from a disk is waited for: reading what was saved would take as long', async () => {
    await runBefore(routes('eu-west', 1), routes('us-east', 1));
    const now = run(['eu-west', 'us-east'], ['eu-west']);
    await clock.advance(60_000);
    now.give(routes('eu-west', 2));
    await now.started;
    expect(now.pictures.map(({ cluster, objects }) => `${cluster} ${objects.length}`).toSorted()).toEqual([
      'eu-west 2',
      'us-east 1',
    ]);
    await now.keeper.close();
  });

  it('is believed in all that it says once it gave one view', async () => {
    await runBefore(routes('eu-west', 1));
    const now = run();
    now.give(routes('eu-west', 2));
    now.give(NO_VIEW);
    await now.started;
    await now.keeper.close();
    expect(now.pictures.at(-1)).toBe(NO_VIEW);
  });

  it('that tells when it last heard of a live cluster is asked for the age', async () => {
    const now = run(['eu-west', 'us-east']);
    now.give(routes('eu-west', 1));
    now.give(routes('us-east', 1));
    await now.started;
    await clock.advance(60_000);
    now.hear([{ cluster: 'eu-west', state: 'retrying', lastHeardAt: START + 55_000, kinds: [] }]);
    expect(now.keeper.ages()).toEqual([
      { cluster: 'eu-west', origin: 'source', asOf: START + 55_000 },
      { cluster: 'us-east', origin: 'source', asOf: START },
    ]);
    await now.keeper.close();
  });
});

describe('a source that has no view at the start', () => {
  it('and says so: the saved one is used at once, with what the source says, until the source has one', async () => {
    const old = routes('eu-west', 3);
    await runBefore(old);
    const now = run();
    now.give(NO_VIEW);
    await now.started;
    expect(now.pictures.at(-1)).toEqual({ ...old, findings: [EXCUSE] });
    expect(now.findings()).toEqual(['picture-from-store']);
    expect(now.keeper.ages()).toEqual([{ cluster: 'eu-west', origin: 'store', asOf: START - DAY_MS }]);

    const other = { ...NO_VIEW, findings: [EXCUSE, EXCUSE] };
    now.give(other);
    expect(now.pictures.at(-1)).toEqual({ ...old, findings: other.findings });

    const own = routes('eu-west', 4);
    now.give(own);
    expect(now.pictures.at(-1)).toBe(own);
    expect(now.findings()).toEqual([]);
    expect(now.keeper.ages()).toMatchObject([{ origin: 'source', asOf: START }]);
    await now.keeper.close();
  });

  it('and is silent: after three seconds the saved one is used', async () => {
    await runBefore(routes('eu-west', 3));
    const now = run();
    await clock.advance(2999);
    expect([now.pictures.length, now.state()]).toEqual([0, 'starting']);
    await clock.advance(1);
    await now.started;
    expect(now.pictures.at(-1)?.objects).toHaveLength(3);
    await now.keeper.close();
  });

  it('does not hurt the saved one: it is there after the next restart, too', async () => {
    await runBefore(routes('eu-west', 3));
    for (let restart = 0; restart < 3; restart++) {
      const now = run();
      now.give(NO_VIEW);
      await now.started;
      expect(now.pictures.at(-1)?.objects).toHaveLength(3);
      expect(now.keeper.ages()).toMatchObject([{ origin: 'store', asOf: START - DAY_MS }]);
      await now.keeper.close();
    }
    expect(await readdir(join(directory, 'pictures'))).toEqual(['eu-west.jsonl']);
  });

  it('of one cluster of two: the other one does not wait for it', async () => {
    await runBefore(routes('eu-west', 3), routes('us-east', 1));
    const now = run(['eu-west', 'us-east']);
    const own = routes('us-east', 2);
    now.give(own);
    expect(now.pictures).toEqual([own]);
    await clock.advance(3000);
    await now.started;
    expect(now.pictures.map(({ cluster, objects }) => [cluster, objects.length])).toEqual([
      ['us-east', 2],
      ['eu-west', 3],
    ]);
    await now.keeper.close();
  });

  it('where nothing was saved either: start waits for the source', async () => {
    const now = run();
    await clock.advance(60_000);
    expect([now.pictures.length, now.state()]).toEqual([0, 'starting']);
    expect(now.keeper.ages()).toEqual([{ cluster: 'eu-west', origin: 'none', asOf: undefined }]);
    now.give(NO_VIEW);
    now.sourceStarted();
    await now.started;
    expect(now.pictures).toEqual([NO_VIEW]);
    await now.keeper.close();
  });

  it('because it fails: the saved one is used all the same', async () => {
    await runBefore(routes('eu-west', 3));
    const now = run();
    now.fail(new Error('no such thing'));
    await now.started.catch(() => {});
    expect(now.pictures.at(-1)?.objects).toHaveLength(3);
    await now.keeper.close();
  });
});

it('a keeper that is closed gives no picture any more, and start settles', async () => {
  await runBefore(routes('eu-west', 3));
  const now = run();
  await now.keeper.close();
  await now.started;
  now.give(routes('eu-west', 1));
  await clock.advance(10_000);
  expect(now.pictures).toEqual([]);
});
