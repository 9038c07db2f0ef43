import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_REFUSAL_ENTRIES, REFUSAL_ENTRIES_MS } from '../../../src/admin/limits.ts';
import type { AuditRecord } from '../../../src/core/ports.ts';
import { type AuditLog, createAuditLog } from '../../../src/state/audit/audit-log.ts';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { createDisk, type Disk, OURS } from '../state/journal-fixture.ts';
import { type Admin, type Ask, askRaw, OPERATE, PUSH, READ, type Reply, startAdmin } from './admin-fixture.ts';
import { NOW } from './director-fixture.ts';

const DRAIN = '/v1/clusters/us-east/drain';
const RESULT = '/v1/monitors/load/result';
const WRONG = 'nobody-knows-this-token-here';
const BODY = '{"reason":"a-word-of-the-body"}';

let directory = '';
let disk: Disk;
let audit: AuditLog;
let admin: Admin;
let clock: ManualClock;
let refusals: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-refusals-'));
  disk = createDisk();
  clock = createManualClock(NOW);
  refusals = [];
  audit = createAuditLog({ directory, lock: OURS, now: () => clock.now(), open: disk.open });
  const onRefusal = (code: string): void => void refusals.push(code);
  admin = await startAdmin({ audit, onRefusal, now: () => clock.now(), after: (ms, task) => clock.after(ms, task) });
});
afterEach(async () => {
  disk.fails = 'never';
  await admin.server.close();
  await audit.close();
  await rm(directory, { recursive: true });
});

const post = (path: string, ask: Ask = {}) => admin.ask(path, { method: 'POST', body: BODY, ...ask });

/** Entries as they are in the files, the oldest first: answers do not wait for them. */
async function recorded(): Promise<readonly AuditRecord[]> {
  return (await audit.list({ limit: 1_000 })).items.toReversed();
}

/** The same, when there are so many. */
async function recordedOf(count: number): Promise<readonly AuditRecord[]> {
  await eventually(async () => expect(await recorded()).toHaveLength(count));
  return recorded();
}

const codeOf = (reply: Reply): unknown => new Map(Object.entries(Object(reply.json()))).get('code');

