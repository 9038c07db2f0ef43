import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAnswerStore } from '../../../src/admin/changes/answer-store.ts';
import { entityTag } from '../../../src/admin/changes/entity-tag.ts';
import { createTurns } from '../../../src/admin/changes/turns.ts';
import type { Director } from '../../../src/core/ports.ts';
import { type Admin, type Ask, OPERATE, READ, startAdmin } from './admin-fixture.ts';

const DRAIN = '/v1/clusters/us-east/drain';

let admin: Admin;
beforeEach(async () => {
  admin = await startAdmin();
});
afterEach(() => admin.server.close());

const drain = (headers: Readonly<Record<string, string>>, reason = 'kernel update', more: Ask = {}) =>
  admin.ask(DRAIN, { method: 'POST', token: OPERATE, body: JSON.stringify({ reason }), headers, ...more });
const get = (headers: Readonly<Record<string, string>> = {}) => admin.ask(DRAIN, { token: READ, headers });

describe('Idempotency-Key', () => {
  it('the same request again is answered as the first was, and nothing is done', async () => {
    const first = await drain({ 'idempotency-key': '"a1"' });
    const second = await drain({ 'idempotency-key': '"a1"' });
    expect([second.status, second.text]).toEqual([200, first.text]);
    expect([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']]).toEqual([
      undefined,
      'true',
    ]);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect(second.headers['etag']).toBe(first.headers['etag']);
    expect(admin.orders).toHaveLength(1);
  });

  it('holds over a change in between, and with the same precondition', async () => {
    const headers = { 'idempotency-key': 'a1', 'if-none-match': '*' };
    await drain(headers);
    await admin.ask(DRAIN, { method: 'DELETE', token: OPERATE });
    await drain({}, 'another');
    expect((await drain(headers)).status).toBe(200);
    expect(admin.orders).toHaveLength(2);
    expect((await get()).json()).toMatchObject({ reason: 'another' });
  });

  it('a refusal is an answer as well', async () => {
    const refused = (reason: string) =>
      admin.ask('/v1/clusters/eu-west/drain', {
        method: 'POST',
        token: OPERATE,
        body: JSON.stringify({ reason }),
        headers: { 'idempotency-key': 'a1' },
      });
    const replies = [await refused('x'), await refused('x')];
    for (const reply of replies)
      expect([reply.status, reply.json()]).toMatchObject([409, { code: 'drain-leaves-none' }]);
    expect(replies[1]!.headers['content-type']).toBe('application/problem+json');
    expect(admin.orders).toHaveLength(1);
  });

  it('another body, path or method with the same key is 422, another caller is another key', async () => {
    await drain({ 'idempotency-key': 'a1' });
    const others = [
      await drain({ 'idempotency-key': 'a1' }, 'another reason'),
      await admin.ask(DRAIN, { method: 'DELETE', token: OPERATE, headers: { 'idempotency-key': 'a1' } }),
      await admin.ask('/v1/breaker/close', {
        method: 'POST',
        token: OPERATE,
        body: '{}',
        headers: { 'idempotency-key': '"a1"' },
      }),
    ];
    for (const reply of others) {
      expect([reply.status, reply.json()]).toMatchObject([422, { code: 'idempotency-key-reused' }]);
    }
    expect(admin.orders).toHaveLength(1);
  });

  it('while the first request is under way, the second is 409; what could not be done is not kept', async () => {
    const [reached, saved] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const director = {
      ...admin.director,
      async drain() {
        reached.resolve();
        await saved.promise;
        return { code: 'not-saved', message: 'disk full' } as const;
      },
    };
    const slow = await startAdmin({ director });
    const ask = () =>
      slow.ask(DRAIN, {
        method: 'POST',
        token: OPERATE,
        body: '{"reason":"x"}',
        headers: { 'idempotency-key': 'a1' },
      });
    const first = ask();
    await reached.promise;
    const second = await ask();
    expect([second.status, second.json()]).toMatchObject([409, { code: 'idempotency-under-way' }]);
    saved.resolve();
    expect((await first).status).toBe(503);
    const third = await ask();
    expect([third.status, third.headers['idempotency-replayed']]).toEqual([503, undefined]);
    await slow.server.close();
  });

  it('a request that was not valid leaves the key free', async () => {
    expect((await drain({ 'idempotency-key': 'a1' }, '')).status).toBe(400);
    expect((await drain({ 'idempotency-key': 'a1' })).status).toBe(200);
  });

  it.each(['""', '"', 'a b', 'a,b', '"a"b"', 'x'.repeat(258), 'ä'])('the key %j is refused', async (key) => {
    const reply = await drain({ 'idempotency-key': key });
    expect([reply.status, reply.json()]).toMatchObject([400, { code: 'idempotency-key-invalid' }]);
    expect(admin.orders).toEqual([]);
  });

  it('is of no matter to what changes nothing', async () => {
    const plan = (lose: string) =>
      admin.ask('/v1/plan', {
        method: 'POST',
        token: READ,
        body: JSON.stringify({ lose: [lose] }),
        headers: { 'idempotency-key': 'a1' },
      });
    expect([(await plan('eu-west')).status, (await plan('us-east')).status]).toEqual([200, 200]);
  });
});

