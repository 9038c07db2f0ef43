import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageOf } from '../../../src/admin/page.ts';
import { CLUSTER_VIEW } from '../../../src/admin/views/cluster-view.ts';
import { HOSTNAME_SUMMARY, HOSTNAME_VIEW } from '../../../src/admin/views/hostname-view.ts';
import type { ReadinessItem } from '../../../src/core/ports.ts';
import { type Admin, OPERATE, READ, startAdmin } from './admin-fixture.ts';

let admin: Admin;
let readiness: ReadinessItem[] = [];

beforeAll(async () => {
  admin = await startAdmin({ readiness: () => readiness });
});
afterAll(() => admin.server.close());

const get = async (path: string) => {
  const reply = await admin.ask(path, { token: READ });
  expect(reply.status, reply.text).toBe(200);
  expect(reply.headers['cache-control']).toBe('no-store');
  return reply.json();
};

const drain = (cluster: string, body: object) =>
  admin.ask(`/v1/clusters/${cluster}/drain`, { method: 'POST', token: OPERATE, body: JSON.stringify(body) });

describe('open routes', () => {
  it('/healthz is well while the process lives', async () => {
    const reply = await admin.ask('/healthz');
    expect([reply.status, reply.json()]).toEqual([200, { state: 'alive' }]);
  });

  it('/readyz names who is not ready and why', async () => {
    readiness = [{ name: 'dns', state: 'ready', reason: '' }];
    expect((await admin.ask('/readyz')).status).toBe(200);
    readiness.push({ name: 'prober', state: 'waiting', reason: 'first round: 3 of 7' });
    const reply = await admin.ask('/readyz');
    expect(reply.status).toBe(503);
    expect(reply.json()).toEqual({ state: 'waiting', items: readiness });
  });
});

