import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import type { Clock } from '../../../src/core/ports.ts';
import type { LiveCluster } from '../../../src/sources/gateway-api/cluster-watch.ts';
import { createLiveSource, type LiveSource } from '../../../src/sources/gateway-api/live-source.ts';
import { createAlbum, namesOf, type PictureAlbum } from '../../contract/source.ts';
import { eventually } from '../../support/eventually.ts';
import { type ApiCall, frame, rawGateway, type ScriptedApi, startScriptedApi } from '../../support/scripted-api.ts';

/** How long a first picture is waited for: on a busy machine, too, unless it is known that none comes. */
const PATIENCE_MS = 20_000;
const CLOCK: Clock = {
  ...SYSTEM_CLOCK,
  after: (ms, task) => SYSTEM_CLOCK.after(ms === PATIENCE_MS && answers === 'none' ? 500 : ms, task),
};

let api: ScriptedApi;
let source: LiveSource;
let album: PictureAlbum;
const watches: ApiCall[] = [];
let answers: 'all' | 'none' = 'all';

beforeEach(async () => {
  album = createAlbum();
  watches.length = 0;
  answers = 'all';
  api = await startScriptedApi({
    onList({ response }) {
      if (answers === 'none') response.writeHead(503).end();
      else response.end(JSON.stringify({ metadata: { resourceVersion: '10' }, items: [rawGateway('a', 10)] }));
    },
    onWatch(call) {
      call.response.flushHeaders();
      watches.push(call);
    },
  });
  source = createLiveSource({ clusters: [at('declared')], clock: CLOCK, firstPictureMs: PATIENCE_MS });
  await source.start(album.sink);
});
afterEach(async () => {
  await source.close();
  await api.close();
});

function at(cluster: string, more: Partial<LiveCluster> = {}): LiveCluster {
  const access = { kind: 'kubeconfig', file: api.kubeconfig, context: 'here' } as const;
  return { cluster, access, namespaces: [], selector: undefined, gatewayClasses: undefined, ...more };
}
const views = () => source.views().map(({ cluster }) => cluster);
const lists = () => api.calls.filter((call) => call === 'list').length;

test('a cluster that is followed has its picture when `follow` resolves, and can be written to', async () => {
  expect(source.writer.clusters).toEqual(['declared']);
  await source.follow([at('late')]);
  expect(namesOf(album.last('late'))).toEqual(['a']);
  expect([views(), source.writer.clusters]).toEqual([
    ['declared', 'late'],
    ['declared', 'late'],
  ]);
});

test('one that is followed again is not disturbed, nor are the declared ones', async () => {
  await source.follow([at('late')]);
  const before = lists();
  await source.follow([at('late'), at('third')]);
  await source.follow([at('late')]);
  expect(lists()).toBe(before + 1);
  expect(views()).toEqual(['declared', 'late']);
});

test('of one that is gone no picture comes any more, and its watches end', async () => {
  await source.follow([at('late')]);
  await eventually(() => expect(watches).toHaveLength(2));
  const ended = vi.fn();
  watches[1]?.response.on('close', ended);
  await source.follow([]);
  await eventually(() => expect(ended).toHaveBeenCalled());
  const before = album.pictures.length;
  watches[0]?.response.write(frame('ADDED', rawGateway('b', 11)));
  await album.until((picture) => namesOf(picture)?.includes('b') === true);
  expect(album.pictures.slice(before).map(({ cluster }) => cluster)).toEqual(['declared']);
  expect(source.writer.clusters).toEqual(['declared']);
});

test('one that changes and cannot be read then keeps the word of before', async () => {
  await source.follow([at('late')]);
  const before = album.pictures.length;
  answers = 'none';
  await source.follow([at('late', { selector: 'app=b' })]);
  expect(album.pictures).toHaveLength(before);
  expect(source.views()[1]?.state).not.toBe('watching');
});

test('one that is new and cannot be read says so', async () => {
  answers = 'none';
  await source.follow([at('late')]);
  expect(album.last('late')?.findings.map(({ code }) => code)).toEqual(['cluster-unreachable']);
});
