import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NamedMonitor } from '../../../src/core/desired/model.ts';
import { idOfName } from '../../../src/core/desired/named-monitors.ts';
import type { RolloutStore } from '../../../src/core/ports.ts';
import { MAX_ROLLOUTS } from '../../../src/core/rollout/check.ts';
import { EMPTY_PLACES } from '../../../src/core/snapshot/empty-places.ts';
import { shares } from '../../../src/core/snapshot/explain.ts';
import { createDirector, type DirectorControl } from '../../../src/director.ts';
import { createRolloutStore } from '../../../src/state/rollout-store.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { declare, gateway, picture, route } from '../core/desired/pictures.ts';
import { closeJournals, roomIn } from '../state/journal-fixture.ts';
import { type Admin, OPERATE, READ, type Reply, startAdmin } from './admin-fixture.ts';

const START = Date.UTC(2026, 0, 1);
const SHOP = 'shop.gslb.example';
const ERRORS: NamedMonitor = {
  name: 'errors',
  id: idOfName('errors'),
  source: { kind: 'external', expiresMs: 86_400_000, whenExpired: 'unseen' },
};
const CANARY = {
  name: 'shop-v2',
  hostnames: [SHOP],
  from: ['eu'],
  to: ['us'],
  kind: 'canary',
  steps: [5, 50, 100],
  dwell: '10m',
  rollbackAfter: '2m',
  guard: { monitors: ['errors'] },
};
const BLUE_GREEN = { name: 'bg', from: ['eu'], to: ['us'], kind: 'blue-green' };

let directory: string;
let clock: ManualClock;
let store: RolloutStore;
let director: DirectorControl;
let admin: Admin;

/** Starts a director on what is saved, with two clusters of equal weight and the monitor `errors`. */
async function start(on: RolloutStore): Promise<void> {
  store = on;
  director = createDirector({
    declaration: { ...declare({ clusters: ['eu', 'us'] }), monitors: [ERRORS] },
    clock,
    store: { save: async () => undefined },
    rolloutStore: store,
    places: EMPTY_PLACES,
    watch: () => undefined,
  });
  director.hold();
  director.restoreRollouts((await store.load()).rollouts);
  for (const [cluster, address] of [
    ['eu', '192.0.2.1'],
    ['us', '192.0.2.2'],
  ] as const) {
    const annotations = { probe: 'none', steering: 'weighted' };
    director.onPicture(picture(cluster, gateway('edge', { annotations, addresses: [address] }), route('shop', [SHOP])));
  }
  director.flush();
  admin = await startAdmin({ director, now: () => clock.now() });
}

async function stop(): Promise<void> {
  director.close();
  await store.close();
  await closeJournals();
  await admin.server.close();
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-rollouts-'));
  clock = createManualClock(START);
  await start(createRolloutStore(roomIn(directory)));
});
afterEach(async () => {
  await stop();
  await rm(directory, { recursive: true });
});

function post(path: string, body: unknown = {}, token = OPERATE): Promise<Reply> {
  return admin.ask(`/v1/rollouts${path}`, { method: 'POST', token, body: JSON.stringify(body) });
}

async function shown(): Promise<unknown> {
  return (await admin.ask('/v1/rollouts/shop-v2', { token: READ })).json();
}

function push(state: 'up' | 'down'): Promise<Reply> {
  const body = JSON.stringify({ state, reason: 'error rate' });
  return admin.ask('/v1/monitors/errors/result', { method: 'POST', token: OPERATE, body });
}

function shareOfUs(): number {
  return shares(director.snapshot(), SHOP).get('us') ?? 0;
}

