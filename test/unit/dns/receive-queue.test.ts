import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import type { ListenAddress } from '../../../src/core/ports.ts';
import { createReceiveQueues } from '../../../src/dns/receive-queue.ts';
import { eventually } from '../../support/eventually.ts';

const FLOOD = 400;
const OCTETS = 1000;

/** Sockets on one port in a process of their own, with queues for a few datagrams; it says the port. */
const LISTENER = `
  const { createSocket } = require('node:dgram');
  const [host, port, count] = process.argv.slice(1);
  const open = (at, left) => {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only: host.includes(':'), reusePort: true });
    socket.on('message', () => {});
    socket.bind(at, host, () => {
      socket.setRecvBufferSize(4096);
      if (left > 1) open(socket.address().port, left - 1);
      else console.log(socket.address().port);
    });
  };
  open(Number(port), Number(count));
`;

const children: ChildProcess[] = [];

afterEach(() => Promise.all(children.splice(0).map(end)));

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await ended;
}

async function listen(host: string, port = 0, count = 1) {
  const words = ['-e', LISTENER, host, String(port), String(count)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, address: { host, port: Number(line) } };
}

/** Sends more than a stopped listener can keep; each datagram from another port, so that they are spread over the sockets. */
async function flood({ host, port }: ListenAddress): Promise<void> {
  for (let round = 0; round < 10; round++) {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const sent = Array.from(
      { length: FLOOD / 10 },
      () => new Promise((resolve) => socket.send(Buffer.alloc(OCTETS), port, host, resolve)),
    );
    await Promise.all(sent);
    socket.close();
  }
}

describe.skipIf(process.platform !== 'linux')('datagrams for which there was no room (Linux)', () => {
  it.each(['127.0.0.1', '::1'])(
    'are counted for a listener on %s, and go on from there when it is opened again',
    async (host) => {
      const queues = createReceiveQueues();
      const { child, address } = await listen(host);
      const read = async () => (await queues.read([address]))[0]?.count;
      expect(await read()).toBe(0);
      child.kill('SIGSTOP');
      await flood(address);
      await eventually(async () => expect(await read()).toBeGreaterThan(FLOOD / 2));
      const first = (await read()) ?? 0;
      expect(first).toBeLessThanOrEqual(FLOOD);

      await end(child);
      expect(await read()).toBe(first);
      const again = await listen(host, address.port);
      expect(again.address).toEqual(address);
      expect(await read()).toBe(first);
      again.child.kill('SIGSTOP');
      await flood(address);
      await eventually(async () => expect(await read()).toBeGreaterThan(first + FLOOD / 2));
    },
  );

  it('are summed over the sockets of one address, and told apart by address and port', async () => {
    const queues = createReceiveQueues();
    const [four, other] = [await listen('127.0.0.1', 0, 4), await listen('127.0.0.1')];
    four.child.kill('SIGSTOP');
    await flood(four.address);
    await eventually(async () => {
      const [sum, none] = await queues.read([four.address, other.address]);
      // Four queues of a few each: fewer would say that one of them was forgotten.
      expect(sum?.count).toBeGreaterThan(FLOOD / 2);
      expect(none).toEqual({ address: other.address, count: 0 });
    });
  });

  it('are not told of where nobody listens', async () => {
    const { child, address } = await listen('127.0.0.1');
    await end(child);
    expect(await createReceiveQueues().read([address, { host: 'no address', port: 53 }])).toEqual([]);
  });
});

describe('the table of sockets', () => {
  const ADDRESS = { host: '192.0.2.1', port: 53 };
  const text = endianness() === 'LE' ? '010200C0:0035' : 'C0000201:0035';
  const row = (inode: number, drops: number, peer = '00000000:0000') =>
    `  1: ${text} ${peer} 07 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2 0000000000000000 ${drops}  \n`;

  async function reading(...tables: readonly string[]): Promise<readonly (number | undefined)[]> {
    const file = join(tmpdir(), `azimuth-sockets-${process.pid}-${crypto.randomUUID()}`);
    const queues = createReceiveQueues({ 4: file, 6: file });
    const counts: (number | undefined)[] = [];
    for (const table of tables) {
      await writeFile(file, table);
      counts.push((await queues.read([ADDRESS]))[0]?.count);
    }
    await rm(file);
    return counts;
  }

  it('may miss a socket once: it is not counted twice when it is there again', async () => {
    expect(await reading(row(7, 5) + row(8, 1), row(8, 2), '', row(7, 5) + row(8, 2))).toEqual([6, 7, 7, 7]);
  });

  it('gives the inode of a socket that is gone to another one', async () => {
    expect(await reading(row(7, 5), row(7, 1), row(7, 2))).toEqual([5, 6, 7]);
  });

  it('has sockets that are connected, and lines that make no sense, which do not count', async () => {
    const odd = `  2: ${text} 00000000:0000 07\n  3: ${text} 00000000:0000 x x x x x 9 x x -4\n  4: ${text} 00000000:0000`;
    expect(await reading(odd, row(7, 3) + row(9, 4, '010200C0:1234') + odd)).toEqual([undefined, 3]);
  });
});
