import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueryMixBook } from '../../../src/core/plan/query-mix.ts';
import { type Admin, OPERATE, READ, startAdmin } from './admin-fixture.ts';

let admin: Admin;
beforeAll(async () => {
  admin = await startAdmin();
});
afterAll(() => admin.server.close());

const plan = (body: unknown, token = READ) =>
  admin.ask('/v1/plan', { method: 'POST', token, body: JSON.stringify(body) });

describe('POST /v1/plan', () => {
  it('tells what would happen by the health that is measured: Virginia is down already', async () => {
    const reply = await plan({ lose: ['eu-west'], load: 900 });
    expect(reply.status).toBe(200);
    const third = 1 / 3;
    expect(reply.json()).toEqual({
      basis: { kind: 'director', snapshot: 1, serial: 2026112200 },
      lose: ['eu-west'],
      clients: { counted: 'ipv4-addresses', source: 'a table made for tests' },
      verdict: 'harm',
      hostnames: { before: 3, after: 3, changed: 3 },
      clusters: [
        // *.apps and shop are all Frankfurt's before, of api it has 80 %.
        {
          cluster: 'eu-west',
          before: about(2.8 / 3),
          after: 0,
          load: loadOf(840, 0),
        },
        { cluster: 'us-east', before: about(0.2 / 3), after: about(2 / 3), load: loadOf(60, 600) },
      ],
      nobody: { before: 0, after: about(third) },
      lastResortAddresses: { before: 0, after: 0 },
      moved: about(2.8 / 3),
      cachedSeconds: 30,
      fewerUsable: [
        { before: 1, after: 0, hostnames: 2, first: '*.apps.gslb.example', left: [] },
        { before: 2, after: 1, hostnames: 1, first: 'api.gslb.example', left: ['us-east'] },
      ],
      fewerServing: [
        { before: 1, after: 0, hostnames: 2, first: '*.apps.gslb.example', left: [] },
        { before: 2, after: 1, hostnames: 1, first: 'api.gslb.example', left: ['us-east'] },
      ],
      affected: [
        { trouble: 'no-cluster', count: 2, already: 0, first: ['*.apps.gslb.example', 'shop.gslb.example'] },
        { trouble: 'clients-without-answer', count: 1, already: 0, first: ['*.apps.gslb.example'] },
        { trouble: 'last-resort', count: 1, already: 0, first: ['shop.gslb.example'] },
        { trouble: 'one-cluster', count: 1, already: 0, first: ['api.gslb.example'] },
      ],
      worst: [
        worst('*.apps.gslb.example', [['eu-west', 1, 0]], [1, 0], ['no-cluster', 'clients-without-answer']),
        worst(
          'shop.gslb.example',
          [
            ['eu-west', 1, 0],
            ['us-east', 0, 1],
          ],
          [1, 0],
          ['no-cluster', 'last-resort'],
        ),
        worst(
          'api.gslb.example',
          [
            ['eu-west', about(0.8), 0],
            ['us-east', about(0.2), 1],
          ],
          [2, 1],
          ['one-cluster'],
        ),
      ],
    });
  });

  it('changes nothing, and does not need the right to', async () => {
    const before = await admin.ask('/v1/clusters', { token: READ });
    await plan({ lose: ['eu-west', 'us-east'] }, OPERATE);
    expect((await admin.ask('/v1/clusters', { token: READ })).text).toBe(before.text);
    expect(admin.orders).toEqual([]);
    expect(admin.director.overrides().size).toBe(0);
  });

  it('finds no harm where nothing is lost, whatever is wrong already', async () => {
    expect((await plan({})).json()).toMatchObject({ verdict: 'fine', moved: 0, hostnames: { changed: 0 }, worst: [] });
  });

  it('lists as many hostnames as it is asked for', async () => {
    expect((await plan({ lose: ['eu-west'], listed: 0 })).json()).toMatchObject({ worst: [], verdict: 'harm' });
  });

  it.each([
    ['a cluster that there is not', { lose: ['eu-wset'] }, 404, 'cluster-unknown'],
    ['one cluster twice', { lose: ['eu-west', 'eu-west'] }, 400, 'request-invalid'],
    ['more clusters than it takes', { lose: Array.from({ length: 257 }, (_, i) => `c${i}`) }, 400, 'request-invalid'],
    ['a text in the place of a list', { lose: 'eu-west' }, 400, 'request-invalid'],
    ['no load at all', { load: 0 }, 400, 'request-invalid'],
    ['longer lists than it gives', { listed: 1001 }, 400, 'request-invalid'],
    ['what clients are not counted by', { by: 'guesses' }, 400, 'request-invalid'],
    ['a key that it does not know', { loose: ['eu-west'] }, 400, 'request-invalid'],
    ['a list', [], 400, 'request-invalid'],
  ])('refuses %s', async (_what, body, status, code) => {
    const reply = await plan(body);
    expect(reply.status).toBe(status);
    expect(reply.json()).toMatchObject({ code });
  });

  it.each([
    ['eu-wset', 'There is no cluster "eu-wset". Did you mean "eu-west"?'],
    ['mars', 'There is no cluster "mars". Known: '],
  ])('says for %s which cluster may be meant', async (name, detail) => {
    expect((await plan({ lose: [name] })).json()).toMatchObject({ detail: expect.stringContaining(detail) });
  });

  it('refuses whoever has no token, and other methods', async () => {
    const nobody = await admin.ask('/v1/plan', { method: 'POST', body: '{}' });
    expect([nobody.status, (await admin.ask('/v1/plan', { token: READ })).status]).toEqual([401, 405]);
  });

  it('rests after a plan that took long: the thread may serve DNS', async () => {
    let [time, step] = [1_000_000, 100];
    const slow = await startAdmin({ steady: () => (time += step) });
    const ask = () => slow.ask('/v1/plan', { method: 'POST', token: READ, body: '{"lose":["eu-west"]}' });
    try {
      expect((await ask()).status).toBe(200);
      const refused = await ask();
      expect(refused.status).toBe(429);
      expect(refused.json()).toMatchObject({ code: 'rate-limited' });
      expect(refused.headers['retry-after']).toBe('1');
      time += 400;
      expect((await ask()).status).toBe(200);
      // A clock that goes back does not lock anybody out.
      time -= 3_600_000;
      step = 1;
      expect((await ask()).status).toBe(200);
      // And a brief plan is followed by no rest.
      expect((await ask()).status).toBe(200);
    } finally {
      await slow.server.close();
    }
  });
});