describe('reading', () => {
  it('/v1 lists the routes', async () => {
    expect(await get('/v1')).toMatchObject({
      routes: expect.arrayContaining([
        { method: 'GET', path: '/v1/status' },
        { method: 'POST', path: '/v1/clusters/:name/drain' },
        { method: 'DELETE', path: '/v1/clusters/:name/drain' },
      ]),
    });
  });

  it('/v1/status tells of the process and of what it serves', async () => {
    expect(await get('/v1/status')).toMatchObject({
      version: '0.1.0',
      startedAt: '2026-11-22T11:59:55.000Z',
      engine: 'node',
      listen: { dns: [{ host: '127.0.0.1', port: 5353 }] },
      listeners: [
        {
          host: '127.0.0.1',
          port: 5353,
          engine: 'native',
          workers: { starting: 0, running: 1, restarting: 0, failed: 1 },
          restarts: 7,
          lastTrouble: { at: '2026-11-22T11:59:59.000Z', message: 'it ended' },
        },
      ],
      serial: 2026112200,
      zones: ['gslb.example'],
      hostnames: 3,
      findings: { error: 1, warning: 2, info: 0 },
      places: { source: 'a table made for tests', builtAt: '2026-11-21T12:00:00.000Z', places: 3 },
    });
  });

  it('/v1/hostnames lists them with their counts, page by page', async () => {
    const names: string[] = [];
    let cursor = '';
    do {
      const page = await get(`/v1/hostnames?limit=1${cursor}`);
      const { items, next, total } = Value.Parse(pageOf(HOSTNAME_SUMMARY), page);
      expect(total).toBe(3);
      names.push(...items.map(({ name }) => name));
      cursor = next === undefined ? '' : `&cursor=${encodeURIComponent(next)}`;
    } while (cursor !== '' && names.length < 10);
    expect(names).toEqual(['*.apps.gslb.example', 'api.gslb.example', 'shop.gslb.example']);
  });

  it('/v1/hostnames can be narrowed down to a cluster or a zone', async () => {
    expect(await get('/v1/hostnames?cluster=us-east')).toMatchObject({
      total: 2,
      items: [
        { name: 'api.gslb.example', clusters: ['eu-west', 'us-east'], endpoints: { unchecked: 2 } },
        { name: 'shop.gslb.example', endpoints: { up: 1, down: 1, unseen: 0, unchecked: 0, drained: 0 } },
      ],
    });
    expect(await get('/v1/hostnames?zone=GSLB.example.')).toMatchObject({ total: 3 });
    expect(await get('/v1/hostnames?zone=other.example')).toEqual({ items: [], total: 0 });
  });

  it('/v1/hostnames/:name tells policy, endpoints as measured and as in effect, and shares', async () => {
    const [eu, us] = [{ cluster: 'eu-west' }, { cluster: 'us-east' }];
    expect(await get('/v1/hostnames/SHOP.gslb.example.')).toMatchObject({
      name: 'shop.gslb.example',
      policy: { steering: 'nearest', ttl: 30, lastResort: { kind: 'all' } },
      endpoints: [
        {
          ...eu,
          measured: 'up',
          effective: 'up',
          drain: 'none',
          lastProbe: { certificateDaysLeft: 40, phases: { connectMs: 1.5, tlsMs: 4, firstByteMs: 6 } },
        },
        { ...us, measured: 'down', effective: 'down', lastProbe: { outcome: 'failure', failure: 'timeout' } },
      ],
      origins: [{ file: 'clusters/eu-west/shop.yaml', line: 7 }],
    });
    const { shares } = Value.Parse(HOSTNAME_VIEW, await get('/v1/hostnames/api.gslb.example'));
    const shareOf = new Map(shares.map(({ cluster, share }) => [cluster, share]));
    expect(shareOf.get('eu-west')).toBeCloseTo(0.8, 2);
    expect(shareOf.get('us-east')).toBeCloseTo(0.2, 2);
  });

  it('/v1/hostnames/:name takes a wildcard, percent-encoded or not', async () => {
    expect(await get('/v1/hostnames/*.apps.gslb.example')).toMatchObject({ name: '*.apps.gslb.example' });
    expect(await get('/v1/hostnames/%2A.apps.gslb.example')).toMatchObject({ name: '*.apps.gslb.example' });
  });

  it('/v1/clusters tells location, gateways, counts, drain, share and the age of our view', async () => {
    expect(await get('/v1/clusters')).toMatchObject({
      items: [
        {
          name: 'eu-west',
          location: { country: 'DE' },
          gateways: [{ name: 'infra/public', addresses: ['203.0.113.1'], endpoints: { up: 1, unchecked: 2 } }],
          endpoints: { up: 1, down: 0, unseen: 0, unchecked: 2, drained: 0 },
          drain: null,
          view: { origin: 'source', asOf: '2026-11-22T11:59:48.000Z', ageSeconds: 12 },
        },
        {
          name: 'us-east',
          endpoints: { up: 0, down: 1, unchecked: 1 },
          view: { origin: 'store', asOf: '2026-11-21T12:00:00.000Z', ageSeconds: 86_400 },
        },
      ],
    });
    const { items } = Value.Parse(Type.Object({ items: Type.Array(CLUSTER_VIEW) }), await get('/v1/clusters'));
    expect(items.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
  });

  it('/v1/findings lists them, by severity and code, page by page', async () => {
    expect(await get('/v1/findings?severity=error')).toMatchObject({
      total: 1,
      items: [{ code: 'gateway-no-address', severity: 'error', file: 'clusters/eu-west/gw.yaml', line: 3 }],
    });
    expect(await get('/v1/findings?code=annotation-unknown&limit=1')).toMatchObject({ total: 2, next: '1' });
    expect(await get('/v1/findings?code=annotation-unknown&limit=1&cursor=1')).toMatchObject({
      items: [{ suggestion: 'tier' }],
    });
  });

  it('/v1/explain tells the candidates and the answer for one client', async () => {
    // The client is in Virginia, whose cluster is down: Frankfurt answers, for the whole /24.
    expect(await get('/v1/explain?name=SHOP.gslb.example&from=198.51.100.7')).toMatchObject({
      name: 'shop.gslb.example',
      type: 'A',
      outcome: 'answer',
      addresses: ['203.0.113.1'],
      scope: 24,
      place: { kind: 'known', country: 'US' },
      candidates: [
        { cluster: 'eu-west', chosen: 'answered', view: { origin: 'source', ageSeconds: 12 } },
        { cluster: 'us-east', chosen: 'dropped', state: 'down', view: { origin: 'store', ageSeconds: 86_400 } },
      ],
      agreement: 'same',
    });
    expect(await get('/v1/explain?name=nothing.gslb.example&type=aaaa')).toMatchObject({
      type: 'AAAA',
      outcome: 'nxdomain',
      place: { kind: 'unknown' },
    });
    expect(await get('/v1/explain?name=shop.gslb.example&type=TYPE28')).toMatchObject({ outcome: 'nodata' });
  });

  it('/v1/explain follows the dice where weights decide', async () => {
    const answers = await Promise.all(
      ['0', '4294967295'].map((dice) => get(`/v1/explain?name=api.gslb.example&dice=${dice}`)),
    );
    expect(answers).toMatchObject([{ addresses: ['203.0.113.1'] }, { addresses: ['203.0.113.2'] }]);
  });

  it('/metrics hands on the page with its type', async () => {
    const reply = await admin.ask('/metrics', { token: READ });
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(reply.text).toBe('azimuth_build_info 1\n');
  });

  it('HEAD tells what GET would, without the body', async () => {
    const reply = await admin.ask('/v1/status', { method: 'HEAD', token: READ });
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(Number(reply.headers['content-length'])).toBeGreaterThan(100);
  });
});

describe('an endpoint', () => {
  it('tells why its state is what it is, whether that is old, and how many of its clients it gets', async () => {
    const { director } = admin;
    const told = {
      eu: { reason: 'failover-delay', freshness: 'stale', admits: 64 },
      us: { state: 'held', reason: 'operator' },
    } as const;
    const health = new Map(Object.entries(told).map(([id, more]) => [id, { ...director.health().get(id)!, ...more }]));
    const other = await startAdmin({ director: { ...director, health: () => health } });
    try {
      const shop = (await other.ask('/v1/hostnames/shop.gslb.example', { token: READ })).json();
      expect(shop).toMatchObject({
        endpoints: [
          { measured: 'up', reason: 'failover-delay', freshness: 'stale', admits: 0.25 },
          { measured: 'held', effective: 'held', reason: 'operator', freshness: 'fresh', admits: 1 },
        ],
      });
      const clusters = (await other.ask('/v1/clusters', { token: READ })).json();
      expect(clusters).toMatchObject({ items: [{}, { endpoints: { held: 1, degraded: 0, down: 0 } }] });
    } finally {
      await other.server.close();
    }
  });
});

describe('failing back', () => {
  const failback = (cluster: string, body: object, token = OPERATE) =>
    admin.ask(`/v1/clusters/${cluster}/failback`, { method: 'POST', token, body: JSON.stringify(body) });

  it('names the monitors that were held, and who did it', async () => {
    const reply = await failback('us-east', {});
    expect([reply.status, reply.json()]).toEqual([200, { released: ['us'] }]);
    expect((await failback('us-east', { monitor: 'us' })).json()).toEqual({ released: ['us'] });
    const fields = expect.objectContaining({ cluster: 'us-east', monitor: 'us', by: 'ops' });
    expect(admin.logged).toContainEqual({
      event: 'cluster-failback',
      level: 'info',
      fields,
      message: 'cluster failback',
    });
  });

  it.each([
    ['mars', {}, 404, 'cluster-unknown'],
    ['us-east', { monitor: 'none' }, 404, 'monitor-unknown'],
    ['us-east', { monitor: 'x'.repeat(4097) }, 400, 'request-invalid'],
    ['us-east', { cluster: 'us-east' }, 400, 'request-invalid'],
  ])('%s %j is %d %s', async (cluster, body, status, code) => {
    const reply = await failback(cluster, body);
    expect([reply.status, reply.json()]).toMatchObject([status, { code }]);
  });

  it('is for operators', async () => {
    expect((await failback('us-east', {}, READ)).status).toBe(403);
  });
});

describe('draining', () => {
  it('names who did it, shows at once, and is undone by DELETE', async () => {
    const reply = await drain('us-east', { reason: 'kernel update' });
    expect(reply.status, reply.text).toBe(200);
    const order = { at: '2026-11-22T12:00:00.000Z', by: 'ops', reason: 'kernel update' };
    expect(reply.json()).toMatchObject({ name: 'us-east', drain: order, endpoints: { down: 1, drained: 2 } });
    expect(await get('/v1/hostnames/shop.gslb.example')).toMatchObject({
      endpoints: [{}, { measured: 'down', effective: 'drained', drain: 'override' }],
    });
    expect(await get('/v1/status')).toMatchObject({ drains: 1 });
    expect(admin.logged).toContainEqual(expect.objectContaining({ level: 'info', message: 'cluster drain' }));

    const undone = await admin.ask('/v1/clusters/us-east/drain', { method: 'DELETE', token: OPERATE });
    expect(undone.json()).toMatchObject({ name: 'us-east', drain: null, endpoints: { drained: 0 } });
  });

  it('can be planned, and begins at once where its time is past', async () => {
    const planned = await drain('us-east', { reason: 'move', from: '2026-11-22T13:00:00+01:00' });
    const atOnce = { at: '2026-11-22T12:00:00.000Z', by: 'ops', reason: 'move' };
    expect(planned.json()).toMatchObject({ drain: atOnce, endpoints: { drained: 2 } });
    const later = await drain('us-east', { reason: 'move', from: '2026-11-22T14:00:00+01:00' });
    const order = { at: '2026-11-22T12:00:00.000Z', from: '2026-11-22T13:00:00.000Z', by: 'ops', reason: 'move' };
    expect(later.json()).toMatchObject({ drain: order, endpoints: { drained: 0 } });
    await admin.ask('/v1/clusters/us-east/drain', { method: 'DELETE', token: OPERATE });
  });

  it('that leaves nobody is a conflict, unless forced', async () => {
    const refused = await drain('eu-west', { reason: 'fire' });
    expect([refused.status, refused.json()]).toMatchObject([409, { code: 'drain-leaves-none' }]);
    expect((await drain('eu-west', { reason: 'fire', force: true })).status).toBe(200);
    expect(admin.orders.at(-1)?.mode).toBe('forced');
    await admin.ask('/v1/clusters/eu-west/drain', { method: 'DELETE', token: OPERATE });
  });

  it('of a cluster that is not there is 404, both ways', async () => {
    const replies = [
      await drain('mars', { reason: 'dust' }),
      await admin.ask('/v1/clusters/mars/drain', { method: 'DELETE', token: OPERATE }),
    ];
    for (const reply of replies) expect([reply.status, reply.json()]).toMatchObject([404, { code: 'cluster-unknown' }]);
  });

  it('that cannot be saved is 503', async () => {
    admin.refuse({ code: 'not-saved', message: 'disk full' });
    const reply = await drain('us-east', { reason: 'x' });
    admin.refuse(undefined);
    expect([reply.status, reply.json()]).toMatchObject([503, { code: 'not-saved', detail: 'disk full' }]);
  });

  it.each([
    {},
    { reason: '' },
    { reason: '   ' },
    { reason: 'x'.repeat(501) },
    { reason: 'two\nlines' },
    { reason: '\u001b[2Jgone' },
    { reason: 'right\u202eleft' },
    { reason: 5 },
    { reason: 'x', force: 'true' },
    { reason: 'x', forced: true },
    { reason: 'x', from: 'tomorrow' },
    { reason: 'x', from: 1_800_000_000_000 },
  ])('is refused with the body %j', async (body) => {
    const before = admin.orders.length;
    const reply = await drain('us-east', body);
    expect([reply.status, reply.json()]).toMatchObject([400, { code: 'request-invalid' }]);
    expect(admin.orders.length).toBe(before);
  });

  it('takes 500 characters of any script', async () => {
    expect((await drain('us-east', { reason: '配'.repeat(500) })).status).toBe(200);
    await admin.ask('/v1/clusters/us-east/drain', { method: 'DELETE', token: OPERATE });
  });
});
