import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../src/core/ports.ts';
import {
  ALIKE,
  API,
  createDrillsWorld,
  type DrillsWorld,
  PROBE_MS,
  SHOP,
  START,
  WITHOUT_EU,
} from '../core/drill/world.ts';
import { type Admin, OPERATE, PUSH, READ, type Reply, startAdmin } from './admin-fixture.ts';

const DRAIN = { name: 'd', action: 'drain', scope: { clusters: ['eu'] }, for: '10m', reason: 'proof' };

let world: DrillsWorld;
let admin: Admin;
let audit: AuditEntry[];

beforeEach(async () => {
  world = await createDrillsWorld();
  audit = [];
  admin = await startAdmin({
    director: world.director(),
    now: () => world.clock.now(),
    audit: { record: async (entry) => void audit.push(entry), list: async () => ({ items: [], next: undefined }) },
  });
});
afterEach(async () => {
  await admin.server.close();
  world.close();
});

function post(path: string, body: unknown = {}, token = OPERATE): Promise<Reply> {
  return admin.ask(`/v1/drills${path}`, { method: 'POST', token, body: JSON.stringify(body) });
}

function codeOf(reply: Reply): unknown {
  return { status: reply.status, code: new Map(Object.entries(Object(reply.json()))).get('code') };
}