describe('POST /v1/plan by queries', () => {
  const API = 1;
  const COUNTERS = { names: 2, places: 2, counterOf: (name: string) => (name.startsWith('api') ? API : 0) };
  const ask = { method: 'POST', token: READ, body: '{"lose":["eu-west"],"by":"queries"}' };

  /** A server whose director was asked so often for `api` and from Frankfurt, a minute ago. */
  async function askedFor(times: number): Promise<Admin> {
    const { director } = admin;
    const { model, places } = director.snapshot();
    const book = createQueryMixBook(COUNTERS);
    const counts = (count: number) => ({
      ofCounter: (counter: number) => (counter === API ? count : 0),
      ofPlace: (place: number) => (place === 1 ? count / 2 : 0),
    });
    book.take({ hostnames: model.hostnames, places, counts: counts(0), steady: 0 });
    book.take({ hostnames: model.hostnames, places, counts: counts(times), steady: 60_000 });
    return startAdmin({ queryMix: () => book.mix() });
  }

  it('counts clients by what they ask, and says how much that was', async () => {
    const busy = await askedFor(120);
    try {
      const reply = await busy.ask('/v1/plan', ask);
      expect(reply.status).toBe(200);
      expect(reply.json()).toMatchObject({
        clients: {
          counted: 'queries',
          source: 'a table made for tests',
          observed: { seconds: 60, questions: 120, perSecond: about(2), halfLifeSeconds: 3600, unplaced: about(0.5) },
        },
        // What nobody asks for does not count, and is told all the same.
        clusters: [
          { before: about(0.8), after: 0 },
          { before: about(0.2), after: about(1) },
        ],
        affected: [{ trouble: 'no-cluster', count: 2 }, {}, {}, {}],
        worst: [{ asked: 0 }, { asked: 0 }, { name: 'api.gslb.example', asked: 1 }],
      });
    } finally {
      await busy.server.close();
    }
  });

  it('is refused where nobody asked, and says since when', async () => {
    const idle = await askedFor(0);
    try {
      for (const [server, seconds] of [
        [idle, '60 s'],
        [admin, '0 s'],
      ] as const) {
        const reply = await server.ask('/v1/plan', ask);
        expect(reply.status).toBe(409);
        expect(reply.json()).toMatchObject({ code: 'queries-unobserved', detail: expect.stringContaining(seconds) });
      }
    } finally {
      await idle.server.close();
    }
  });
});

/** Sums of fractions. */
function about(value: number): unknown {
  return expect.closeTo(value, 9);
}

function loadOf(before: number, after: number): object {
  return { source: 'given', before: about(before), after: about(after), verdict: 'not-known', reason: 'no-capacity' };
}

type Share = readonly [cluster: string, before: unknown, after: number];

function worst(name: string, shares: readonly Share[], usable: readonly number[], troubles: readonly string[]): object {
  return {
    name,
    clusters: shares.map(([cluster, before, after]) => ({ cluster, before, after })),
    nobody: { before: 0, after: shares.length === 1 ? 1 : 0 },
    lastResortAddresses: { before: 0, after: 0 },
    usable: { before: usable[0], after: usable[1] },
    moved: shares[0]?.[1],
    troubles,
  };
}
