import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOverrideStore } from '../../../src/state/override-store.ts';
import { gateway, picture, route } from '../core/desired/pictures.ts';
import { closeJournals, roomIn } from '../state/journal-fixture.ts';
import { READ } from './admin-fixture.ts';
import { type OverrideWorld, SHOP, START, startWorld } from './override-world.ts';

const EU = { clusters: ['eu'] };
const DOWN = { scope: EU, action: 'down', reason: 'kernel update' };
const EVEN = { eu: 33, jp: 33, us: 33 };

let world: OverrideWorld;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const view = async (name: string) => (await world.send('GET', `/v1/overrides/${name}`, undefined, READ)).json();
const endpoint = async (cluster: string) => {
  const reply = await world.send('GET', `/v1/hostnames/${SHOP}`, undefined, READ);
  return JSON.parse(reply.text).endpoints.find((one: { cluster: string }) => one.cluster === cluster);
};

describe('an override in the admin API', () => {
  it('takes a cluster down that is measured up, shows both, and gives it back', async () => {
    expect(world.shares()).toEqual(EVEN);
    const set = await world.put('maintenance', DOWN);
    expect([set.status, set.json()]).toEqual([
      200,
      {
        name: 'maintenance',
        scope: EU,
        action: 'down',
        at: new Date(world.clock.now()).toISOString(),
        by: 'ops',
        reason: 'kernel update',
        state: 'in-force',
        endpoints: 2,
        hostnames: 2,
        shadowed: 0,
        shadowedBy: [],
      },
    ]);
    expect(world.shares()).toEqual({ jp: 50, us: 50 });
    expect(await endpoint('eu')).toMatchObject({ measured: 'up', effective: 'down', orders: ['maintenance'] });
    expect(world.explained('eu')).toMatchObject({ state: 'down', measured: 'up', orders: ['maintenance'] });
    const cleared = await world.send('DELETE', '/v1/overrides/maintenance');
    expect([cleared.status, cleared.json()]).toMatchObject([200, { name: 'maintenance', endpoints: 2 }]);
    expect(world.shares()).toEqual(EVEN);
    expect(await endpoint('eu')).toMatchObject({ measured: 'up', effective: 'up' });
    expect(await endpoint('eu')).not.toHaveProperty('orders');
  });

  it('takes a cluster up that is measured down, and what is measured goes on', async () => {
    await world.probe('eu', 'bad');
    expect(world.shares()).toEqual({ jp: 50, us: 50 });
    await world.put('trust-me', { scope: EU, action: 'up', reason: 'the probe is wrong', for: '1h' });
    expect(world.shares()).toEqual(EVEN);
    expect(await endpoint('eu')).toMatchObject({ measured: 'down', effective: 'up' });
    await world.probe('eu', 'good');
    expect(await endpoint('eu')).toMatchObject({ measured: 'up', effective: 'up', orders: ['trust-me'] });
  });

  it('drains in part, weighs, and says what the objects say', async () => {
    await world.put('half', { scope: EU, action: 'drain', percent: 50, reason: 'x' });
    expect(world.shares()).toEqual({ eu: 20, jp: 40, us: 40 });
    await world.put('half', { scope: EU, action: 'weight', weight: 0, reason: 'x' });
    expect(world.shares()).toEqual({ jp: 50, us: 50 });
    expect(await endpoint('eu')).toMatchObject({ weight: 0, writtenWeight: 100 });
    expect(await view('half')).toMatchObject({ action: 'weight', weight: 0 });
  });

  it('is about what fits its patterns, but for the exceptions', async () => {
    const scope = { clusters: ['*'], hostnames: ['*.gslb.example'], except: { clusters: ['us'], hostnames: ['pay*'] } };
    const set = await world.put('all', { scope, action: 'weight', weight: 1, reason: 'x' });
    expect(set.json()).toMatchObject({ scope, endpoints: 5, hostnames: 2 });
    await world.put('jp-shop', { scope: { clusters: ['j?', 'jp'], hostnames: [SHOP] }, action: 'down', reason: 'x' });
    expect([world.shares(SHOP), world.shares('pay.gslb.example')]).toEqual([
      { eu: 50, us: 50 },
      { eu: 1, jp: 1, us: 98 },
    ]);
  });

  it('begins and ends by itself, and is planned until then', async () => {
    const from = new Date(START + 3_600_000).toISOString();
    const until = new Date(START + 7_200_000).toISOString();
    expect((await world.put('later', { ...DOWN, from, for: '1h' })).json()).toMatchObject({
      state: 'planned',
      from,
      until,
      endpoints: 2,
    });
    expect(world.shares()).toEqual(EVEN);
    await world.clock.advance(3_600_000);
    expect(await view('later')).toMatchObject({ state: 'in-force' });
    expect(world.shares()).toEqual({ jp: 50, us: 50 });
    await world.clock.advance(3_600_000);
    expect(world.shares()).toEqual(EVEN);
    expect(await view('later')).toMatchObject({ status: 404, code: 'override-unknown' });
  });

  it('gives way to a newer one, and says to which', async () => {
    await world.put('older', { scope: { clusters: ['eu', 'jp'] }, action: 'down', reason: 'x' });
    await world.clock.advance(1000);
    await world.put('newer', { scope: EU, action: 'up', reason: 'x' });
    expect(world.shares()).toEqual({ eu: 50, us: 50 });
    expect(await view('older')).toMatchObject({ state: 'in-force', endpoints: 4, shadowed: 2, shadowedBy: ['newer'] });
    await world.clock.advance(1000);
    await world.put('newest', { scope: { clusters: ['*'] }, action: 'up', reason: 'x' });
    expect(await view('older')).toMatchObject({ state: 'shadowed', shadowed: 4, shadowedBy: ['newest'] });
    const list = await world.send('GET', '/v1/overrides', undefined, READ);
    expect(list.json()).toMatchObject({ total: 3, items: [{ name: 'newest' }, { name: 'newer' }, { name: 'older' }] });
    const page = await world.send('GET', '/v1/overrides?limit=2', undefined, READ);
    expect(page.json()).toMatchObject({ total: 3, next: '2', items: [{ name: 'newest' }, { name: 'newer' }] });
  });

  it('is in the status, where drains of clusters are counted apart', async () => {
    await world.put('half', { scope: EU, action: 'drain', percent: 50, reason: 'x' });
    await world.send('POST', '/v1/clusters/us/drain', { reason: 'y' });
    const status = await world.send('GET', '/v1/status', undefined, READ);
    const newest = [{ name: 'half', action: 'drain', percent: 50, by: 'ops', reason: 'x', state: 'in-force' }];
    expect(status.json()).toMatchObject({ drains: 1, overrides: { total: 1, newest } });
    expect(await view('drain:us')).toMatchObject({ name: 'drain:us', action: 'drain', endpoints: 2 });
    expect((await world.send('DELETE', '/v1/overrides/drain:us')).status).toBe(200);
    expect(world.director.overrides().has('drain:us')).toBe(false);
  });

  it('is recorded with who and what was there before', async () => {
    await world.put('m', DOWN);
    await world.put('m', { ...DOWN, reason: 'still' });
    await world.put('nothing', { ...DOWN, scope: { clusters: ['mars'] } });
    await world.send('DELETE', '/v1/overrides/m');
    expect(world.recorded).toMatchObject([
      {
        who: 'ops',
        action: 'override.set',
        target: 'm',
        before: null,
        after: { reason: 'kernel update' },
        outcome: 'done',
      },
      { action: 'override.set', before: { reason: 'kernel update' }, after: { reason: 'still' } },
      { action: 'override.set', target: 'nothing', outcome: 'override-nothing' },
      { action: 'override.clear', before: { reason: 'still' }, after: null, outcome: 'done' },
    ]);
  });

  it('has an ETag: who changes what another one changed is told so', async () => {
    const tag = String((await world.put('m', DOWN)).headers['etag']);
    const late = (match: Readonly<Record<string, string>>) =>
      world.admin.ask('/v1/overrides/m', {
        method: 'PUT',
        token: 'operate-token-for-these-tests',
        headers: match,
        body: JSON.stringify({ ...DOWN, reason: 'again' }),
      });
    expect((await late({ 'if-none-match': '*' })).status).toBe(412);
    expect((await late({ 'if-match': tag })).status).toBe(200);
    expect((await late({ 'if-match': tag })).status).toBe(412);
  });
});

