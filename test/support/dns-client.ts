/** A raw DNS client: octets out, octets in, over real sockets. */
import { createSocket, type SocketType } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6 } from 'node:net';
import type { ListenAddress } from '../../src/core/ports.ts';
import { QTYPE, query, type Response, readResponse, u16 } from './dns-message.ts';

/** How long a server on the same machine may take, in ms; a test that waits so long has failed. */
const PATIENCE_MS = 5000;

/** Sends one datagram after the other from one socket and returns the answers, one for each datagram but the silent. */
async function datagrams(server: ListenAddress, messages: readonly Buffer[], answers: number): Promise<Buffer[]> {
  const type: SocketType = isIPv6(server.host) ? 'udp6' : 'udp4';
  const socket = createSocket(type);
  const came: Buffer[] = [];
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(() => done.reject(new Error(`${came.length} of ${answers} answers came`)), PATIENCE_MS);
  socket.on('error', done.reject);
  socket.on('message', (octets) => {
    came.push(octets);
    if (came.length === answers) done.resolve();
  });
  try {
    for (const octets of messages) socket.send(octets, server.port, server.host);
    await done.promise;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
  return came;
}

/** Asks over UDP and reads the answer. */
export async function ask(server: ListenAddress, octets: Buffer): Promise<Response> {
  const [answer] = await datagrams(server, [octets], 1);
  if (answer === undefined) throw new Error('no answer');
  return readResponse(answer);
}

/** Asks many at once over UDP; the answers in the order in which they came. */
export async function askMany(server: ListenAddress, messages: readonly Buffer[]): Promise<readonly Response[]> {
  return (await datagrams(server, messages, messages.length)).map(readResponse);
}

/**
 * Whether a datagram gets no answer. Behind it goes an ordinary query from the same socket; the server reads them in
 * order, so when only the second is answered the first was dropped.
 */
export async function isSilentOn(server: ListenAddress, octets: Buffer): Promise<boolean> {
  const sentinel = query('sentinel.invalid', QTYPE.A, undefined, { id: 0xfffe });
  const [first] = await datagrams(server, [octets, sentinel], 1);
  return first?.readUInt16BE(0) === 0xfffe;
}

/** A TCP connection to a DNS server. */
export type TcpClient = {
  /** Sends octets as they are. */
  write(octets: Buffer): void;
  /** The next whole message. Rejects where the connection ends before it. */
  receive(): Promise<Buffer>;
  /** Resolves when the server has closed the connection. */
  closed(): Promise<void>;
  /** Stops and goes on reading from the socket. */
  pause(): void;
  resume(): void;
  /** Sends FIN, and still reads. */
  finish(): void;
  destroy(): void;
};

/** A message with its length before it (RFC 1035 §4.2.2). */
export function framed(octets: Buffer): Buffer {
  return Buffer.concat([u16(octets.length), octets]);
}

export async function openTcp(server: ListenAddress): Promise<TcpClient> {
  const socket = connect({ host: server.host, port: server.port, noDelay: true, allowHalfOpen: true });
  await once(socket, 'connect');
  let held = Buffer.alloc(0);
  let wake = Promise.withResolvers<void>();
  let state: 'open' | 'ended' = 'open';
  const ended = Promise.withResolvers<void>();
  const signal = (): void => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  const end = (): void => {
    state = 'ended';
    ended.resolve();
    signal();
  };
  socket.on('data', (chunk) => {
    if (typeof chunk !== 'string') held = Buffer.concat([held, chunk]);
    signal();
  });
  socket.on('end', end);
  socket.on('close', end);
  // A reset is one of the ways in which a server closes.
  socket.on('error', () => undefined);

  const receive = async (): Promise<Buffer> => {
    for (;;) {
      const length = held.length >= 2 ? held.readUInt16BE(0) : Number.POSITIVE_INFINITY;
      if (held.length >= 2 + length) {
        const octets = held.subarray(2, 2 + length);
        held = held.subarray(2 + length);
        return octets;
      }
      if (state === 'ended') throw new Error('the connection ended before a whole message');
      await within(wake.promise, 'a message');
    }
  };

  return {
    write: (octets) => void socket.write(octets),
    receive,
    closed: () => within(ended.promise, 'the end of the connection'),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    finish: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

/** Asks one thing over a connection of its own. */
export async function askTcp(server: ListenAddress, octets: Buffer): Promise<Response> {
  const client = await openTcp(server);
  try {
    client.write(framed(octets));
    return readResponse(await client.receive());
  } finally {
    client.destroy();
  }
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`waited too long for ${what}`)), PATIENCE_MS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
