import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditLog, createAuditLog } from '../../../src/state/audit/audit-log.ts';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { createDisk, type Disk, OURS } from '../state/journal-fixture.ts';
import { type Admin, OPERATE, READ, startAdmin } from './admin-fixture.ts';
import { NOW } from './director-fixture.ts';

const PAGE = Type.Object({
  items: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  next: Type.Optional(Type.String()),
});

let directory = '';
let disk: Disk;
let audit: AuditLog;
let admin: Admin;
let refusals: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-admin-audit-'));
  disk = createDisk();
  audit = createAuditLog({ directory, lock: OURS, now: () => NOW, open: disk.open });
  refusals = [];
  admin = await startAdmin({ audit, onRefusal: (code) => void refusals.push(code) });
});
afterEach(async () => {
  await admin.server.close();
  await audit.close();
  await rm(directory, { recursive: true });
});

const send = (method: string, path: string, body?: object) =>
  admin.ask(path, { method, token: OPERATE, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

async function listed(query = '', token = READ) {
  const reply = await admin.ask(`/v1/audit${query}`, { token });
  expect(reply.status).toBe(200);
  return Value.Parse(PAGE, reply.json());
}

describe('the audit of the admin API', () => {
  it('has who did what, from where, before and after, newest first', async () => {
    expect((await send('POST', '/v1/clusters/us-east/drain', { reason: 'kernel update' })).status).toBe(200);
    expect((await send('DELETE', '/v1/clusters/us-east/drain')).status).toBe(200);
    const { items, next } = await listed();
    expect(next).toBeUndefined();
    const who = { who: 'ops', from: '127.0.0.1', at: new Date(NOW).toISOString(), target: 'us-east', outcome: 'done' };
    expect(items).toMatchObject([
      { ...who, action: 'cluster.undrain', before: { by: 'ops', reason: 'kernel update' }, after: null },
      { ...who, action: 'cluster.drain', before: null, after: { reason: 'kernel update', force: false } },
    ]);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 2 });
  });

  it.each<[string, string, string, object | undefined, string, string]>([
    ['cluster.drain', 'POST', '/v1/clusters/mars/drain', { reason: 'x' }, 'mars', 'cluster-unknown'],
    ['cluster.drain', 'POST', '/v1/clusters/eu-west/drain', { reason: 'x' }, 'eu-west', 'drain-leaves-none'],
    ['cluster.undrain', 'DELETE', '/v1/clusters/mars/drain', undefined, 'mars', 'cluster-unknown'],
    ['cluster.failback', 'POST', '/v1/clusters/eu-west/failback', {}, 'eu-west', 'done'],
    ['cluster.failback', 'POST', '/v1/clusters/mars/failback', {}, 'mars', 'cluster-unknown'],
    ['breaker.close', 'POST', '/v1/breaker/close', {}, 'breaker', 'done'],
    [
      'rollout.start',
      'POST',
      '/v1/rollouts',
      { name: 'r', from: ['mars'], to: ['us-east'], kind: 'blue-green' },
      'r',
      'done',
    ],
    ['rollout.switch', 'POST', '/v1/rollouts/none/switch', {}, 'none', 'rollout-unknown'],
  ])('%s by %s %s, done or refused, is in it', async (action, method, path, body, target, outcome) => {
    const reply = await send(method, path, body);
    const { items } = await listed();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ action, target, who: 'ops', outcome });
    // The director of the fixture takes a rollout, and has none.
    if (action !== 'rollout.start') expect(reply.status === 200).toBe(outcome === 'done');
  });

  it('is on disk before it is acknowledged, and holds no token', async () => {
    await send('POST', '/v1/clusters/us-east/drain', { reason: 'x' });
    const text = await readFile(join(directory, 'audit', '00000001.jsonl'), 'utf8');
    expect(text).toContain('cluster.drain');
    expect(text).not.toContain(OPERATE);
  });

  it('that cannot be written: what was done is done, which is said, and a refusal stays one', async () => {
    disk.fails = 'write';
    const done = await send('POST', '/v1/clusters/us-east/drain', { reason: 'x' });
    expect(done).toMatchObject({ status: 503 });
    expect(done.json()).toMatchObject({ code: 'not-recorded', detail: expect.stringContaining('took effect') });
    expect(admin.director.overrides().size).toBe(1);
    // An alert goes by it.
    expect(refusals).toEqual(['not-recorded']);
    expect((await send('POST', '/v1/clusters/mars/drain', { reason: 'x' })).json()).toMatchObject({
      code: 'cluster-unknown',
    });
    expect(admin.logged.filter(({ message }) => message === 'the audit cannot be written')).toHaveLength(2);
    disk.fails = 'never';
    expect((await send('DELETE', '/v1/clusters/us-east/drain')).status).toBe(200);
    expect((await listed()).items).toHaveLength(1);
  });

  it('is read in pages', async () => {
    for (const reason of ['1', '2', '3', '4', '5']) await send('POST', '/v1/clusters/us-east/drain', { reason });
    const first = await listed('?limit=2');
    const second = await listed(`?limit=2&cursor=${first.next}`);
    const third = await listed(`?limit=2&cursor=${second.next}`);
    const reasons = [first, second, third].map(({ items }) =>
      items.map(({ after }) => Value.Parse(Type.Object({ reason: Type.String() }), after).reason),
    );
    expect(reasons).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect(third.next).toBeUndefined();
  });

  it.each(['?limit=0', '?limit=1001', '?cursor=-1', '?cursor=x', '?other=1'])('refuses %s', async (query) => {
    expect((await admin.ask(`/v1/audit${query}`, { token: READ })).status).toBe(400);
  });

  it('is not for those without a token', async () => {
    expect((await admin.ask('/v1/audit')).status).toBe(401);
  });
});
