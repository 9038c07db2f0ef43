import { once } from 'node:events';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { expect } from 'vitest';
import type { ServerCertificate } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';

/** A server that says what a test wants, over TCP or TLS. */
export type RawServer = {
  readonly address: '127.0.0.1';
  readonly port: number;
  /** Octets received and sent over all connections. */
  received(): number;
  sent(): number;
  /** Settles when every connection was ended by the other side, then closes. */
  stop(): Promise<void>;
};

/** What a server does with a connection; a function that is returned runs when it is closed. */
export type Behaviour = (socket: Socket) => unknown;

/** Starts a TCP server on a free port. */
export function startTcp(behave: Behaviour): Promise<RawServer> {
  return run(createTcpServer(), 'connection', behave);
}

/** Starts a TLS server on a free port; `behave` begins after the handshake. */
export function startTls(
  certificate: ServerCertificate,
  behave: Behaviour,
  options: TlsOptions = {},
): Promise<RawServer> {
  return run(createTlsServer({ ...certificate, ...options }), 'secureConnection', behave);
}

async function run(server: Server, event: 'connection' | 'secureConnection', behave: Behaviour): Promise<RawServer> {
  const open = new Set<Socket>();
  let [octets, sent] = [0, 0];
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket
      .on('error', () => {})
      .once('close', () => {
        open.delete(socket);
        sent += socket.bytesWritten - socket.writableLength;
      });
  });
  server.on(event, (socket: Socket) => {
    socket.on('error', () => {});
    const after = behave(socket);
    socket.on('data', (chunk: Buffer) => {
      octets += chunk.length;
    });
    socket.once('close', () => typeof after === 'function' && void after());
  });
  // A client that refuses us.
  server.on('tlsClientError', () => {});
  return {
    address: '127.0.0.1',
    port: await listening(server),
    received: () => octets,
    sent: () => sent,
    async stop() {
      await eventually(() => expect(open.size).toBe(0));
      server.close();
      await once(server, 'close');
    },
  };
}

/** Listens on a free port of 127.0.0.1 and tells which. */
export async function listening(server: Pick<Server, 'listen' | 'once' | 'address'>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Writes a piece every `ms` until the connection ends. */
export function drip(piece: string | Buffer, ms: number): Behaviour {
  return (socket) => {
    const timer = setInterval(() => socket.write(piece), ms);
    return () => clearInterval(timer);
  };
}

/** Writes a piece again and again, as fast as it is taken. */
export function flood(piece: string | Buffer): (socket: Socket) => void {
  return (socket) => {
    const more = (): void => {
      while (socket.writable && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  };
}

/** Says something first. */
export function saying(first: string | Buffer, behave: Behaviour): Behaviour {
  return (socket) => {
    socket.write(first);
    return behave(socket);
  };
}
