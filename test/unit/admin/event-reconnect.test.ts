/** Who breaks off and comes back as an EventSource does: nothing is lost, whatever he saw before. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventLog } from '../../../src/admin/events/event-log.ts';
import { openStream } from '../../../src/admin/events/event-stream.ts';
import type { EventType, NewEvent } from '../../../src/core/events.ts';
import { type Followed, followEvents } from '../../support/event-source.ts';
import { eventually } from '../../support/eventually.ts';
import { type Admin, READ, startAdmin } from './admin-fixture.ts';
import { NOW } from './director-fixture.ts';

const event = (subject: string, type: EventType = 'drill'): NewEvent => ({
  type,
  change: 'begun',
  subject,
  text: subject,
  data: {},
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('an EventSource that is cut off', () => {
  let admin: Admin;
  let followed: Followed;
  beforeEach(async () => {
    admin = await startAdmin();
    admin.events.publish(event('before'));
    followed = await followEvents('/v1/events?types=drill', { port: () => admin.port, token: READ });
    await eventually(() => expect(followed.opened()).toBe(1));
  });
  afterEach(async () => {
    await followed.close();
    await admin.server.close();
  });

  it('before it saw any event gets what happened meanwhile', async () => {
    followed.cut();
    admin.events.publish(event('missed'));
    await eventually(() => expect(followed.seen).toEqual(['drill missed']));
    expect(followed.opened()).toBe(2);
  });

  it('goes on over a restart of the server, which it is told, though it saw no event', async () => {
    await admin.server.close();
    const events = createEventLog({ now: () => NOW + 1 });
    admin = await startAdmin({ events });
    events.publish(event('of the other run'));
    await eventually(() => expect(followed.seen).toEqual(['end stopping', 'gap', 'drill of the other run']));
    followed.cut();
    events.publish(event('and on'));
    await eventually(() => expect(followed.seen.slice(3)).toEqual(['drill and on']));
  });
});

describe('a stream', () => {
  const log = (most = 10_000) => createEventLog({ now: () => 0, most });

  /** Serves one, of drills alone, with signs of life in quick succession; what came of it is told as text. */
  async function serve(events: ReturnType<typeof log>, lastId?: string) {
    const server = createServer((_asked, response) => {
      const wants = ({ type }: { readonly type: EventType }) => type === 'drill';
      openStream(response, { events, lastId, wants, heartbeatMs: 5, onEnd() {} });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect(portOf(server), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    const ids = () => [...text.matchAll(/^id: (\S+)$/gm)].map(([, id = '']) => id);
    return {
      ids,
      text: () => text,
      close: async () => {
        socket.destroy();
        server.close();
        await once(server, 'close');
      },
    };
  }

  it('begins with the id of the newest event there is', async () => {
    const events = log();
    events.publish(event('a'));
    const { ids, close } = await serve(events);
    await eventually(() => expect(ids()[0]).toBe(events.newest()));
    await close();
  });

  it('of one who comes back begins with where he was, so that he may break off at once again', async () => {
    const events = log();
    for (const name of ['a', 'b', 'c']) events.publish(event(name));
    const [first, , last] = events.latest(3);
    const { ids, close } = await serve(events, first!.id);
    await eventually(() => expect(ids()).toContain(last!.id));
    expect(ids()[0]).toBe(first!.id);
    await close();
  });

  it('tells with its signs of life how far it looked, events that nobody wanted included', async () => {
    const events = log(10);
    const { ids, text, close } = await serve(events);
    await eventually(() => expect(ids()).not.toEqual([]));
    // More than are kept: by the id of the beginning there would be a gap.
    for (let n = 0; n < 25; n++) {
      events.publish(event(`m${n}`, 'monitor'));
      await eventually(() => expect(ids().at(-1)).toBe(events.newest()));
    }
    expect(text()).not.toContain('data:');
    expect(events.after(ids().at(-1)!, 1)).toEqual({ events: [], missed: false });
    await close();
  });

  it('with a gap goes on behind it, if it breaks off once more', async () => {
    const events = log(10);
    for (let n = 0; n < 25; n++) events.publish(event(`e${n}`));
    const { ids, text, close } = await serve(events, 'other-5');
    await eventually(() => expect(ids()).toContain(events.newest()));
    expect(text()).toMatch(/event: gap\nid: \S+\ndata: /);
    expect(events.after(ids()[0]!, 100)).toEqual({ events: events.latest(10), missed: false });
    await close();
  });
});