describe('the store of answers', () => {
  const answer = (size = 1) => ({ status: 200, headers: {}, body: Buffer.alloc(size) });

  it('forgets after a day, and has the key free again', () => {
    let now = 0;
    const store = createAnswerStore(() => now);
    expect(store.begin('k', 'p')).toBe('new');
    store.keep('k', answer());
    now = 86_399_999;
    expect(store.begin('k', 'p')).toMatchObject({ status: 200 });
    now += 1;
    expect(store.begin('k', 'p')).toBe('new');
  });

  it('makes room by number and by size, the oldest first', () => {
    const store = createAnswerStore(() => 0);
    const keep = (key: string, size: number) => {
      store.begin(key, 'p');
      store.keep(key, answer(size));
    };
    for (let i = 0; i < 1_001; i++) keep(`k${i}`, 1);
    expect([store.begin('k0', 'p'), store.begin('k1', 'p')]).toMatchObject(['new', { status: 200 }]);
    keep('large', 8 * 1024 * 1024);
    expect([store.begin('k2', 'p'), store.begin('large', 'p')]).toMatchObject(['new', { status: 200 }]);
  });

  it('takes only so many that are under way', () => {
    const store = createAnswerStore(() => 0);
    for (let i = 0; i < 256; i++) expect(store.begin(`k${i}`, 'p')).toBe('new');
    expect(store.begin('one more', 'p')).toBe('full');
    store.drop('k0');
    expect(store.begin('one more', 'p')).toBe('new');
  });
});

describe('entity tags', () => {
  it('a drain has one, that changes when the order does, and 304 says that it did not', async () => {
    const ordered = await drain({});
    const tag = String(ordered.headers['etag']);
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    const read = await get();
    expect([read.status, read.headers['etag']]).toEqual([200, tag]);
    expect(read.json()).toMatchObject({ by: 'ops', reason: 'kernel update' });
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const reply = await get({ 'if-none-match': known });
      expect([reply.status, reply.text, reply.headers['etag']]).toEqual([304, '', tag]);
    }
    expect((await get({ 'if-none-match': '"x"' })).status).toBe(200);
    const other = await drain({}, 'another reason');
    expect(other.headers['etag']).not.toBe(tag);
    expect((await get({ 'if-none-match': tag })).status).toBe(200);
  });

  it('If-Match of a state that is past is 412 and changes nothing', async () => {
    const tag = String((await drain({})).headers['etag']);
    await drain({ 'if-match': tag }, 'mine');
    const late = await drain({ 'if-match': tag }, 'yours');
    expect([late.status, late.json()]).toMatchObject([412, { code: 'precondition-failed' }]);
    expect(late.headers['etag']).toBe((await get()).headers['etag']);
    const gone = await admin.ask(DRAIN, { method: 'DELETE', token: OPERATE, headers: { 'if-match': tag } });
    expect(gone.status).toBe(412);
    expect((await get()).json()).toMatchObject({ reason: 'mine' });
  });

  it('of two operators at once one is first, and the other is told', async () => {
    const tag = String((await drain({})).headers['etag']);
    // The director takes its time, so that both requests are there before one is done.
    const order: Director['drain'] = (...args) => admin.director.drain(...args);
    const turns: string[] = [];
    const director = {
      ...admin.director,
      async drain(...args: Parameters<Director['drain']>) {
        turns.push(`begin ${args[0].reason}`);
        await new Promise((resolve) => setImmediate(resolve));
        const done = await order(...args);
        turns.push(`end ${args[0].reason}`);
        return done;
      },
    };
    const other = await startAdmin({ director });
    const ask = (reason: string, match: string) =>
      other.ask(DRAIN, {
        method: 'POST',
        token: OPERATE,
        body: JSON.stringify({ reason }),
        headers: { 'if-match': match },
      });
    const replies = await Promise.all(['a', 'b', 'c'].map((reason) => ask(reason, tag)));
    expect(replies.map(({ status }) => String(status)).toSorted()).toEqual(['200', '412', '412']);
    expect(turns).toHaveLength(2);
    await other.server.close();
  });

  it('If-None-Match: * orders only what is not there, If-Match: * only what is', async () => {
    expect((await drain({ 'if-match': '*' })).status).toBe(412);
    expect((await drain({ 'if-none-match': '*' })).status).toBe(200);
    expect((await drain({ 'if-none-match': '*' })).status).toBe(412);
    expect((await drain({ 'if-match': '*' })).status).toBe(200);
    expect(admin.orders).toHaveLength(2);
  });

  it.each(['x', 'x"', '"a" "b"', '"a", *', '', Array(33).fill('"a"').join(',')])(
    'If-Match: %s holds no tags',
    async (match) => {
      const reply = await drain({ 'if-match': match });
      expect([reply.status, reply.json()]).toMatchObject([400, { code: 'entity-tag-invalid' }]);
    },
  );

  it('weak tags never match for a change', async () => {
    const tag = String((await drain({})).headers['etag']);
    expect((await drain({ 'if-match': `W/${tag}` })).status).toBe(412);
  });

  it('equal states have equal tags', () => {
    expect(entityTag({ a: 1 })).toBe(entityTag({ a: 1 }));
    expect(entityTag({ a: 1 })).not.toBe(entityTag({ a: 2 }));
  });
});

it('turns are taken in the order in which they came, and one that fails ends', async () => {
  const turns = createTurns();
  const seen: number[] = [];
  const work = (n: number) => async () => {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(n);
    if (n === 2) throw new Error('two');
    return n;
  };
  const results = await Promise.allSettled([1, 2, 3].map((n) => turns.take('a', work(n))));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(seen).toEqual([1, 2, 3]);
});
