import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventLog } from '../../../src/admin/events/event-log.ts';
import { type EventStream, openStream } from '../../../src/admin/events/event-stream.ts';
import { MAX_EVENT_STREAMS } from '../../../src/admin/limits.ts';
import { createTokenVerifier, tokenEntry } from '../../../src/admin/tokens.ts';
import { readStream, type StreamEvent } from '../../../src/cli/event-stream.ts';
import type { NewEvent } from '../../../src/core/events.ts';
import { eventually } from '../../support/eventually.ts';
import { type Admin, OPERATE, PUSH, READ, startAdmin } from './admin-fixture.ts';

const event = (n: number, more: Partial<NewEvent> = {}): NewEvent => ({
  type: 'monitor',
  change: 'down',
  subject: `m${n}`,
  text: `m${n}: up → down`,
  data: { from: 'up', to: 'down' },
  ...more,
});

const RECENT = Type.Object({ items: Type.Array(Type.Object({ subject: Type.String() })), newest: Type.String() });

let admin: Admin;
beforeEach(async () => {
  admin = await startAdmin();
});
afterEach(() => admin.server.close());

/** Opens a stream, and takes events of it one by one. */
async function follow(path = '/v1/events', headers: Readonly<Record<string, string>> = {}) {
  const response = await admin.open(path, { token: READ, headers });
  const events = readStream(response);
  const next = async (): Promise<StreamEvent | undefined> => {
    const { value, done } = await events.next();
    return done === true ? undefined : value;
  };
  const take = async (count: number): Promise<readonly (StreamEvent | undefined)[]> => {
    const taken: (StreamEvent | undefined)[] = [];
    while (taken.length < count) taken.push(await next());
    return taken;
  };
  return { response, next, take };
}

const subjects = (events: readonly (StreamEvent | undefined)[]) =>
  events.map((each) => JSON.parse(each?.data ?? 'null')?.subject);

