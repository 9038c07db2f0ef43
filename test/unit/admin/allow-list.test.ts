import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createDoor } from '../../../src/admin/allow-list.ts';
import { startAdmin } from './admin-fixture.ts';

describe('networks that may connect', () => {
  it('others are closed without a word, and the log says so, not for each', async () => {
    // Loopback is always let in, so that the door itself is asked about other addresses.
    const lines: object[] = [];
    let now = 0;
    const log = (_event: string, fields: object) => void lines.push(fields);
    const door = createDoor(['10.0.0.0/8', '2001:db8::/32'], log, () => now);
    const isClosed = (remoteAddress: string | undefined) => {
      let closed = false;
      door({
        remoteAddress,
        destroy() {
          closed = true;
        },
      });
      return closed;
    };
    const let_in = ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1', '127.0.0.1', '::1', '::ffff:127.0.0.1'];
    expect(let_in.map(isClosed)).toEqual(let_in.map(() => false));
    const out = ['11.0.0.1', '::ffff:11.0.0.1', '2001:db9::1', 'fe80::1%eth0', '', undefined];
    expect(out.map(isClosed)).toEqual(out.map(() => true));
    expect(lines).toEqual([{ address: '11.0.0.1', connections: 1 }]);
    now += 10_000;
    isClosed('11.0.0.2');
    expect(lines.at(-1)).toEqual({ address: '11.0.0.2', connections: out.length });
  });

  it('the server asks the door, and loopback passes', async () => {
    const admin = await startAdmin({ allow: ['192.0.2.0/24'] });
    expect((await admin.ask('/healthz')).status).toBe(200);
    const socket = connect(admin.port, '127.0.0.1');
    socket.end('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toContain('200 OK');
    await admin.server.close();
  });
});
