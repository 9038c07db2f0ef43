import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUSHES_PER_SECOND } from '../../../src/admin/limits.ts';
import { createTokenVerifier, tokenEntry } from '../../../src/admin/tokens.ts';
import type { NamedMonitor } from '../../../src/core/desired/model.ts';
import { idOfName } from '../../../src/core/desired/named-monitors.ts';
import { EMPTY_PLACES } from '../../../src/core/snapshot/empty-places.ts';
import { explain } from '../../../src/core/snapshot/explain.ts';
import { RR_TYPE } from '../../../src/core/snapshot/rr-type.ts';
import { createDirector } from '../../../src/director.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { cluster, declare, gateway, picture, route } from '../core/desired/pictures.ts';
import { type Admin, OPERATE, READ, startAdmin } from './admin-fixture.ts';

const PUSH = 'push-token-for-these-tests';
const BOUND = 'bound-token-for-these-tests';
const START = Date.UTC(2026, 0, 1);

function external(name: string, whenExpired: 'unseen' | 'down' = 'unseen'): NamedMonitor {
  return { name, id: idOfName(name), source: { kind: 'external', expiresMs: 300_000, whenExpired } };
}

const NOT_BATCH: NamedMonitor = {
  name: 'no-batch',
  id: idOfName('no-batch'),
  source: {
    kind: 'calculated',
    monitor: { id: idOfName('no-batch'), kind: 'not', need: 1, members: [idOfName('batch')] },
  },
};
const EU_LOAD: NamedMonitor = {
  name: 'eu-load',
  id: idOfName('eu-load'),
  source: { kind: 'load', cluster: 'eu', from: { kind: 'external', expiresMs: 60_000 } },
};
const MONITORS = [EU_LOAD, external('batch'), external('strict', 'down'), external('flood'), NOT_BATCH];

const clock = createManualClock(START);
const director = createDirector({
  declaration: {
    ...declare({ clusters: ['eu', 'us'] }),
    clusters: [cluster('eu', 'DE', { capacity: '1000' }), cluster('us', 'US')],
    monitors: MONITORS,
  },
  clock,
  store: { save: async () => undefined },
  places: EMPTY_PLACES,
  watch: () => undefined,
});
let admin: Admin;

beforeAll(async () => {
  const tokens = createTokenVerifier([
    tokenEntry('grafana', 'read', READ),
    tokenEntry('ops', 'operate', OPERATE),
    tokenEntry('jobs', 'push', PUSH),
    { ...tokenEntry('strict-job', 'push', BOUND), monitors: ['strict'] },
  ]);
  admin = await startAdmin({ director, tokens, now: () => clock.now() });
  const clusters = { eu: ['batch', '192.0.2.1'], us: ['no-batch', '192.0.2.2'] } as const;
  for (const [cluster, [monitors, address]] of Object.entries(clusters)) {
    const edge = gateway('edge', { annotations: { probe: 'none', monitors }, addresses: [address] });
    director.onPicture(picture(cluster, edge, route('shop', ['shop.gslb.example'])));
  }
  director.flush();
});
afterAll(() => admin.server.close());

function push(name: string, body: unknown, token = PUSH) {
  return admin.ask(`/v1/monitors/${name}/result`, {
    method: 'POST',
    token,
    body: JSON.stringify(body),
  });
}

async function monitor(name: string): Promise<unknown> {
  return (await admin.ask(`/v1/monitors/${name}`, { token: READ })).json();
}

function states(): readonly string[] {
  const ask = { name: 'shop.gslb.example', type: RR_TYPE.A, place: 0, prefix: 0, dice: 0 };
  return explain(director.snapshot(), ask).candidates.map(({ cluster, state }) => `${cluster} ${state}`);
}

