import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { DnsServer } from '../core/dns-ports.ts';
import type { ListenAddress } from '../core/ports.ts';
import { createMessageBuffer, type MessageBuffer } from '../core/snapshot/message-buffer.ts';
import { createClientAddress, readAddress } from './client-address.ts';
import type { DnsCounting } from './counts-block.ts';
import type { Responder } from './respond.ts';
import { MAX_UDP_OCTETS, udpSlotOctets } from './settings.ts';

/** Receive buffer asked of the system, in octets: its default loses bursts. The system may give less. */
const UDP_RECEIVE_BUFFER_OCTETS = 2 * 1024 * 1024;
/** Answers that the system has not taken yet, on one socket; a query that comes while there are so many is dropped. */
const UDP_SENDS_IN_FLIGHT = 256;
/** One answer in so many is asked for its outcome: to hear of each costs more than the lookup. */
const SENDS_PER_REPORT = 16;
/** Answers that are all asked for their outcome, at the start and behind each failure. */
const SENDS_WATCHED = 1000;

/** Where to listen. `fd`: a socket of the system that is bound there already; it is taken over, and closed with the server. */
export type UdpAddress = ListenAddress & { readonly fd?: number };

/** What a UDP server needs. */
export type UdpServerOptions = {
  /** IP addresses to listen on; port 0 takes a free one. `::` is IPv6 alone: name `0.0.0.0` beside it. */
  readonly listen: readonly UdpAddress[];
  readonly responder: Responder;
  readonly counting: DnsCounting;
  /** As the responder's. */
  readonly udpSize: number;
};

/** DNS over UDP by node:dgram: the portable engine. One socket per address; the answers leave from there (RFC 2181 §4). */
export function createUdpServer(options: UdpServerOptions): DnsServer {
  const sockets: Socket[] = [];

  const close = async (): Promise<void> => {
    await Promise.all(sockets.splice(0).map(closeSocket));
  };

  const listen = async (): Promise<readonly ListenAddress[]> => {
    try {
      const bound: ListenAddress[] = [];
      for (const address of options.listen) {
        const socket = openSocket(address);
        sockets.push(socket);
        bound.push(await bind(socket, address));
        serve(socket, options);
      }
      return bound;
    } catch (error) {
      await close();
      throw error;
    }
  };

  return { listen, close };
}

function openSocket({ host }: ListenAddress): Socket {
  const isV6 = isIPv6(host);
  const family = isV6 ? 6 : 4;
  return createSocket({
    type: isV6 ? 'udp6' : 'udp4',
    ipv6Only: isV6,
    // Peers come as addresses: asking the resolver for each of them would cost a turn of the event loop.
    lookup: (address, _options, callback) => callback(null, address, family),
  });
}

async function bind(socket: Socket, { host, port, fd }: UdpAddress): Promise<ListenAddress> {
  // With a synchronous lookup `bind` may be done before it returns. `once` rejects where an error comes first.
  const listening = once(socket, 'listening');
  socket.bind(fd === undefined ? { address: host, port } : { fd });
  await listening;
  try {
    socket.setRecvBufferSize(UDP_RECEIVE_BUFFER_OCTETS);
  } catch {
    // The system's own size will do.
  }
  return { host, port: socket.address().port };
}

async function closeSocket(socket: Socket): Promise<void> {
  const closed = once(socket, 'close');
  try {
    socket.close();
  } catch {
    return;
  }
  await closed;
}

function serve(socket: Socket, { responder, counting, udpSize }: UdpServerOptions): void {
  const client = createClientAddress();
  const longest = udpSlotOctets(udpSize);
  const answers = createAnswers(socket, counting);
  const asked = createMessageBuffer(longest);

  const onMessage = (query: Buffer, peer: RemoteInfo): void => {
    if (query.length > longest) {
      counting.drop('oversize');
      return;
    }
    // Nobody can be answered there; some systems refuse the send with an exception.
    if (peer.port === 0) {
      counting.drop('source-port');
      return;
    }
    const out = answers.take();
    if (out === undefined) return;
    readAddress(peer.address, client);
    asked.octets.set(query);
    const length = responder.respond(asked, query.length, client, 'udp', out);
    if (length > 0) answers.send(length, peer.port, peer.address);
  };

  socket.on('message', onMessage);
  // An error after the bind belongs to one datagram; the socket goes on.
  socket.on('error', () => counting.drop('send-failed'));
}

/** What `createAnswers` needs of a socket. */
export type AnswerSocket = {
  send(octets: Uint8Array, port: number, address: string, sent?: (error: Error | null) => void): void;
  /** Datagrams that the system has not taken yet. */
  getSendQueueCount(): number;
};

/** Where answers are written, and how they leave. */
export type Answers = {
  /** The room for the next answer; undefined where too many are under way, which is counted. */
  take(): MessageBuffer | undefined;
  /** Sends the first octets of that room. Never throws. */
  send(length: number, port: number, address: string): void;
};

/**
 * Answers by way of one buffer, as long as the system takes each at once. One that has to wait keeps the buffer, and the
 * next gets another. Failures are counted as `send-failed`: all of them while there are any, else about one in
 * `SENDS_PER_REPORT`, because Node tells the outcome of a send by a turn of its own.
 */
export function createAnswers(socket: AnswerSocket, counting: DnsCounting): Answers {
  let out = createMessageBuffer(MAX_UDP_OCTETS);
  /** The heads of `out` by their length: to make one costs as much as the copy that it saves. */
  let heads: (Uint8Array | undefined)[] = [];
  let waiting = 0;
  let watched = SENDS_WATCHED;
  let unasked = 0;

  const sent = (error: Error | null): void => {
    if (error === null) return;
    counting.drop('send-failed');
    watched = SENDS_WATCHED;
  };

  const isWatched = (): boolean => {
    if (watched > 0) watched -= 1;
    else if (++unasked < SENDS_PER_REPORT) return false;
    unasked = 0;
    return true;
  };

  return {
    take() {
      if (waiting >= UDP_SENDS_IN_FLIGHT) {
        waiting = socket.getSendQueueCount();
        if (waiting >= UDP_SENDS_IN_FLIGHT) {
          counting.drop('busy');
          return undefined;
        }
      }
      return out;
    },
    send(length, port, address) {
      heads[length] ??= out.octets.subarray(0, length);
      try {
        if (isWatched()) socket.send(heads[length], port, address, sent);
        else socket.send(heads[length], port, address);
        waiting = socket.getSendQueueCount();
      } catch (error) {
        sent(error instanceof Error ? error : new Error(String(error)));
      }
      if (waiting === 0) return;
      out = createMessageBuffer(MAX_UDP_OCTETS);
      heads = [];
    },
  };
}