describe('a canary in the admin API', () => {
  it('goes step by step while its guard is up, and says when', async () => {
    await push('up');
    const begun = await post('', CANARY);
    expect(begun.status).toBe(200);
    expect(begun.json()).toMatchObject({
      name: 'shop-v2',
      kind: 'canary',
      state: 'running',
      step: 1,
      percent: 5,
      since: new Date(START).toISOString(),
      nextAt: new Date(START + 600_000).toISOString(),
      why: 'started by ops',
      guarded: 'good',
      divided: 1,
      withoutTo: 0,
    });
    expect(shareOfUs()).toBe(0.05);
    await clock.advance(600_100);
    expect(await shown()).toMatchObject({ state: 'running', step: 2, percent: 50 });
    expect(shareOfUs()).toBe(0.5);
    await clock.advance(1_200_200);
    expect(await shown()).toMatchObject({ state: 'promoted', percent: 100, nextAt: null });
    expect(shareOfUs()).toBe(1);
  });

  it('is in the status, with what it waits for', async () => {
    const status = async () => (await admin.ask('/v1/status', { token: READ })).json();
    expect(await status()).toMatchObject({ rollouts: [] });
    await push('up');
    await post('', CANARY);
    const line = { name: 'shop-v2', kind: 'canary', to: ['us'], steps: [5, 50, 100], step: 1, percent: 5 };
    const nextAt = new Date(START + 600_000).toISOString();
    expect(await status()).toHaveProperty('rollouts', [{ ...line, state: 'running', nextAt }]);
    await push('down');
    await clock.advance(100);
    expect(await status()).toMatchObject({ rollouts: [{ state: 'held', trouble: 'monitor errors is down' }] });
  });

  it('waits for a guard that nobody told of, stops for one that is down, and goes back when it stays so', async () => {
    await post('', CANARY);
    await clock.advance(3_600_000);
    expect(await shown()).toMatchObject({ state: 'running', step: 1, guarded: 'unknown', nextAt: null });
    await push('up');
    await clock.advance(300_000);
    expect(await shown()).toMatchObject({ state: 'running', step: 1, guarded: 'good' });
    await push('down');
    await clock.advance(100);
    expect(await shown()).toMatchObject({
      state: 'held',
      percent: 5,
      guarded: 'bad',
      why: 'monitor errors is down',
      trouble: 'monitor errors is down',
    });
    await clock.advance(60_000);
    await push('up');
    await clock.advance(100);
    expect(await shown()).toMatchObject({ state: 'running', step: 1, why: 'all is up again' });
    await push('down');
    await clock.advance(121_000);
    expect(await shown()).toMatchObject({ state: 'rolled-back', percent: 0, why: 'too long: monitor errors is down' });
    expect(shareOfUs()).toBe(0);
  });

  it('obeys an operator, who is logged; an order twice is done; one that does not fit is refused', async () => {
    await push('up');
    await post('', CANARY);
    expect((await post('/shop-v2/pause', {}, READ)).status).toBe(403);
    for (const _ of [1, 2])
      expect((await post('/shop-v2/pause')).json()).toMatchObject({ state: 'paused', percent: 5 });
    expect(admin.logged.at(-1)).toMatchObject({ message: 'rollout pause', fields: { by: 'ops', result: 'done' } });
    await clock.advance(3_600_000);
    expect(await shown()).toMatchObject({ state: 'paused', percent: 5 });
    expect((await post('/shop-v2/resume')).json()).toMatchObject({ state: 'running', percent: 5 });
    expect((await post('/shop-v2/rollback')).json()).toMatchObject({ state: 'rolled-back', percent: 0 });
    expect((await post('/shop-v2/resume')).json()).toMatchObject({ state: 'running', step: 1 });
    expect((await post('/shop-v2/promote')).json()).toMatchObject({ state: 'promoted', why: 'promote by ops' });
    expect((await post('/shop-v2/switch')).json()).toMatchObject({ status: 409, code: 'rollout-order' });
    expect((await post('/shop-v2/end')).json()).toMatchObject({ state: 'promoted' });
    expect((await post('/shop-v2/end')).json()).toMatchObject({ status: 404, code: 'rollout-unknown' });
    expect(shareOfUs()).toBe(0.5);
  });

  it('survives a restart at its step, whose dwell begins anew', async () => {
    await push('up');
    await post('', CANARY);
    await clock.advance(900_000);
    expect(await shown()).toMatchObject({ percent: 50 });
    await stop();
    await start(createRolloutStore(roomIn(directory)));
    expect(shareOfUs()).toBe(0.5);
    await push('up');
    await clock.advance(400_000);
    expect(await shown()).toMatchObject({ state: 'running', percent: 50 });
    await clock.advance(201_000);
    expect(await shown()).toMatchObject({ state: 'running', percent: 100 });
  });
});