describe('a monitor with results from outside', () => {
  it('is unseen until the first push', async () => {
    expect(await monitor('batch')).toMatchObject({
      kind: 'external',
      state: 'unseen',
      since: null,
      pushed: { freshness: 'never', state: null, at: null },
    });
    expect(states()).toEqual(['eu unseen', 'us unseen']);
  });

  it('is as it is pushed, and so is what is made of it; the same again lasts longer; silence makes it unseen', async () => {
    const first = await push('batch', { state: 'down', reason: 'queue is stuck' });
    expect(first.status).toBe(200);
    expect(first.json()).toMatchObject({
      state: 'down',
      pushed: {
        freshness: 'fresh',
        state: 'down',
        reason: 'queue is stuck',
        by: 'jobs',
        at: '2026-01-01T00:00:00.000Z',
        expiresAt: '2026-01-01T00:05:00.000Z',
      },
    });
    await clock.advance(20);
    expect(states()).toEqual(['eu down', 'us up']);
    expect(await monitor('no-batch')).toMatchObject({
      kind: 'not',
      state: 'up',
      members: [{ name: 'batch', state: 'down' }],
      decidedBy: 'batch',
    });

    await clock.advance(200_000);
    const version = director.snapshot().version;
    await push('batch', { state: 'down', reason: 'queue is stuck' });
    await clock.advance(200_000);
    // Nothing is new, so nothing is compiled.
    expect(director.snapshot().version).toBe(version);
    expect(await monitor('batch')).toMatchObject({ state: 'down', since: '2026-01-01T00:00:00.000Z' });

    await clock.advance(100_020);
    expect(states()).toEqual(['eu unseen', 'us unseen']);
    expect(await monitor('batch')).toMatchObject({
      state: 'unseen',
      pushed: { freshness: 'expired', state: 'down', reason: 'queue is stuck' },
    });

    await push('batch', { state: 'up', expires: '10s' });
    await clock.advance(9_980);
    expect(states()).toEqual(['eu up', 'us down']);
    await clock.advance(40);
    expect(states()).toEqual(['eu unseen', 'us unseen']);
  });

  it('expires by the time that goes by, whatever the wall clock is set to', async () => {
    await push('batch', { state: 'up', expires: '10s' });
    await clock.advance(20);
    clock.setWall(clock.now() - 7_200_000);
    await clock.advance(5_000);
    expect(states()).toEqual(['eu up', 'us down']);
    await clock.advance(5_040);
    expect(states()).toEqual(['eu unseen', 'us unseen']);
  });

  it('is down after silence only where the configuration says so, and never before the first push', async () => {
    await clock.advance(400_000);
    expect(await monitor('strict')).toMatchObject({ state: 'unseen' });
    await push('strict', { state: 'degraded', reason: 'slow' }, BOUND);
    expect(await monitor('strict')).toMatchObject({ state: 'degraded' });
    await clock.advance(300_020);
    expect(await monitor('strict')).toMatchObject({ state: 'down', pushed: { freshness: 'expired' } });
  });

  it('stands in the list', async () => {
    const list = (await admin.ask('/v1/monitors', { token: READ })).json();
    expect(list).toMatchObject({
      items: [{ name: 'eu-load' }, { name: 'batch' }, { name: 'strict' }, { name: 'flood' }, { name: 'no-batch' }],
    });
  });
});