describe('/v1/drills', () => {
  it('starts, shows, stops and forgets a drill, and every deed is audited', async () => {
    const started = await post('', { ...DRAIN, ramp: { steps: [50, 100], every: '1m' }, abort: { below: 0.25 } });
    expect(started.json()).toMatchObject({
      name: 'd',
      action: 'drain',
      state: 'running',
      percent: 50,
      by: 'ops',
      startAt: null,
      endsAt: new Date(START + 600_100).toISOString(),
      lengthSeconds: 600,
      ramp: { steps: [50, 100], everySeconds: 60 },
      step: 1,
      abort: { noEndpoint: true, capacity: true, below: 0.25, monitors: [] },
      plan: { verdict: 'fine', changed: 2 },
      timeline: [{ kind: 'planned' }, { kind: 'begun', detail: '50 %' }],
    });
    const shown = await admin.ask('/v1/drills/d', { token: READ });
    expect(shown.json()).toEqual(started.json());
    expect((await admin.ask('/v1/drills', { token: READ })).json()).toMatchObject({ items: [{ name: 'd' }] });
    expect(codeOf(await admin.ask('/v1/drills/d', { method: 'DELETE', token: OPERATE }))).toEqual({
      status: 409,
      code: 'drill-under-way',
    });
    expect((await post('/d/stop')).json()).toMatchObject({ end: { kind: 'stopped', why: 'by ops' } });
    await world.clock.advance(1_100);
    expect((await post('/d/stop')).json()).toMatchObject({ state: 'over' });
    expect((await admin.ask('/v1/drills/d', { method: 'DELETE', token: OPERATE })).status).toBe(200);
    expect(codeOf(await admin.ask('/v1/drills/d', { token: READ }))).toEqual({ status: 404, code: 'drill-unknown' });
    expect(audit.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'drill.start done',
      'drill.forget drill-under-way',
      'drill.stop done',
      'drill.stop done',
      'drill.forget done',
    ]);
    expect(audit[0]).toMatchObject({ who: 'ops', target: 'd', before: null, after: { reason: 'proof', force: false } });
    expect(audit[2]).toMatchObject({ before: { state: 'running' }, after: { end: { kind: 'stopped' } } });
  });

  it('says what a drill would do and does nothing, also for readers', async () => {
    const told = await post('/rehearse', DRAIN, READ);
    expect(told.json()).toMatchObject({ plan: { verdict: 'fine', changed: 2, broken: [] }, broken: [] });
    const all = await post('/rehearse', { ...DRAIN, scope: { clusters: ['*'] } }, READ);
    const nobody = { rule: 'drain-leaves-none', message: `Drill d leaves no usable cluster for ${API}, ${SHOP}.` };
    expect(all.json()).toMatchObject({ broken: [nobody], plan: { broken: ['drain-leaves-none'] } });
    expect(codeOf(await post('/rehearse', { ...DRAIN, scope: { clusters: ['mars'] } }, READ))).toEqual({
      status: 409,
      code: 'drill-nothing',
    });
    expect(world.shares()).toEqual(ALIKE);
    expect(world.director().drills.list()).toEqual([]);
    expect(audit).toEqual([]);
  });

  it('lets operators start what breaks a rule by force, and keeps which', async () => {
    const all = { ...DRAIN, scope: { clusters: ['*'] } };
    expect(codeOf(await post('', all))).toEqual({ status: 409, code: 'drain-leaves-none' });
    const past = ['drain-leaves-none'];
    expect((await post('', { ...all, force: true })).json()).toMatchObject({ plan: { broken: past }, forced: past });
    expect(audit.map(({ outcome }) => outcome)).toEqual(['drain-leaves-none', 'done']);
    expect(audit.at(-1)).toMatchObject({ after: { force: true, forced: past } });
  });

  it('starts nothing for readers, for those who push and for strangers', async () => {
    for (const [token, status] of [
      [READ, 403],
      [PUSH, 403],
      ['nobody-knows-this-token-here', 401],
    ] as const) {
      expect((await post('', DRAIN, token)).status).toBe(status);
      expect((await post('/d/stop', {}, token)).status).toBe(status);
      expect((await admin.ask('/v1/drills/d', { method: 'DELETE', token })).status).toBe(status);
    }
    expect((await admin.ask('/v1/drills', { token: PUSH })).status).toBe(403);
    expect(world.shares()).toEqual(ALIKE);
  });

  it('heeds If-Match, and answers the same request with the same key once', async () => {
    const body = JSON.stringify(DRAIN);
    const headers = { 'idempotency-key': 'once' };
    const first = await admin.ask('/v1/drills', { method: 'POST', token: OPERATE, body, headers });
    const again = await admin.ask('/v1/drills', { method: 'POST', token: OPERATE, body, headers });
    expect([first.status, again.status, again.text]).toEqual([200, 200, first.text]);
    expect(codeOf(await post('', DRAIN))).toEqual({ status: 409, code: 'drill-exists' });
    const stop = { method: 'POST', token: OPERATE, body: '{}' };
    const stale = await admin.ask('/v1/drills/d/stop', { ...stop, headers: { 'if-match': '"other"' } });
    expect(codeOf(stale)).toEqual({ status: 412, code: 'precondition-failed' });
    expect(world.shares()).toEqual(WITHOUT_EU);
    const etag = String(first.headers['etag']);
    expect((await admin.ask('/v1/drills/d/stop', { ...stop, headers: { 'if-match': etag } })).status).toBe(200);
    expect(world.shares()).toEqual(ALIKE);
  });

  it('has an ETag of what was ordered and how far it is, whatever is seen meanwhile', async () => {
    const tagOf = (reply: Reply): string => String(reply.headers['etag']);
    const show = (): Promise<Reply> => admin.ask('/v1/drills/d', { token: READ });
    const tag = tagOf(await post('', { ...DRAIN, action: 'fail', ramp: { steps: [50, 100], every: '5m' } }));
    await world.clock.advance(4 * PROBE_MS);
    const seen = await show();
    expect(seen.json()).toMatchObject({ timeline: [{ kind: 'planned' }, { kind: 'begun' }, { kind: 'detected' }] });
    expect(tagOf(seen)).toBe(tag);
    await world.clock.advance(300_000);
    const later = tagOf(await show());
    expect(later).not.toBe(tag);
    const stop = (etag: string): Promise<Reply> =>
      admin.ask('/v1/drills/d/stop', { method: 'POST', token: OPERATE, body: '{}', headers: { 'if-match': etag } });
    expect((await stop(tag)).status).toBe(412);
    expect((await stop(later)).status).toBe(200);
    expect(tagOf(await show())).not.toBe(later);
  });

  it('is not started where it would be broken off, and the plan says so', async () => {
    const heeding = { ...DRAIN, abort: { monitors: ['errors'] } };
    for (const path of ['', '/rehearse']) {
      expect(codeOf(await post(path, heeding))).toEqual({ status: 409, code: 'drill-would-abort' });
    }
    expect(world.shares()).toEqual(ALIKE);
  });

  it('is stopped although nothing can be saved', async () => {
    await post('', DRAIN);
    world.disk('fails');
    const stopped = await post('/d/stop');
    expect([stopped.status, stopped.json()]).toMatchObject([200, { state: 'over', end: { kind: 'stopped' } }]);
    expect(world.shares()).toEqual(ALIKE);
  });

  it('takes nothing that is none', async () => {
    const wrong = [
      { ...DRAIN, name: undefined },
      { ...DRAIN, action: 'explode' },
      { ...DRAIN, scope: { cluster: ['eu'] } },
      { ...DRAIN, scope: { clusters: [] } },
      { ...DRAIN, reason: '' },
      { ...DRAIN, reason: 'two\nlines' },
      { ...DRAIN, ramp: { steps: [0, 100], every: '1m' } },
      { ...DRAIN, abort: { below: 2 } },
      { ...DRAIN, more: 1 },
      { ...DRAIN, weight: 70_000, action: 'weight' },
    ];
    for (const body of wrong) expect(codeOf(await post('', body))).toEqual({ status: 400, code: 'request-invalid' });
    const senseless = [
      { ...DRAIN, for: '0s' },
      { ...DRAIN, for: 'soon' },
      { ...DRAIN, for: '169h' },
      { ...DRAIN, at: 'tomorrow' },
      { ...DRAIN, weight: 5 },
      { ...DRAIN, action: 'weight' },
      { ...DRAIN, name: 'Of Eve' },
      { ...DRAIN, scope: {} },
      { ...DRAIN, ramp: { steps: [50, 40, 100], every: '1m' } },
      { ...DRAIN, ramp: { steps: [50, 100], every: '10m' } },
    ];
    for (const body of senseless) expect(codeOf(await post('', body))).toEqual({ status: 400, code: 'drill-invalid' });
    expect(codeOf(await post('', { ...DRAIN, abort: { monitors: ['unheard'] } }))).toEqual({
      status: 404,
      code: 'monitor-unknown',
    });
    expect(world.director().drills.list()).toEqual([]);
  });

  it('plans one for later', async () => {
    const at = new Date(START + 3_600_000).toISOString();
    expect((await post('', { ...DRAIN, at })).json()).toMatchObject({ state: 'planned', startAt: at, endsAt: null });
    expect(world.shares()).toEqual(ALIKE);
  });
});
