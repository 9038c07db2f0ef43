import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, askTcp, framed, isSilentOn, openTcp, type TcpClient } from '../support/dns-client.ts';
import { message, QTYPE, query, readResponse } from '../support/dns-message.ts';
import { onEveryEngine, TCP_IDLE_MS, type TestServers } from '../support/dns-server.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

onEveryEngine((startServers) => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => servers.close());

  const numbered = (id: number, name = 'static.gslb.example', type: number = QTYPE.A) =>
    query(name, type, undefined, { id });

  async function ids(client: TcpClient, count: number): Promise<readonly number[]> {
    const found: number[] = [];
    for (let i = 0; i < count; i++) found.push((await client.receive()).readUInt16BE(0));
    return found;
  }

  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  /** Waits until something holds that only the server's side knows. */
  async function until(holds: () => boolean): Promise<void> {
    const end = Date.now() + 5000;
    while (!holds()) {
      if (Date.now() > end) throw new Error('it never came so far');
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  const closedFor = (reason: string) =>
    servers.counting.read().tcp.closed.find((closed) => closed.reason === reason)?.count ?? 0;

  describe('DNS over TCP', () => {
    it('RFC 7766 §6.2.1.1: pipelined queries on one connection are all answered', async () => {
      const client = await openTcp(servers.tcp);
      const count = 500;
      client.write(Buffer.concat(range(count).map((id) => framed(numbered(id)))));
      expect(await ids(client, count)).toEqual(range(count));
      client.destroy();
    });

    it('RFC 7766 §6.2.1: a connection is used again, one query after the other', async () => {
      const client = await openTcp(servers.tcp);
      for (const id of range(20)) {
        client.write(framed(numbered(id)));
        expect(await ids(client, 1)).toEqual([id]);
      }
      client.destroy();
    });

    it('RFC 7766 §8: a message is put together from single octets, its length too', async () => {
      const client = await openTcp(servers.tcp);
      for (const octet of Buffer.concat([framed(numbered(1)), framed(numbered(2))])) {
        client.write(Buffer.of(octet));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await ids(client, 2)).toEqual([1, 2]);
      client.destroy();
    });

    it('RFC 7766 §8: a message of 65,535 octets is read', async () => {
      const head = query('static.gslb.example', QTYPE.A, undefined, { id: 9 });
      const whole = Buffer.concat([head, Buffer.alloc(65_535 - head.length)]);
      const client = await openTcp(servers.tcp);
      client.write(Buffer.concat([framed(whole), framed(numbered(10))]));
      expect(readResponse(await client.receive())).toMatchObject({ id: 9, rcode: 1 });
      expect(await ids(client, 1)).toEqual([10]);
      client.destroy();
    });

    it('RFC 7766 §6.2.4: a client that closes its half still gets its answers', async () => {
      const client = await openTcp(servers.tcp);
      client.write(Buffer.concat(range(50).map((id) => framed(numbered(id)))));
      client.finish();
      expect(await ids(client, 50)).toEqual(range(50));
      await client.closed();
    });

    it('RFC 1035 §4.2.2: a message too short for a header ends the connection, after the answers before it', async () => {
      for (const length of [0, 11]) {
        const client = await openTcp(servers.tcp);
        client.write(Buffer.concat([framed(numbered(1)), framed(Buffer.alloc(length))]));
        expect(await ids(client, 1)).toEqual([1]);
        await client.closed();
        client.destroy();
      }
    });

    it('RFC 1035 §7.3: a response over TCP is not answered and the connection goes on', async () => {
      const client = await openTcp(servers.tcp);
      client.write(Buffer.concat([framed(message({ flags: 0x8000 })), framed(numbered(3))]));
      expect(await ids(client, 1)).toEqual([3]);
      client.destroy();
    });

    it('RFC 9210 §3: many idle connections stop neither UDP nor new TCP', async () => {
      const idle = await Promise.all(range(150).map(() => openTcp(servers.tcp)));
      expect(await ask(servers.udp, numbered(1))).toMatchObject({ rcode: 0 });
      expect(await askTcp(servers.tcp, numbered(2))).toMatchObject({ rcode: 0 });
      expect(closedFor('evicted')).toBeGreaterThanOrEqual(50);
      await Promise.all(idle.slice(0, 50).map((client) => client.closed()));
      for (const client of idle) client.destroy();
    });
  });

  describe('idle and slow TCP clients', () => {
    let clock: ManualClock;
    let timed: TestServers;
    const start = async (maxConnections = 100) => {
      clock = createManualClock(0);
      timed = await startServers({ tcp: { clock, maxConnections } });
    };
    const open = () => timed.counting.read().tcp.open;
    const closed = (reason: string) =>
      timed.counting.read().tcp.closed.find((count) => count.reason === reason)?.count ?? 0;

    it('RFC 7766 §6.2.3: an idle connection is closed, and only whole queries keep it open', async () => {
      await start();
      try {
        const [silent, dripping, busy] = await Promise.all([
          openTcp(timed.tcp),
          openTcp(timed.tcp),
          openTcp(timed.tcp),
        ]);
        await until(() => open() === 3);
        for (const id of range(5)) {
          await clock.advance(TCP_IDLE_MS / 4);
          dripping.write(framed(numbered(1)).subarray(id, id + 1));
          busy.write(framed(numbered(id)));
          expect(await ids(busy, 1)).toEqual([id]);
        }
        await Promise.all([silent.closed(), dripping.closed()]);
        await until(() => open() === 1);
        expect(closed('idle')).toBe(2);
        await clock.advance(TCP_IDLE_MS * 1.25);
        await busy.closed();
        for (const client of [silent, dripping, busy]) client.destroy();
      } finally {
        await timed.close();
      }
    });

    it('RFC 7766 §6.2.2: at the limit of connections the longest idle one makes room', async () => {
      await start(3);
      try {
        const first = await openTcp(timed.tcp);
        await until(() => open() === 1);
        const second = await openTcp(timed.tcp);
        await until(() => open() === 2);
        const third = await openTcp(timed.tcp);
        await until(() => open() === 3);
        first.write(framed(numbered(1)));
        expect(await ids(first, 1)).toEqual([1]);
        const fourth = await openTcp(timed.tcp);
        await second.closed();
        for (const client of [first, third, fourth]) {
          client.write(framed(numbered(4)));
          expect(await ids(client, 1)).toEqual([4]);
          client.destroy();
        }
        second.destroy();
        expect(closed('evicted')).toBe(1);
      } finally {
        await timed.close();
      }
    });

    it('RFC 9210 §5: a client that does not take its answers is no longer read, and then closed', async () => {
      await start();
      try {
        const slow = await openTcp(timed.tcp);
        slow.pause();
        const huge = framed(numbered(1, 'huge.gslb.example', QTYPE.TXT));
        slow.write(Buffer.concat(range(2000).map(() => huge)));
        const answered = () =>
          timed.counting
            .read()
            .queries.reduce((sum, { transport, count }) => sum + (transport === 'tcp' ? count : 0), 0);
        // The kernel's buffers fill up, then the server stops: it answers others, and this one no more.
        let before = 0;
        do {
          before = answered();
          for (const id of range(20)) await ask(timed.udp, numbered(id));
        } while (before === 0 || answered() !== before);
        expect(answered()).toBeLessThan(1000);
        await clock.advance(TCP_IDLE_MS * 1.25);
        await until(() => closed('slow') === 1);
        slow.destroy();
      } finally {
        await timed.close();
      }
    });

    it('RFC 9210 §5: a client that takes its answers late gets all of them in order', async () => {
      await start();
      try {
        const late = await openTcp(timed.tcp);
        late.pause();
        late.write(Buffer.concat(range(300).map((id) => framed(numbered(id, 'huge.gslb.example', QTYPE.TXT)))));
        await until(() => timed.counting.read().queries.length > 0);
        late.resume();
        expect(await ids(late, 300)).toEqual(range(300));
        late.destroy();
      } finally {
        await timed.close();
      }
    });

    it('RFC 7766 §6.2.3: a server that stops closes its connections and its ports', async () => {
      await start();
      const client = await openTcp(timed.tcp);
      await until(() => open() === 1);
      await timed.close();
      await client.closed();
      client.destroy();
      await expect(openTcp(timed.tcp)).rejects.toThrow('ECONNREFUSED');
      expect(closed('shutdown')).toBe(1);
      expect(clock.pending()).toBe(0);
      expect(await isSilentOn(servers.udp, Buffer.alloc(3))).toBe(true);
    });
  });
});
