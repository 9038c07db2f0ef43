import { once } from 'node:events';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { DnsServer, TcpCloseReason } from '../core/dns-ports.ts';
import type { Clock, ListenAddress } from '../core/ports.ts';
import { createMessageBuffer } from '../core/snapshot/message-buffer.ts';
import { type ClientAddress, createClientAddress, readAddress } from './client-address.ts';
import type { DnsCounting } from './counts-block.ts';
import { createFramer, type Framer, LENGTH_OCTETS } from './framer.ts';
import { createIdleQueue } from './idle-queue.ts';
import type { Responder } from './respond.ts';
import { HEADER_OCTETS, MAX_MESSAGE_OCTETS, write16 } from './wire.ts';

/** Answers that wait for a slow reader, in octets; above it no more of its queries are read. */
const TCP_UNSENT_OCTETS = 65_536;
/** How long a closing server waits for its last answers to leave, in ms. */
const TCP_CLOSE_MS = 1000;

/** What a TCP server needs. */
export type TcpServerOptions = {
  /** IP addresses to listen on; port 0 takes a free one. `::` is IPv6 alone: name `0.0.0.0` beside it. */
  readonly listen: readonly ListenAddress[];
  readonly responder: Responder;
  readonly counting: DnsCounting;
  readonly clock: Clock;
  /** Connections at once over all addresses; one more ends the longest idle. */
  readonly maxConnections: number;
  /** A connection without a whole query for so long is closed, in ms (RFC 7766 §6.2.3). */
  readonly idleMs: number;
};

/** One client. */
type Connection = {
  readonly socket: Socket;
  readonly client: ClientAddress;
  readonly framer: Framer;
  /** Why we close it; `client` until we do. */
  reason: TcpCloseReason;
};

/** DNS over TCP (RFC 7766): pipelined queries are answered in order, in as few segments as they come in. */
export function createTcpServer(options: TcpServerOptions): DnsServer {
  const { counting, clock } = options;
  const servers: Server[] = [];
  const connections = new Set<Connection>();
  const answerAll = createAnswering(options.responder);
  const idle = createIdleQueue<Connection>(clock, options.idleMs, (connection) =>
    end(connection, connection.socket.writableNeedDrain ? 'slow' : 'idle'),
  );

  const onConnection = (socket: Socket): void => {
    if (idle.size >= options.maxConnections) evict();
    const connection: Connection = { socket, client: createClientAddress(), framer: createFramer(), reason: 'client' };
    readAddress(socket.remoteAddress ?? '', connection.client);
    counting.tcpOpened();
    connections.add(connection);
    idle.touch(connection);
    const read = (): void => {
      if (connection.reason !== 'client') return;
      const result = answerAll(connection);
      if (result === 'answered') idle.touch(connection);
      if (result === 'malformed') {
        // What was asked before still gets its answers.
        connection.reason = 'malformed';
        socket.destroySoon();
      } else if (socket.writableNeedDrain) socket.pause();
      else socket.resume();
    };
    socket.on('data', (chunk) => {
      // Without an encoding the chunks are octets; the types cannot know.
      if (typeof chunk !== 'string') connection.framer.push(chunk);
      read();
    });
    socket.on('drain', read);
    socket.on('error', () => {
      if (connection.reason === 'client') connection.reason = 'error';
    });
    socket.on('close', () => {
      idle.remove(connection);
      connections.delete(connection);
      counting.tcpClosed(connection.reason);
    });
  };

  const evict = (): void => {
    const oldest = idle.oldest();
    if (oldest !== undefined) end(oldest, 'evicted');
  };

  const end = (connection: Connection, reason: TcpCloseReason): void => {
    if (connection.reason === 'client') connection.reason = reason;
    idle.remove(connection);
    connection.socket.destroy();
  };

  const listen = async (): Promise<readonly ListenAddress[]> => {
    try {
      const bound: ListenAddress[] = [];
      for (const address of options.listen) {
        const server = createServer({ noDelay: true, highWaterMark: TCP_UNSENT_OCTETS }, onConnection);
        servers.push(server);
        bound.push(await bind(server, address));
      }
      return bound;
    } catch (error) {
      await close();
      throw error;
    }
  };

  const close = async (): Promise<void> => {
    const closed = servers.splice(0).map(closeServer);
    idle.close();
    for (const connection of connections) {
      connection.reason = 'shutdown';
      connection.socket.destroySoon();
    }
    const cancel = clock.after(TCP_CLOSE_MS, () => {
      for (const connection of connections) connection.socket.destroy();
    });
    await Promise.all(closed);
    cancel();
  };

  return { listen, close };
}

/**
 * Answers the whole messages that a connection has sent, until its reader is too slow. `malformed`: a message that is
 * too short for a header; what follows cannot be trusted.
 */
function createAnswering(responder: Responder): (connection: Connection) => 'answered' | 'nothing' | 'malformed' {
  const asked = createMessageBuffer(MAX_MESSAGE_OCTETS);
  const out = createMessageBuffer(MAX_MESSAGE_OCTETS);
  return ({ socket, client, framer }) => {
    let result: 'answered' | 'nothing' | 'malformed' = 'nothing';
    // One segment for the answers to one segment (RFC 7766 §8).
    socket.cork();
    while (!socket.writableNeedDrain) {
      const query = framer.next();
      if (query === undefined) break;
      if (query.length < HEADER_OCTETS) {
        result = 'malformed';
        break;
      }
      asked.octets.set(query);
      const length = responder.respond(asked, query.length, client, 'tcp', out);
      if (length === 0) continue;
      socket.write(frame(out.octets, length));
      result = 'answered';
    }
    socket.uncork();
    return result;
  };
}

/** A copy with its length before it: the socket keeps it until the client took it. */
function frame(message: Uint8Array, length: number): Buffer {
  const framed = Buffer.allocUnsafe(LENGTH_OCTETS + length);
  write16(framed, 0, length);
  framed.set(message.subarray(0, length), LENGTH_OCTETS);
  return framed;
}

async function bind(server: Server, { host, port }: ListenAddress): Promise<ListenAddress> {
  server.listen({ host, port, ipv6Only: isIPv6(host) });
  await once(server, 'listening');
  // What fails afterwards concerns one connection to be accepted, for example too many open files.
  server.on('error', () => undefined);
  const bound = server.address();
  return { host, port: typeof bound === 'object' && bound !== null ? bound.port : port };
}

async function closeServer(server: Server): Promise<void> {
  const closed = Promise.withResolvers<void>();
  // Its only error is that it was not listening.
  server.close(() => closed.resolve());
  await closed.promise;
}
