import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { DnsServer } from '../../../../src/core/dns-ports.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import type { NativeServerOptions } from '../../../../src/dns/native/native-options.ts';
import { spawnWorker } from '../../../../src/dns/native/thread.ts';
import { ask, askMany } from '../../../support/dns-client.ts';
import { QTYPE, query, type Response, readResponse } from '../../../support/dns-message.ts';
import { createTestResponder, NATIVE, nativeServer, type Responding } from '../../../support/dns-server.ts';
import { eventually } from '../../../support/eventually.ts';
import { createWorld, SERIAL } from '../../../support/world.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

const running: DnsServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function start(native: Partial<NativeServerOptions> = {}, responding: Responding = createTestResponder()) {
  const server = nativeServer({ native }, responding, [LOOPBACK]);
  running.push(server);
  const [address] = await server.listen();
  return { server, address: address!, ...responding };
}

/** Of this thread: the test's own references to the tables must not count. */
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const soa = (): Buffer => query('gslb.example', QTYPE.SOA);
const serialOf = (response: Response): number => {
  const [first] = response.packet.answers ?? [];
  return first?.type === 'SOA' ? (first.data.serial ?? 0) : 0;
};

/** Sends from a connected socket, which hears nobody but the address it asked. */
async function askConnected(type: 'udp4' | 'udp6', host: string, port: number): Promise<Response> {
  const socket = createSocket(type);
  socket.connect(port, host);
  await once(socket, 'connect');
  const answer = once(socket, 'message', { signal: AbortSignal.timeout(5000) });
  socket.send(soa());
  const [octets]: Buffer[] = await answer.finally(() => socket.close());
  return readResponse(octets!);
}

describe.skipIf(NATIVE.engine !== 'native')(`the native server (${NATIVE.reason})`, () => {
  it('answers from the address that was asked, also on a wildcard address (RFC 2181 §4.1)', async () => {
    for (const [wildcard, type, asked] of [
      ['0.0.0.0', 'udp4', '127.0.0.5'],
      ['0.0.0.0', 'udp4', '127.0.0.1'],
      ['::', 'udp6', '::1'],
    ] as const) {
      const server = nativeServer({}, createTestResponder(), [{ host: wildcard, port: 0 }]);
      running.push(server);
      const [bound] = await server.listen();
      expect(await askConnected(type, asked, bound!.port)).toMatchObject({ rcode: 0, aa: 1 });
    }
  });

  it('answers on several addresses with several threads each, counted together', async () => {
    const listen = [LOOPBACK, { host: '::1', port: 0 }, { host: '127.0.0.3', port: 0 }];
    const responding = createTestResponder();
    const server = nativeServer({ native: { workers: 3 } }, responding, listen);
    running.push(server);
    const bound = await server.listen();
    expect(bound.map(({ host }) => host)).toEqual(['127.0.0.1', '::1', '127.0.0.3']);
    for (const address of bound) {
      // Each from a port of its own, so that the system spreads them over the threads.
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(address, soa())));
      expect(answers.every(({ aa }) => aa === 1)).toBe(true);
    }
    const { responses, queries, zones, types } = responding.counting.read();
    const some = <Row extends { readonly count: number }>(rows: readonly Row[]) =>
      rows.filter(({ count }) => count > 0);
    expect({ responses: some(responses), queries, zones: some(zones), types: some(types) }).toEqual({
      responses: [{ transport: 'udp', rcode: 'NOERROR', count: 60 }],
      queries: [{ transport: 'udp', type: 'SOA', count: 60 }],
      zones: [{ zone: 'gslb.example', rcode: 'NOERROR', count: 60 }],
      types: [{ type: 'SOA', rcode: 'NOERROR', count: 60 }],
    });
  });

  it('tells what all threads were asked for', async () => {
    const responding = createTestResponder();
    const { address } = await start({ workers: 3 }, responding);
    await Promise.all(Array.from({ length: 30 }, () => ask(address, query('shop.gslb.example', QTYPE.A))));
    const asked = responding.counting.asked();
    const names = ['shop', 'api'].map((name) => asked.ofName(`${name}.gslb.example`));
    expect([...names, asked.ofPlace(0)]).toEqual([30, 0, 30]);
  });

  it('answers what is asked after a publication from it, and loses nothing over many under load', async () => {
    const responding = createTestResponder();
    let current = responding.snapshot;
    const { server, address } = await start({ current: { snapshot: () => current } }, responding);
    let asked = 0;
    const publishing = new AbortController();
    const load = async (): Promise<void> => {
      while (!publishing.signal.aborted) {
        const answers = await askMany(address, Array.from({ length: 32 }, soa));
        asked += answers.length;
        for (const answer of answers) expect(serialOf(answer)).toBeGreaterThanOrEqual(SERIAL);
      }
    };
    const loads = [load(), load(), load()];
    for (let i = 1; i <= 20; i++) {
      current = compile({ ...current, serial: SERIAL + i }, current);
      server.publish?.(current);
      expect(serialOf(await ask(address, soa()))).toBe(SERIAL + i);
    }
    publishing.abort();
    await Promise.all(loads);
    expect(asked).toBeGreaterThan(300);
  });

  it('stops within 200 ms, idle and under load, and gives the port back', async () => {
    for (const state of ['idle', 'busy'] as const) {
      const { server, address } = await start({ workers: 2 });
      const socket = createSocket('udp4');
      const flood = setInterval(() => {
        if (state === 'busy') for (let i = 0; i < 20; i++) socket.send(soa(), address.port, address.host);
      }, 1);
      await ask(address, soa());
      const startedAt = performance.now();
      await server.close();
      const took = performance.now() - startedAt;
      clearInterval(flood);
      socket.close();
      expect(took).toBeLessThan(200);
      const again = nativeServer({}, createTestResponder(), [address]);
      expect(await again.listen()).toEqual([address]);
      await again.close();
    }
  });

  it('starts a thread again that died, tells of it, and answers what came meanwhile', async () => {
    let current = createWorld();
    const responding = createTestResponder({ table: () => current.table });
    const workers: Worker[] = [];
    const told: string[] = [];
    const { server, address } = await start(
      {
        current: { snapshot: () => current },
        onTrouble: (message) => void told.push(message),
        spawn(orders) {
          const worker = spawnWorker(orders);
          workers.push(worker);
          return worker;
        },
      },
      responding,
    );
    await ask(address, soa());
    await workers[0]!.terminate();
    const diedAt = performance.now();
    current = compile({ ...current, serial: SERIAL + 1 }, current);
    server.publish?.(current);
    expect(serialOf(await ask(address, soa()))).toBe(SERIAL + 1);
    expect(performance.now() - diedAt).toBeLessThan(1000);
    expect(told).toEqual([
      expect.stringMatching(/^The DNS worker of 127\.0\.0\.1 port \d+ is started again in 0\.25 s: /),
    ]);
    await eventually(() => expect(workers).toHaveLength(2));
    expect(responding.counting.read().responses).toContainEqual({ transport: 'udp', rcode: 'NOERROR', count: 2 });
  });

  it('rejects where a thread cannot start, and lets go of the port', async () => {
    const responding = createTestResponder();
    const settings = { udpSize: 1, identity: '', cookieSecret: new Uint8Array(16), tcpIdleMs: 1 };
    const free = createSocket('udp4').bind(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address();
    free.close();
    const server = nativeServer({ native: { settings } }, responding, [{ host: '127.0.0.1', port }]);
    await expect(server.listen()).rejects.toThrow('did not start: udpSize is 1');
    const again = nativeServer({}, responding, [{ host: '127.0.0.1', port }]);
    expect(await again.listen()).toHaveLength(1);
    await again.close();
    await again.close();
  });

  it('gives replaced tables back', async () => {
    const responding = createTestResponder();
    const { table } = responding.snapshot;
    const { server, address } = await start({ workers: 2 }, responding);
    const octets = 8 * 1024 * 1024;
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 60; i++) {
      const pool = new Int32Array(new SharedArrayBuffer(octets)).fill(1);
      pool.set(table.decisions.pool);
      server.publish?.({ ...responding.snapshot, table: { ...table, decisions: { ...table.decisions, pool } } });
      collectGarbage();
      // The worker takes the table with the query, and so does not hear of the next ones all at once.
      expect(await ask(address, soa())).toMatchObject({ aa: 1 });
    }
    expect((process.memoryUsage.rss() - before) / octets).toBeLessThan(40);
  });

  it('sleeps while nobody asks', async () => {
    await start({ workers: 2 });
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000 / (performance.now() - startedAt)).toBeLessThan(0.2);
  });
});

