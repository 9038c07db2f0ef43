import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAllowance } from '../../../src/admin/allowance.ts';
import { COUNTED_ADDRESSES, REQUESTS_PER_SECOND } from '../../../src/admin/limits.ts';
import { type Admin, OPERATE, READ, type Reply, startAdmin } from './admin-fixture.ts';

/** The clock that the limits go by, in ms. */
let steady = 0;
let admin: Admin;
beforeEach(async () => {
  steady = 1_000;
  admin = await startAdmin({ steady: () => steady });
});
afterEach(async () => {
  vi.useRealTimers();
  await admin.server.close();
});

const DRAIN = '/v1/clusters/us-east/drain';
const WRONG = 'a-wrong-token-for-these-tests';

async function flood(count: number, path: string, token?: string): Promise<readonly Reply[]> {
  const replies: Reply[] = [];
  const ask = token === undefined ? {} : { token };
  // A few at once: a server has only so many connections.
  while (replies.length < count) {
    const some = Math.min(50, count - replies.length);
    replies.push(...(await Promise.all(Array.from({ length: some }, () => admin.ask(path, ask)))));
  }
  return replies;
}

const statuses = (replies: readonly Reply[]) =>
  [...new Set(replies.map(({ status }) => status))].toSorted((one, other) => one - other);

/** Sets the clock of the machine; the limits must not notice. */
function setWallClock(by: number): void {
  const at = Date.now() + by;
  vi.useFakeTimers({ toFake: ['Date'], now: at });
}

describe('the requests of one second', () => {
  it.each([
    ['back', -600_000],
    ['forward', 600_000],
  ])(
    'are counted by a clock that nobody sets: one that is set %s locks nobody out, and lets nobody in',
    async (_where, by) => {
      const replies = await flood(REQUESTS_PER_SECOND + 1, '/v1/status', READ);
      expect(replies.map(({ status }) => status)).toEqual([...Array<number>(REQUESTS_PER_SECOND).fill(200), 429]);
      setWallClock(by);
      const limited = await admin.ask('/v1/status', { token: READ });
      expect([limited.status, limited.headers['retry-after']]).toEqual([429, '1']);
      steady += 1_000;
      expect((await admin.ask('/v1/status', { token: READ })).status).toBe(200);
    },
  );

  it('are counted for each who has a right token: wrong tokens of the same address use up nothing of it', async () => {
    expect(statuses(await flood(REQUESTS_PER_SECOND * 2, DRAIN, WRONG))).toEqual([401, 429]);
    expect((await admin.ask('/v1/nothing', { token: WRONG })).status).toBe(429);
    expect(statuses(await flood(REQUESTS_PER_SECOND, '/v1/status', OPERATE))).toEqual([200]);
    // Paths that are none are counted as well.
    const limited = await admin.ask('/v1/nothing', { token: OPERATE });
    expect([limited.status, limited.json()]).toMatchObject([429, { code: 'rate-limited' }]);
    // One caller's flood is not another's, of the same address; nor is it his own from elsewhere.
    expect((await admin.ask('/v1/status', { token: READ })).status).toBe(200);
    expect((await admin.ask('/v1/status', { token: OPERATE, from: '127.0.3.1' })).status).toBe(200);
  });

  it('use up nothing of a right token where they name another host: a page that was rebound asks so', async () => {
    const rebound = { token: READ, headers: { host: 'rebound.example' } };
    const replies = await Promise.all(Array.from({ length: REQUESTS_PER_SECOND + 1 }, () => admin.ask(DRAIN, rebound)));
    expect(statuses(replies)).toEqual([421, 429]);
    expect((await admin.ask('/v1/status', { token: READ })).status).toBe(200);
  });

  it('do not keep anybody from /healthz and /readyz, which are never limited', async () => {
    expect(statuses(await flood(REQUESTS_PER_SECOND + 1, '/v1/openapi.json'))).toEqual([200, 429]);
    expect(statuses(await flood(REQUESTS_PER_SECOND * 2, '/healthz'))).toEqual([200]);
    expect(statuses(await flood(REQUESTS_PER_SECOND * 2, '/readyz'))).toEqual([200]);
    expect((await admin.ask('/healthz', { method: 'PUT' })).status).toBe(429);
  });
});

it('refused tokens are counted by the same clock', async () => {
  setWallClock(0);
  expect(statuses(await flood(11, '/v1/status', WRONG))).toEqual([401, 429]);
  setWallClock(-3_600_000);
  steady += 10_000;
  expect((await admin.ask('/v1/status', { token: WRONG })).status).toBe(401);
});

describe('an allowance', () => {
  const three = (clock: () => number) => createAllowance({ most: 3, windowMs: 1_000, steady: clock });

  it('is so many in each window, and tells when the next one begins', () => {
    let now = 0;
    const { take } = three(() => now);
    expect([take('a'), take('a'), take('a'), take('a')]).toEqual([0, 0, 0, 1]);
    expect(take('b')).toBe(0);
    now = 999;
    expect(take('a')).toBe(1);
    now = 1_000;
    expect([take('a'), take('a'), take('a'), take('a')]).toEqual([0, 0, 0, 1]);
  });

  it('begins anew where even that clock goes back', () => {
    let now = 1_000_000;
    const { take } = three(() => now);
    for (let n = 0; n < 4; n++) take('a');
    now = 0;
    expect(take('a')).toBe(0);
  });

  it('remembers only so many keys, and forgets the one that was not used for longest', () => {
    const { take } = three(() => 0);
    for (let n = 0; n < 4; n++) take('first');
    for (let n = 0; n < 4; n++) take('second');
    for (let n = 0; n < COUNTED_ADDRESSES - 2; n++) take(`key ${n}`);
    expect(take('first')).toBe(1);
    take('one more');
    expect([take('first'), take('second')]).toEqual([1, 0]);
  });
});
