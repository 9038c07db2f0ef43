import { afterEach, beforeEach, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import type { Clock, KindView } from '../../../src/core/ports.ts';
import { MAX_EVENT_OCTETS, WATCH_IDLE_MS } from '../../../src/sources/gateway-api/limits.ts';
import { createLiveSource, type LiveSource } from '../../../src/sources/gateway-api/live-source.ts';
import { createAlbum, namesOf, type PictureAlbum } from '../../contract/source.ts';
import { eventually } from '../../support/eventually.ts';
import { type ApiCall, frame, rawGateway, type ScriptedApi, startScriptedApi } from '../../support/scripted-api.ts';

const NEVER = 100_000;
/** Rests take a hundredth of their time; what is longer never ends. */
const HASTY: Clock = {
  now: () => Date.now(),
  after: (ms, task) => (ms >= NEVER ? () => {} : SYSTEM_CLOCK.after(ms / 100, task)),
};

let api: ScriptedApi;
let source: LiveSource;
let album: PictureAlbum;
beforeEach(() => {
  album = createAlbum();
});
afterEach(async () => {
  await source.close();
  await api.close();
});

const page = ({ response }: ApiCall, version: number, names: readonly string[], more = ''): void => {
  const items = names.map((name) => rawGateway(name, version));
  response.end(JSON.stringify({ metadata: { resourceVersion: String(version), continue: more }, items }));
};
/** A watch that stays open after it wrote these. */
const write = ({ response }: ApiCall, ...frames: readonly string[]): void => {
  response.flushHeaders();
  for (const each of frames) response.write(each);
};

async function start(
  onWatch: (call: ApiCall) => void,
  onList = (call: ApiCall) => page(call, 10, ['a']),
  { clock = HASTY, firstPictureMs = NEVER } = {},
): Promise<void> {
  api = await startScriptedApi({ onList, onWatch });
  const access = { kind: 'kubeconfig', file: api.kubeconfig, context: 'here' } as const;
  const cluster = { cluster: 'here', access, namespaces: [], selector: undefined, gatewayClasses: undefined };
  source = createLiveSource({ clusters: [cluster], clock, jitter: () => 0, firstPictureMs });
  await source.start(album.sink);
}
const gateways = (): KindView | undefined => source.views()[0]?.kinds.find(({ kind }) => kind === 'Gateway');
const gone = frame('ERROR', { kind: 'Status', code: 410, message: 'too old' });

test('a list comes in pages, of which none is left out', async () => {
  await start(write, (call) => {
    if (call.query.get('continue') === 'two') page(call, 10, ['c']);
    else page(call, 10, ['a', 'b'], 'two');
  });
  expect(namesOf(album.last('here'))?.toSorted()).toEqual(['a', 'b', 'c']);
  await eventually(() => expect(api.calls).toEqual(['list', 'list two', 'watch 10']));
});

test('a bookmark moves the version that a watch goes on from, and nothing else', async () => {
  await start((call) => {
    write(call, frame('BOOKMARK', { metadata: { resourceVersion: String(20 + call.nth) } }));
    if (call.nth < 2) call.response.end();
  });
  await eventually(() => expect(api.calls).toEqual(['list', 'watch 10', 'watch 20', 'watch 21']));
  expect(album.pictures).toHaveLength(1);
});

test('410, as a frame or as a status, leads to a new list; objects that are alike stay the very same', async () => {
  await start(
    (call) => {
      if (call.nth === 0) write(call, gone);
      else if (call.nth === 1) call.response.writeHead(410).end('{}');
      else write(call, frame('ADDED', rawGateway('z', 30)));
    },
    (call) => page(call, 10 + call.nth, ['a', 'b']),
  );
  const [first] = album.pictures;
  const last = await album.until((picture) => namesOf(picture)?.includes('z') === true);
  expect(api.calls).toEqual(['list', 'watch 10', 'list', 'watch 11', 'list', 'watch 12']);
  expect(album.pictures).toHaveLength(2);
  for (const [index, object] of (first?.objects ?? []).entries()) expect(last.objects[index]).toBe(object);
});

test.each([
  ['a frame that is no JSON', 'nonsense\n', 'is not JSON'],
  ['a frame of an unknown type', frame('SURPRISE', {}), 'no known type'],
  ['an ERROR without a status', frame('ERROR', null), 'says 500'],
  ['a frame without end', `"${'x'.repeat(MAX_EVENT_OCTETS)}`, 'octets'],
])('%s ends the watch, not the picture; the next one goes on', async (_, text, problem) => {
  const problems: unknown[] = [];
  await start((call) => {
    if (call.nth === 0) write(call, text);
    else {
      problems.push(gateways()?.problem);
      write(call, frame('ADDED', rawGateway('b', 11)));
    }
  });
  await album.until((picture) => namesOf(picture)?.includes('b') === true);
  expect(problems[0]).toContain(problem);
  for (const picture of album.pictures) expect(namesOf(picture)).toContain('a');
});

test('objects without names or of odd types hurt nobody, and the rest is read', async () => {
  const odd = [null, 7, [], {}, { metadata: null }, { metadata: { name: 7 } }, { metadata: { name: '__proto__' } }];
  await start(
    (call) => write(call, ...odd.map((one) => frame('MODIFIED', one)), frame('DELETED', { metadata: {} })),
    ({ response }) =>
      response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [...odd, rawGateway('a', 1)] })),
  );
  await eventually(() => expect(gateways()?.state).toBe('watching'));
  expect(namesOf(album.last('here'))).toEqual(['a']);
});

test('a watch that is always ended at once is not asked for in a frenzy', async () => {
  const clock: Clock = { now: () => Date.now(), after: (ms, task) => SYSTEM_CLOCK.after(ms / 5, task) };
  const begun = Date.now();
  await start((call) => call.response.end(), undefined, { clock });
  await eventually(() => expect(gateways()?.problem).toBe('the watch was ended at once'));
  await eventually(() => expect(gateways()?.watches).toBeGreaterThanOrEqual(4));
  // 500, 1000 and 2000 ms, five times as fast.
  expect(Date.now() - begun).toBeGreaterThan(600);
});

test('a watch that falls silent is given up, and the next one begins', async () => {
  const clock: Clock = {
    now: () => Date.now(),
    after: (ms, task) => SYSTEM_CLOCK.after(ms === WATCH_IDLE_MS ? 300 : ms / 100, task),
  };
  await start(
    (call) => {
      if (call.nth === 0) call.response.flushHeaders();
      else write(call, frame('ADDED', rawGateway('b', 11)));
    },
    undefined,
    { clock },
  );
  await album.until((picture) => namesOf(picture)?.includes('b') === true);
});

test('a list that is no list is a problem, never an empty picture', async () => {
  let answer: unknown = { items: 'none' };
  await start(write, ({ response }) => response.end(JSON.stringify(answer)), { firstPictureMs: 50_000 });
  expect(album.last('here')).toMatchObject({ objects: [], findings: [{ code: 'cluster-unreachable' }] });
  answer = { metadata: { resourceVersion: '5' }, items: [rawGateway('a', 5)] };
  await album.until((picture) => namesOf(picture)?.includes('a') === true);
});
