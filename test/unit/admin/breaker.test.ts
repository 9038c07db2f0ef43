import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beliefsOf, viewEndpoint } from '../../../src/admin/views/endpoint-view.ts';
import { cover } from '../../../src/core/health/breaker-cover.ts';
import { type Admin, OPERATE, READ, startAdmin } from './admin-fixture.ts';
import { MODEL, NOW } from './director-fixture.ts';

const BLIND = {
  state: 'blind',
  cause: 'controls',
  forMs: 60_000,
  leftMs: 840_000,
  withheld: 7,
  controls: [
    { target: 'control:tcp://192.0.2.1:443', state: 'good' },
    {
      target: 'control:tcp://192.0.2.2:443',
      state: 'failing',
      last: {
        monitor: 'control:tcp://192.0.2.2:443',
        at: NOW,
        durationMs: 3000,
        outcome: { kind: 'failure', failure: 'timeout', detail: '' },
      },
    },
  ],
} as const;

let admin: Admin;
beforeEach(async () => {
  admin = await startAdmin();
});
afterEach(() => admin.server.close());

describe('the breaker in the admin API', () => {
  it('is trusting without a word more', async () => {
    const reply = await admin.ask('/v1/breaker', { token: READ });
    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({ state: 'trusting', since: null, until: null, withheld: 0, controls: [] });
  });

  it('says since when it is blind and until when at the latest, and stands in the status', async () => {
    admin.blind(BLIND);
    const shown = {
      state: 'blind',
      cause: 'controls',
      since: new Date(NOW - 60_000).toISOString(),
      until: new Date(NOW + 840_000).toISOString(),
      withheld: 7,
      controls: [
        { target: 'control:tcp://192.0.2.1:443', state: 'good' },
        { target: 'control:tcp://192.0.2.2:443', state: 'failing', failure: 'timeout' },
      ],
    };
    expect((await admin.ask('/v1/breaker', { token: READ })).json()).toEqual(shown);
    expect((await admin.ask('/v1/status', { token: READ })).json()).toMatchObject({ breaker: shown });
  });

  it('is closed by an operator alone, who is logged, and twice is done', async () => {
    admin.blind(BLIND);
    const close = { method: 'POST', body: '{}' };
    expect((await admin.ask('/v1/breaker/close', { ...close, token: READ })).status).toBe(403);
    expect((await admin.ask('/v1/breaker', { token: READ })).json()).toMatchObject({ state: 'blind' });
    for (const result of ['closed', 'trusting']) {
      const reply = await admin.ask('/v1/breaker/close', { ...close, token: OPERATE });
      expect(reply.status).toBe(200);
      expect(reply.json()).toMatchObject({ state: 'trusting' });
      expect(admin.logged.at(-1)).toMatchObject({ message: 'breaker close', fields: { by: 'ops', result } });
    }
  });

  it('takes no body but an empty one', async () => {
    const { status } = await admin.ask('/v1/breaker/close', { method: 'POST', token: OPERATE, body: '{"now":true}' });
    expect(status).toBe(400);
  });
});

describe('an endpoint whose verdict is withheld', () => {
  it('is shown as it is believed, with what is measured instead', () => {
    const endpoint = MODEL.hostnames.find(({ name }) => name === 'shop.gslb.example')!.endpoints[0]!;
    const known = { state: 'up', since: NOW - 60_000, contrary: 0, secondsToChange: Number.POSITIVE_INFINITY } as const;
    const last = { ...BLIND.controls[1].last, monitor: 'eu' };
    const health = new Map([['eu', cover(known, { ...known, state: 'down', since: NOW - 5_000, last }, 10)]]);
    const view = viewEndpoint(endpoint, { ...beliefsOf(admin.director, NOW), health });
    expect(view).toMatchObject({
      measured: 'up',
      effective: 'up',
      since: new Date(NOW - 60_000).toISOString(),
      withheld: { state: 'down', since: new Date(NOW - 5_000).toISOString() },
      lastProbe: { outcome: 'failure', failure: 'timeout' },
    });
  });
});