describe.skipIf(NATIVE.engine !== 'native')('a port of the native server', () => {
  const taken = { code: 'EADDRINUSE', syscall: 'bind', address: '127.0.0.1' };

  it('is refused where another server of ours has it', async () => {
    const { address } = await start({ workers: 2 });
    for (const workers of [1, 2]) {
      const second = nativeServer({ native: { workers } }, createTestResponder(), [LOOPBACK, address]);
      await expect(second.listen()).rejects.toMatchObject({ ...taken, port: address.port });
    }
    expect(await ask(address, soa())).toMatchObject({ aa: 1 });
  });

  it('is refused where another process has it, even if that would share it', async () => {
    const program = `
      const socket = require('node:dgram').createSocket({ type: 'udp4', reusePort: true });
      socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));
    `;
    const other = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line]: Buffer[] = await once(other.stdout, 'data');
      const port = Number(line!.toString());
      const server = nativeServer({ native: { workers: 2 } }, createTestResponder(), [{ host: '127.0.0.1', port }]);
      await expect(server.listen()).rejects.toMatchObject({ ...taken, port });
    } finally {
      other.kill();
      await once(other, 'exit');
    }
  });

  it('is not shared with anybody later where one thread serves it', async () => {
    const { address } = await start({ workers: 1 });
    const other = createSocket({ type: 'udp4', reusePort: true });
    const failed = once(other, 'listening');
    other.bind(address.port, address.host);
    await expect(failed).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
  });

  it('is refused where this machine does not have the address', async () => {
    const elsewhere = nativeServer({}, createTestResponder(), [{ host: '192.0.2.1', port: 0 }]);
    await expect(elsewhere.listen()).rejects.toMatchObject({ code: 'EADDRNOTAVAIL', address: '192.0.2.1' });
  });
});