describe('what is refused', () => {
  it.each([
    ['no such monitor', 'gone', { state: 'up' }, PUSH, 404, 'monitor-unknown'],
    ['one that looks for itself', 'no-batch', { state: 'up' }, PUSH, 409, 'monitor-not-external'],
    ['longer than the configuration lets it', 'batch', { state: 'up', expires: '6m' }, PUSH, 409, 'expires-too-late'],
    ['no duration', 'batch', { state: 'up', expires: 'soon' }, PUSH, 400, 'request-invalid'],
    ['no time at all', 'batch', { state: 'up', expires: '0s' }, PUSH, 400, 'request-invalid'],
    ['a state that is none', 'batch', { state: 'unseen' }, PUSH, 400, 'request-invalid'],
    ['no state', 'batch', {}, PUSH, 400, 'request-invalid'],
    ['another key', 'batch', { state: 'up', force: true }, PUSH, 400, 'request-invalid'],
    ['a reason in two lines', 'batch', { state: 'up', reason: 'a\nb' }, PUSH, 400, 'request-invalid'],
    ['a long reason', 'batch', { state: 'up', reason: 'x'.repeat(501) }, PUSH, 400, 'request-invalid'],
    ['a token that may read', 'batch', { state: 'up' }, READ, 403, 'scope-lacking'],
    ['a token for another monitor', 'batch', { state: 'up' }, BOUND, 403, 'scope-lacking'],
    ['a token that is none', 'batch', { state: 'up' }, 'wrong-token-for-these-tests', 401, 'token-wrong'],
  ])('%s', async (_, name, body, token, status, code) => {
    const before = director.pushed().get(idOfName('batch'));
    const reply = await push(name, body, token);
    expect(reply.json()).toMatchObject({ status, code });
    expect(director.pushed().get(idOfName('batch'))).toBe(before);
  });

  it('a token that may push, for everything else', async () => {
    for (const path of ['/v1/monitors', '/v1/status', '/metrics', '/v1/clusters']) {
      expect((await admin.ask(path, { token: PUSH })).json()).toMatchObject({ code: 'scope-lacking' });
    }
    const drain = { method: 'POST', token: PUSH, body: '{"reason":"x"}' };
    expect((await admin.ask('/v1/clusters/eu/drain', drain)).json()).toMatchObject({ code: 'scope-lacking' });
  });

  it('more results of one monitor than it takes, while others go on', async () => {
    const turns = Array.from({ length: 3 * PUSHES_PER_SECOND }, () => push('flood', { state: 'up' }));
    const replies = await Promise.all(turns);
    const taken = replies.filter(({ status }) => status === 200);
    expect(taken.length).toBeGreaterThanOrEqual(PUSHES_PER_SECOND);
    const refused = replies.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.json()).toMatchObject({ status: 429, code: 'rate-limited' });
    expect(refused[0]?.headers).toHaveProperty('retry-after');
    expect((await push('strict', { state: 'up' }, OPERATE)).status).toBe(200);
  });
});

describe('the load of a cluster', () => {
  it('is not known until the first push, and sheds nobody', async () => {
    expect(await monitor('eu-load')).toMatchObject({
      kind: 'load',
      state: 'unseen',
      load: { cluster: 'eu', freshness: 'never', rate: null, capacity: 1000, admits: 1, at: null },
    });
  });

  it('above the capacity it sheds what is over; explain and the hostname say why', async () => {
    const taken = await push('eu-load', { load: 1250 });
    expect(taken.status).toBe(200);
    expect(taken.json()).toMatchObject({
      state: 'up',
      load: { freshness: 'known', rate: 1250, admits: 204 / 256, by: 'jobs' },
    });
    director.flush();
    const ask = { name: 'shop.gslb.example', type: RR_TYPE.A, place: 0, prefix: 0, dice: 0 };
    expect(explain(director.snapshot(), ask).candidates.map(({ sheds }) => sheds)).toEqual([
      'sheds 20 %: load 1250 of capacity 1000',
      undefined,
    ]);
    const shown = await admin.ask('/v1/hostnames/shop.gslb.example', { token: READ });
    expect(shown.json()).toMatchObject({
      endpoints: [{ admits: 204 / 256, sheds: 'sheds 20 %: load 1250 of capacity 1000' }, { admits: 1 }],
    });
  });

  it('that is not told any more lets the share go back to all', async () => {
    await clock.advance(60_000);
    expect(await monitor('eu-load')).toMatchObject({ state: 'unseen', load: { freshness: 'lost', rate: 1250 } });
    await clock.advance(40_000);
    expect(await monitor('eu-load')).toMatchObject({ load: { freshness: 'lost', admits: 1 } });
  });

  it.each([
    [{ load: 5, state: 'up' }, 400, 'request-invalid'],
    [{ reason: 'nothing' }, 400, 'request-invalid'],
    [{ load: -1 }, 400, 'request-invalid'],
    [{ load: 1e16 }, 400, 'request-invalid'],
    [{ load: 'much' }, 400, 'request-invalid'],
    [{ state: 'up' }, 409, 'result-unfit'],
    [{ load: 5, expires: '2m' }, 409, 'expires-too-late'],
  ])('refuses %j', async (body, status, code) => {
    const refused = await push('eu-load', body);
    expect([refused.status, refused.json()]).toMatchObject([status, { type: expect.stringContaining(code) }]);
  });

  it('is nothing for a monitor that is up or down', async () => {
    expect((await push('batch', { load: 5 })).status).toBe(409);
  });
});