describe('a blue-green rollout in the admin API', () => {
  it('is one call each way', async () => {
    expect((await post('', BLUE_GREEN)).json()).toMatchObject({ state: 'ready', percent: 0, nextAt: null });
    expect(shareOfUs()).toBe(0);
    expect((await post('/bg/switch')).json()).toMatchObject({ state: 'switched', percent: 100 });
    expect(shareOfUs()).toBe(1);
    expect((await post('/bg/switch-back')).json()).toMatchObject({ state: 'ready', percent: 0 });
    expect(shareOfUs()).toBe(0);
  });

  it('says where nobody of `to` is usable, and `from` keeps all', async () => {
    await post('', BLUE_GREEN);
    await post('/bg/switch');
    await director.drain({ cluster: 'us', at: START, by: 'test', reason: 'test' }, 'forced');
    const listed = await admin.ask('/v1/rollouts', { token: READ });
    const wanted = { name: 'bg', divided: 1, withoutTo: 1, withoutToNames: [SHOP] };
    expect(listed.json()).toMatchObject({ items: [wanted] });
    expect(shareOfUs()).toBe(0);
  });
});

describe('a rollout that is refused', () => {
  it.each([
    ['request-invalid', { ...CANARY, steps: [0, 100] }],
    ['request-invalid', { ...CANARY, more: 1 }],
    ['request-invalid', { ...CANARY, hostnames: ['Shop.example'] }],
    ['rollout-invalid', { ...CANARY, name: 'No Name' }],
    ['rollout-invalid', { ...CANARY, steps: [50, 25, 100] }],
    ['rollout-invalid', { ...CANARY, steps: [5, 25] }],
    ['rollout-invalid', { ...CANARY, to: ['eu'] }],
    ['rollout-invalid', { ...CANARY, dwell: 'soon' }],
    ['rollout-invalid', { ...BLUE_GREEN, steps: [100] }],
    ['cluster-unknown', { ...CANARY, to: ['mars'] }],
    ['monitor-unknown', { ...CANARY, guard: { monitors: ['nobody'] } }],
  ])('%s: nothing changes', async (code, body) => {
    expect((await post('', body)).json()).toMatchObject({ code });
    expect(director.rollouts.list()).toEqual([]);
    expect(shareOfUs()).toBe(0.5);
  });

  it('because one of the name, of the hostnames or too many are there', async () => {
    await post('', CANARY);
    expect((await post('', CANARY)).json()).toMatchObject({ code: 'rollout-exists' });
    expect((await post('', BLUE_GREEN)).json()).toMatchObject({ code: 'rollout-conflict' });
    const other = { ...BLUE_GREEN, hostnames: ['*.gslb.example'] };
    expect((await post('', other)).json()).toMatchObject({ code: 'rollout-conflict' });
    for (let index = 1; index < MAX_ROLLOUTS; index++) {
      const plan = { kind: 'blue-green' } as const;
      const spec = { name: `r${index}`, hostnames: [`h${index}.example`], from: ['eu'], to: ['us'], plan };
      expect(await director.rollouts.start(spec, 'test')).toBe('done');
    }
    const last = { ...BLUE_GREEN, hostnames: ['last.example'] };
    expect((await post('', last)).json()).toMatchObject({ code: 'rollouts-full' });
  });

  it('because it cannot be saved: nothing changes', async () => {
    await stop();
    const save = async (): Promise<void> => {
      throw new Error('the disk is full');
    };
    await start({ load: async () => ({ rollouts: new Map(), findings: [] }), save, close: async () => undefined });
    expect((await post('', BLUE_GREEN)).json()).toMatchObject({ status: 503, code: 'not-saved' });
    expect(director.rollouts.list()).toEqual([]);
    expect(shareOfUs()).toBe(0.5);
  });
});