describe('the stream of events', () => {
  it('sends what happens from now on, in order, each with its id and type', async () => {
    admin.events.publish(event(0));
    const { response, take } = await follow();
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect(response.headers['cache-control']).toBe('no-store');
    admin.events.publish(event(1));
    admin.events.publish(event(2, { type: 'finding', text: 'two\nlines: data: x' }));
    const [first, second] = await take(2);
    expect(first).toMatchObject({ name: 'monitor' });
    expect(JSON.parse(first!.data)).toEqual({
      id: first!.id,
      at: '2026-11-22T12:00:00.000Z',
      ...event(1),
    });
    expect([second?.name, JSON.parse(second!.data).text]).toEqual(['finding', 'two\nlines: data: x']);
    response.destroy();
  });

  it('goes on after Last-Event-ID, and nothing is sent twice or left out', async () => {
    for (let n = 0; n < 250; n++) admin.events.publish(event(n));
    const all = admin.events.latest(250);
    const { response, take } = await follow('/v1/events', { 'last-event-id': all[9]!.id });
    const got = await take(240);
    expect(subjects(got)).toEqual(Array.from({ length: 240 }, (_, n) => `m${n + 10}`));
    admin.events.publish(event(1000));
    expect(subjects(await take(1))).toEqual(['m1000']);
    response.destroy();
  });

  it.each(['another-run', 'zzz-5', '0-99999', 'x'])('tells of a gap where the id %s is unknown', async (id) => {
    admin.events.publish(event(1));
    const { response, take } = await follow('/v1/events', { 'last-event-id': id });
    const [gap, first] = await take(2);
    expect([gap?.name, JSON.parse(gap!.data)]).toEqual(['gap', { lastEventId: id }]);
    expect(subjects([first])).toEqual(['m1']);
    response.destroy();
  });

  it('sends only the types that are asked for', async () => {
    const { response, take } = await follow('/v1/events?types=finding,breaker');
    for (const type of ['monitor', 'finding', 'snapshot', 'breaker'] as const) admin.events.publish(event(1, { type }));
    expect((await take(2)).map((each) => each?.name)).toEqual(['finding', 'breaker']);
    response.destroy();
  });

  it('ends with the server, and says so', async () => {
    const { next } = await follow();
    const started = performance.now();
    const closed = admin.server.close();
    const last = await next();
    expect([last?.name, last?.data]).toEqual(['end', '{"code":"stopping"}']);
    expect(await next()).toBeUndefined();
    await closed;
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('there are only so many, and one that ends makes room', async () => {
    const ask = (from: string) => admin.open('/v1/events', { token: READ, from });
    const streams: IncomingMessage[] = [];
    for (let n = 0; n < MAX_EVENT_STREAMS; n++) streams.push(await ask(`127.0.1.${n + 1}`));
    const refused = await admin.ask('/v1/events', { token: READ });
    expect([refused.status, refused.json()]).toMatchObject([503, { code: 'streams-full' }]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    streams.pop()?.destroy();
    await eventually(async () => {
      const again = await ask('127.0.2.1');
      again.destroy();
      expect(again.statusCode).toBe(200);
    });
    for (const stream of streams) stream.destroy();
  });

  it('a reader who takes nothing is cut when his place is forgotten, and the others go on', async () => {
    const quick = await follow();
    // A socket that is never read from; the data stays in the kernel's buffers and then in ours.
    const slow = connect({ port: admin.port, host: '127.0.0.1', onread: undefined });
    slow.on('error', () => {});
    slow.write(`GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${READ}\r\n\r\n`);
    slow.pause();
    await once(slow, 'connect');
    const big = { text: 'x'.repeat(2_000) };
    let sent = 0;
    await eventually(async () => {
      // More than any socket buffer holds, and more than the log keeps.
      for (let n = 0; n < 2_000; n++) admin.events.publish(event(n, big));
      sent += 2_000;
      for (let n = 0; n < 2_000; n++) await quick.next();
      const cut = admin.logged.find(({ event: code }) => code === 'admin-stream-cut');
      expect(cut?.fields).toMatchObject({ by: 'grafana', code: 'reader-too-slow' });
    });
    admin.events.publish(event(7));
    expect(subjects([await quick.next()])).toEqual(['m7']);
    expect(sent).toBeGreaterThan(2_000);
    quick.response.destroy();
    slow.destroy();
  });

  it('ends when its token is none any more, and those of others go on', async () => {
    const [first, second] = ['the-first-token-of-this-test', 'the-second-token-of-this-test'];
    const kept = tokenEntry('kept', 'read', second);
    const tokens = createTokenVerifier([tokenEntry('gone', 'read', first), kept]);
    const server = await startAdmin({ tokens });
    const streamOf = async (token: string) => {
      const response = await server.open('/v1/events', { token });
      return { response, events: readStream(response) };
    };
    const [gone, other] = [await streamOf(first), await streamOf(second)];
    try {
      tokens.replace([kept, tokenEntry('gone', 'read', 'another-token-of-the-same-name')]);
      expect((await gone.events.next()).value).toMatchObject({ name: 'end', data: '{"code":"token-gone"}' });
      expect((await gone.events.next()).done).toBe(true);
      server.events.publish(event(1));
      expect((await other.events.next()).value).toMatchObject({ name: 'monitor' });
      expect((await server.ask('/v1/events', { token: first })).json()).toMatchObject({ code: 'token-wrong' });
    } finally {
      other.response.destroy();
      await server.server.close();
    }
  });

  it('is not opened for a token that goes while its request is under way', async () => {
    const tokens = createTokenVerifier([tokenEntry('gone', 'read', READ)]);
    const verify = (token: string) => {
      const caller = tokens.verify(token);
      // What comes between the gate and the route, in the worst case.
      tokens.replace([]);
      return caller;
    };
    const server = await startAdmin({ tokens: { ...tokens, verify } });
    try {
      expect((await server.ask('/v1/events', { token: READ })).json()).toMatchObject({ code: 'token-wrong' });
    } finally {
      await server.server.close();
    }
  });

  it('is for readers', async () => {
    expect((await admin.ask('/v1/events')).status).toBe(401);
    expect((await admin.ask('/v1/events', { token: PUSH })).status).toBe(403);
    expect((await admin.ask('/v1/events?types=monitor,nothing', { token: READ })).status).toBe(400);
    expect((await admin.ask('/v1/events', { token: READ, method: 'HEAD' })).status).toBe(405);
  });
});

describe('a stream of its own', () => {
  /** Serves one stream with signs of life in quick succession. */
  async function serve(stalledMs: number) {
    const log = createEventLog({ now: () => 0 });
    // Nothing is ever forgotten for this reader: time alone can cut him.
    const events = { ...log, after: (id: string, most: number) => ({ ...log.after(id, most), missed: false }) };
    const ended = Promise.withResolvers<string>();
    const opened = Promise.withResolvers<{ readonly response: ServerResponse; readonly stream: EventStream }>();
    const server = createServer((_request, response) => {
      const wants = () => true;
      const options = { events, lastId: undefined, wants, stalledMs, heartbeatMs: 5, onEnd: ended.resolve };
      opened.resolve({ response, stream: openStream(response, options) });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const socket = connect(address.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return { events, ended: ended.promise, opened: opened.promise, socket, server };
  }

  it('gives signs of life while nothing happens', async () => {
    const { socket, server, ended } = await serve(60_000);
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    await eventually(() => expect(text.split(': alive\n\n').length).toBeGreaterThan(3));
    socket.destroy();
    expect(await ended).toBe('reader-gone');
    server.close();
  });

  it('is cut where its reader takes nothing for too long, though his place is not forgotten', async () => {
    const { events, socket, server, ended } = await serve(1);
    socket.pause();
    // Larger than all buffers together, in few events.
    const data = { much: 'x'.repeat(7 * 1024 * 1024) };
    const more = setInterval(() => events.publish(event(1, { data })), 20);
    expect(await ended).toBe('reader-too-slow');
    clearInterval(more);
    socket.destroy();
    server.close();
  });

  it.each(['token-gone', 'stream-too-old'] as const)(
    'is cut where it ends (%s) and its reader takes nothing, so that no connection stays',
    async (why) => {
      const { events, socket, server, opened } = await serve(60_000);
      const { response, stream } = await opened;
      socket.pause();
      const data = { much: 'x'.repeat(7 * 1024 * 1024) };
      let waiting = 0;
      // Until the kernel takes no more of it.
      await eventually(() => {
        const before = waiting;
        waiting = response.writableLength;
        events.publish(event(1, { data }));
        expect([waiting > 0, waiting]).toEqual([true, before]);
      });
      stream.end(why);
      await eventually(() => expect(response.destroyed).toBe(true));
      // It was not that he took it after all.
      expect(response.writableFinished).toBe(false);
      const closed = once(server, 'close');
      server.close();
      await closed;
      socket.destroy();
    },
  );

  it('ends in peace where its reader takes the last word', async () => {
    const { socket, server, opened } = await serve(60_000);
    const { response, stream } = await opened;
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    stream.end('token-gone');
    await eventually(() => expect(text).toContain('data: {"code":"token-gone"}'));
    await eventually(() => expect(response.writableFinished).toBe(true));
    socket.destroy();
    server.close();
  });
});

it('/v1/events/recent lists the latest, oldest first', async () => {
  for (let n = 0; n < 150; n++) admin.events.publish(event(n, n % 2 === 0 ? {} : { type: 'snapshot' }));
  const ask = async (query: string) => {
    const reply = (await admin.ask(`/v1/events/recent${query}`, { token: OPERATE })).json();
    return Value.Parse(RECENT, reply).items.map(({ subject }) => subject);
  };
  expect(await ask('')).toEqual(Array.from({ length: 100 }, (_, n) => `m${n + 50}`));
  expect(await ask('?limit=2')).toEqual(['m148', 'm149']);
  expect(await ask('?limit=2&types=monitor')).toEqual(['m146', 'm148']);
});

describe('the log of events', () => {
  it('keeps only so many, whatever happens at once', () => {
    const log = createEventLog({ now: () => 0, most: 10 });
    const first = log.newest();
    for (let n = 0; n < 1_000; n++) {
      log.publish(event(n));
      expect(log.latest(100).length).toBe(Math.min(10, n + 1));
    }
    expect(log.after(first, 100)).toMatchObject({ missed: true, events: { length: 10 } });
    const [oldest] = log.latest(10);
    expect(log.after(oldest!.id, 100)).toMatchObject({ missed: false, events: { length: 9 } });
    expect(log.after(log.newest(), 100)).toEqual({ missed: false, events: [] });
  });

  it('keeps only so much, and cuts a text that is too long', () => {
    const log = createEventLog({ now: () => 0 });
    for (let n = 0; n < 200; n++) log.publish(event(n, { data: { much: 'x'.repeat(100_000) } }));
    expect(log.latest(1_000).length).toBeLessThan(90);
    log.publish(event(0, { text: 'x'.repeat(5_000) }));
    expect(log.latest(1)[0]?.text.length).toBe(2_001);
  });

  it('wakes who follows, and nobody else', () => {
    const log = createEventLog({ now: () => 0 });
    let woken = 0;
    const end = log.subscribe(() => {
      woken += 1;
    });
    log.publish(event(1));
    end();
    log.publish(event(2));
    expect(woken).toBe(1);
  });
});