describe('an override that fits too little', () => {
  it('is idle while nothing that there is fits it, and in force when something does', async () => {
    await world.put('m', DOWN);
    await world.put('later', { ...DOWN, from: new Date(START + 86_400_000).toISOString() });
    world.director.onPicture(picture('eu'));
    await world.clock.advance(100);
    expect(await view('m')).toMatchObject({ state: 'idle', endpoints: 0 });
    expect(await view('later')).toMatchObject({ state: 'planned', endpoints: 0 });
    const edge = gateway('edge', {
      annotations: { probe: 'tcp://:80', steering: 'weighted' },
      addresses: ['192.0.2.1'],
    });
    world.director.onPicture(picture('eu', edge, route('shop', [SHOP])));
    await world.clock.advance(100);
    expect(await view('m')).toMatchObject({ state: 'in-force', endpoints: 1 });
  });

  it('is taken, and notes say which patterns fit nothing and what was probably meant', async () => {
    const scope = { clusters: ['EU', 'jpp'], except: { hostnames: ['pya.*', 'shop.*'] } };
    const notes = [
      'Nothing that there is now fits "jpp" (`clusters`): did you mean "jp"?',
      'Nothing that there is now fits "pya.*" (`except.hostnames`): did you mean "pay.*"?',
    ];
    expect((await world.put('m', { ...DOWN, scope })).json()).toMatchObject({ endpoints: 1, notes });
    expect(await view('m')).toMatchObject({ scope, notes });
    expect(world.shares('pay.gslb.example')).toEqual({ jp: 50, us: 50 });
    await world.put('m', DOWN);
    expect(await view('m')).not.toHaveProperty('notes');
  });
});

