import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { DnsServer, ListenAddress } from '../core/ports.ts';
import { createClientAddress, readAddress } from './client-address.ts';
import type { DnsCounting } from './counts-block.ts';
import type { Responder } from './respond.ts';
import { MAX_UDP_OCTETS, udpSlotOctets } from './settings.ts';

/** Receive buffer asked of the system, in octets: its default loses bursts. The system may give less. */
const UDP_RECEIVE_BUFFER_OCTETS = 2 * 1024 * 1024;
/** Sends under way on one socket; a datagram that comes while all are busy is dropped and counted. */
const UDP_SENDS_IN_FLIGHT = 256;

/** What a UDP server needs. */
export type UdpServerOptions = {
  /** IP addresses to listen on; port 0 takes a free one. `::` is IPv6 alone: name `0.0.0.0` beside it. */
  readonly listen: readonly ListenAddress[];
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

async function bind(socket: Socket, { host, port }: ListenAddress): Promise<ListenAddress> {
  // With a synchronous lookup `bind` may be done before it returns. `once` rejects where an error comes first.
  const listening = once(socket, 'listening');
  socket.bind({ address: host, port });
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
  const sends = createSendSlots(counting);

  const onMessage = (query: Buffer, peer: RemoteInfo): void => {
    if (query.length > longest) {
      counting.drop('oversize');
      return;
    }
    // Nobody can be answered there; some systems refuse the send with an exception.
    const slot = peer.port === 0 ? undefined : sends.take();
    if (slot === undefined) {
      counting.drop(peer.port === 0 ? 'source-port' : 'busy');
      return;
    }
    readAddress(peer.address, client);
    const length = responder.respond(query, query.length, client, 'udp', slot.out);
    if (length === 0) {
      slot.release();
      return;
    }
    try {
      socket.send(slot.out, 0, length, peer.port, peer.address, slot.sent);
    } catch (error) {
      slot.sent(error instanceof Error ? error : new Error(String(error)));
    }
  };

  socket.on('message', onMessage);
  // An error after the bind belongs to one datagram; the socket goes on.
  socket.on('error', () => counting.drop('send-failed'));
}

/** A buffer that belongs to one send until the system has taken it. */
type SendSlot = { readonly out: Buffer; readonly sent: (error: Error | null) => void; readonly release: () => void };

/** Slots are made as they are first needed, up to the limit, and kept. */
function createSendSlots(counting: DnsCounting) {
  const free: SendSlot[] = [];
  let made = 0;

  const make = (): SendSlot => {
    made++;
    const slot: SendSlot = {
      out: Buffer.alloc(MAX_UDP_OCTETS),
      release: () => {
        free.push(slot);
      },
      sent: (error) => {
        if (error) counting.drop('send-failed');
        slot.release();
      },
    };
    return slot;
  };

  return {
    take: (): SendSlot | undefined => free.pop() ?? (made < UDP_SENDS_IN_FLIGHT ? make() : undefined),
  };
}