describe('a request to change something that is refused before its route', () => {
  it.each<[string, string, Ask, string, { who: string; action: string; target?: string }]>([
    ['no token', DRAIN, {}, 'token-missing', { who: '', action: 'cluster.drain' }],
    ['a wrong token', DRAIN, { token: WRONG }, 'token-wrong', { who: '', action: 'cluster.drain' }],
    ['a scope that lacks', DRAIN, { token: READ }, 'scope-lacking', { who: 'grafana', action: 'cluster.drain' }],
    ['another scope', DRAIN, { token: PUSH }, 'scope-lacking', { who: 'batch', action: 'cluster.drain' }],
    ['no JSON', DRAIN, { token: OPERATE, body: '{' }, 'body-malformed', { who: 'ops', action: 'cluster.drain' }],
    [
      'a body that is too large',
      DRAIN,
      { token: OPERATE, body: `{"reason":"${'x'.repeat(17_000)}"}` },
      'body-too-large',
      { who: 'ops', action: 'cluster.drain' },
    ],
    [
      'another type of body',
      DRAIN,
      { token: OPERATE, headers: { 'content-type': 'text/plain' } },
      'media-type-unsupported',
      { who: 'ops', action: 'cluster.drain' },
    ],
    ['a wrong body', DRAIN, { token: OPERATE, body: '{}' }, 'request-invalid', { who: 'ops', action: 'cluster.drain' }],
    [
      'what the route itself cannot read',
      DRAIN,
      { token: OPERATE, body: '{"reason":"x","from":"soon"}' },
      'request-invalid',
      { who: 'ops', action: 'cluster.drain' },
    ],
    [
      'a stale ETag',
      DRAIN,
      { token: OPERATE, headers: { 'if-match': '"old"' } },
      'precondition-failed',
      { who: 'ops', action: 'cluster.drain' },
    ],
    [
      'a Host of somebody else',
      DRAIN,
      { token: OPERATE, headers: { host: 'evil.example' } },
      'host-refused',
      { who: '', action: 'cluster.drain' },
    ],
    ['undrain', DRAIN, { method: 'DELETE', body: '' }, 'token-missing', { who: '', action: 'cluster.undrain' }],
    ['failback', '/v1/clusters/us-east/failback', {}, 'token-missing', { who: '', action: 'cluster.failback' }],
    ['the breaker', '/v1/breaker/close', {}, 'token-missing', { who: '', action: 'breaker.close' }],
    ['a rollout', '/v1/rollouts', {}, 'token-missing', { who: '', action: 'rollout.start' }],
    ['its order', '/v1/rollouts/r/switch-back', {}, 'token-missing', { who: '', action: 'rollout.switch-back' }],
    ['a drill', '/v1/drills', {}, 'token-missing', { who: '', action: 'drill.start' }],
    ['its stop', '/v1/drills/d/stop', {}, 'token-missing', { who: '', action: 'drill.stop' }],
    ['its end', '/v1/drills/d', { method: 'DELETE', body: '' }, 'token-missing', { who: '', action: 'drill.forget' }],
    ['an override', '/v1/overrides/o', { method: 'PUT' }, 'token-missing', { who: '', action: 'override.set' }],
    [
      'its end',
      '/v1/overrides/o',
      { method: 'DELETE', body: '' },
      'token-missing',
      { who: '', action: 'override.clear' },
    ],
    [
      'a result of a monitor',
      RESULT,
      { token: WRONG },
      'token-wrong',
      { who: '', action: 'POST /v1/monitors/:name/result' },
    ],
    [
      'a result that the director refuses',
      RESULT,
      { token: PUSH, body: '{"state":"up"}' },
      'monitor-unknown',
      { who: 'batch', action: 'POST /v1/monitors/:name/result' },
    ],
  ])('(%s) is one entry of the audit, and is counted', async (_what, path, ask, code, expected) => {
    const reply = await post(path, ask);
    expect(codeOf(reply)).toBe(code);
    const [entry] = await recordedOf(1);
    const rest = { seq: 2, at: NOW, from: '127.0.0.1', target: path, before: null, after: null, outcome: code };
    expect(entry).toEqual({ ...rest, ...expected });
    expect(refusals).toEqual([code]);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 1 });
  });

  it('has nothing secret in its entry, nor what a terminal would act upon', async () => {
    await post(`${DRAIN}?access_token=${OPERATE}`, { token: WRONG });
    await recordedOf(1);
    const text = await readFile(join(directory, 'audit', '00000001.jsonl'), 'utf8');
    for (const secret of [WRONG, OPERATE, 'a-word-of-the-body']) expect(text).not.toContain(secret);
    await post(`/v1/drills/%1b31m${'x'.repeat(900)}/stop`, { token: WRONG });
    const target = (await recordedOf(2))[1]?.target;
    expect(target).toMatch(/^\/v1\/drills\/%1b31mx+$/);
    expect(target).toHaveLength(300);
    // Octets that are not printable ASCII make no path: nothing has to be taken out of it.
    for (const octet of ['\u009b', '\u001b', '\u007f', 'é']) {
      const asked = `DELETE /v1/overrides/${octet} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      expect(await askRaw(admin.port, asked)).toContain('request-malformed');
    }
  });

  it('is no entry where it would change nothing, or is no route', async () => {
    await admin.ask(DRAIN);
    await admin.ask(DRAIN, { method: 'HEAD' });
    await post('/v1/plan', { token: WRONG });
    await post('/v1/drills/rehearse', { token: OPERATE, body: '{' });
    await post('/v1/nothing', { token: WRONG });
    await admin.ask('/v1/status', { method: 'DELETE', token: WRONG });
    await post(DRAIN, { token: OPERATE });
    expect(await recordedOf(1)).toMatchObject([{ outcome: 'done' }]);
    expect(refusals).toEqual([]);
  });

  it('is one entry where its route has written it, and is counted once', async () => {
    expect(codeOf(await post('/v1/clusters/mars/drain', { token: OPERATE }))).toBe('cluster-unknown');
    await post(DRAIN, { token: WRONG });
    const all = await recordedOf(2);
    expect(all.map(({ target, outcome }) => [target, outcome])).toEqual([
      ['mars', 'cluster-unknown'],
      [DRAIN, 'token-wrong'],
    ]);
    expect(refusals).toEqual(['cluster-unknown', 'token-wrong']);
  });

  it('is not written again when its answer is repeated, and another request with its key is', async () => {
    const once = { token: OPERATE, headers: { 'idempotency-key': 'k1', 'if-match': '"old"' } };
    expect((await post(DRAIN, once)).status).toBe(412);
    const again = await post(DRAIN, once);
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([412, 'true']);
    expect(codeOf(await post(DRAIN, { ...once, body: '{"reason":"other"}' }))).toBe('idempotency-key-reused');
    expect((await recordedOf(2)).map(({ outcome }) => outcome)).toEqual([
      'precondition-failed',
      'idempotency-key-reused',
    ]);
  });
});

describe('strangers', () => {
  it('have so many entries in a minute from all addresses; the rest is one entry, and operators have their own', async () => {
    const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
    for (const from of addresses) for (let time = 0; time < 6; time++) await post(DRAIN, { token: WRONG, from });
    for (let time = 0; time < 3; time++) await post(DRAIN, { token: READ });
    await clock.advance(REFUSAL_ENTRIES_MS);
    const all = await recordedOf(MAX_REFUSAL_ENTRIES + 4);
    const strangers = all.filter(({ outcome }) => outcome === 'token-wrong');
    expect(strangers).toHaveLength(MAX_REFUSAL_ENTRIES);
    expect(all.filter(({ who }) => who === 'grafana')).toHaveLength(3);
    const left = 18 - MAX_REFUSAL_ENTRIES;
    expect(all.at(-1)).toMatchObject({
      at: NOW + REFUSAL_ENTRIES_MS,
      who: '',
      from: '',
      target: `${left} requests`,
      outcome: 'left-out',
      after: {
        since: new Date(NOW).toISOString(),
        count: left,
        codes: { 'token-wrong': left },
        who: { '': left },
        firstFrom: ['127.0.0.3', '127.0.0.4'],
      },
    });
    expect(refusals).toHaveLength(21);
    // A new minute.
    await post(DRAIN, { token: WRONG, from: '127.0.0.5' });
    await eventually(async () => expect((await recorded()).at(-1)).toMatchObject({ from: '127.0.0.5' }));
  });

  it('who come too often are told in sums alone', async () => {
    // Questions of readers are no changes, and count against an address all the same.
    for (let time = 0; time < 10; time++) await admin.ask('/v1/status', { token: WRONG });
    for (let time = 0; time < 3; time++) expect((await post(DRAIN, { token: WRONG })).status).toBe(429);
    await post(DRAIN, { token: WRONG, from: '127.0.0.2' });
    await clock.advance(REFUSAL_ENTRIES_MS);
    expect(await recordedOf(2)).toMatchObject([
      { from: '127.0.0.2', outcome: 'token-wrong' },
      { action: 'request.refused', target: '3 requests', after: { codes: { 'rate-limited': 3 } } },
    ]);
  });

  it('are answered while the disk does not, and what they were refused is said in the log', async () => {
    await post(DRAIN, { token: OPERATE });
    disk.fails = 'sync';
    expect(codeOf(await post(DRAIN, { token: WRONG }))).toBe('token-wrong');
    await eventually(async () => expect(admin.logged.map(({ event }) => event)).toContain('audit-unwritable'));
    disk.fails = 'never';
    await post(DRAIN, { token: OPERATE });
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole' });
  });
});

it('a caller who is known has so many entries a minute as well: a program that goes wrong does so again and again', async () => {
  for (let time = 0; time < MAX_REFUSAL_ENTRIES + 5; time++) await post(RESULT, { token: PUSH, body: '{' });
  await admin.server.close();
  const all = await recordedOf(MAX_REFUSAL_ENTRIES + 1);
  // What was left out is summed up when the server ends, too.
  expect(all.at(-1)).toMatchObject({
    action: 'request.refused',
    after: { who: { batch: 5 }, codes: { 'body-malformed': 5 } },
  });
  expect(clock.pending()).toBe(0);
});