describe('an override that is refused', () => {
  it.each<[string, object]>([
    ['request-invalid', { ...DOWN, reason: ' ' }],
    ['request-invalid', { ...DOWN, reason: undefined }],
    ['request-invalid', { ...DOWN, more: 1 }],
    ['request-invalid', { ...DOWN, action: 'sideways' }],
    ['request-invalid', { ...DOWN, scope: { clusters: [] } }],
    ['request-invalid', { ...DOWN, scope: { clusters: ['a b'] } }],
    ['request-invalid', { ...DOWN, scope: { cluster: ['eu'] } }],
    ['request-invalid', { ...DOWN, action: 'drain', percent: 0 }],
    ['request-invalid', { ...DOWN, action: 'weight', weight: 65_536 }],
    ['request-invalid', { ...DOWN, from: 'tomorrow' }],
    ['override-invalid', { ...DOWN, scope: {} }],
    ['override-invalid', { ...DOWN, scope: { clusters: ['eu'], except: {} } }],
    ['override-invalid', { ...DOWN, action: 'weight' }],
    ['override-invalid', { ...DOWN, weight: 1 }],
    ['override-invalid', { ...DOWN, percent: 50 }],
    ['override-invalid', { ...DOWN, for: 'long' }],
    ['override-invalid', { ...DOWN, for: '1h', until: '2027-01-01T00:00:00Z' }],
    ['override-invalid', { ...DOWN, until: '2025-01-01T00:00:00Z' }],
    ['override-nothing', { ...DOWN, scope: { teams: ['*'] } }],
    ['drain-leaves-none', { ...DOWN, scope: { clusters: ['*'] } }],
  ])('%s: nothing changes', async (code, body) => {
    expect((await world.put('m', body)).json()).toMatchObject({ code });
    expect(world.director.overrides().size).toBe(0);
    expect(world.shares()).toEqual(EVEN);
  });

  it('because of its name, or because who asks may not', async () => {
    expect((await world.put('drain:eu', DOWN)).json()).toMatchObject({ code: 'override-invalid' });
    expect((await world.put('No%20Name', DOWN)).json()).toMatchObject({ code: 'override-invalid' });
    expect((await world.put('m', DOWN, READ)).status).toBe(403);
    expect((await world.send('DELETE', '/v1/overrides/m')).json()).toMatchObject({ code: 'override-unknown' });
    expect(world.director.overrides().size).toBe(0);
  });

  it('unless it is forced: then it says what it was forced past', async () => {
    const body = { ...DOWN, scope: { clusters: ['*'] }, force: true };
    expect((await world.put('m', body)).json()).toMatchObject({ forced: ['drain-leaves-none'] });
    expect(world.recorded.at(-1)).toMatchObject({ after: { force: true, forced: ['drain-leaves-none'] } });
  });
});

describe('overrides on disk', () => {
  it('hold after a restart, with what they were forced past', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'azimuth-overrides-'));
    const first = await startWorld({ store: createOverrideStore(roomIn(directory)) });
    const scope = { clusters: ['*'], except: { clusters: ['us'] } };
    await first.put('m', { scope, action: 'down', reason: 'x', for: '2h' });
    await first.put('w', { ...DOWN, scope: { clusters: ['us'] }, force: true });
    const before = first.director.overrides();
    await first.stop();
    await closeJournals();
    const second = await startWorld({ store: createOverrideStore(roomIn(directory)) });
    expect(second.director.overrides()).toEqual(before);
    expect(second.director.overrides().get('w')).toMatchObject({ forced: ['drain-leaves-none'] });
    expect(second.shares()).toEqual(EVEN);
    await second.stop();
    await closeJournals();
    await rm(directory, { recursive: true });
  });
});
