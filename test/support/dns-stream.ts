/** Steady clients of one address. */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { ListenAddress } from '../../src/core/ports.ts';

/** Enough ports that the system spreads them over all sockets of an address. */
const CLIENTS = 16;
/** How often each asks, in ms. */
export const ASK_MS = 10;

/**
 * What the clients saw until they stopped. `longestSilence`: the most queries that any of them asked in a row without an
 * answer in between: a machine that has no time for the clients is no silence of the server's.
 */
export type Seen = { readonly answered: number; readonly longestSilence: number };

/** Clients that ask again and again, each from its own port, until they are stopped. */
export function startQueryStream(at: ListenAddress, octets: () => Buffer): { seen(): Seen; stop(): void } {
  let answered = 0;
  let longestSilence = 0;
  const clients = Array.from({ length: CLIENTS }, () => {
    const socket = createSocket(isIPv6(at.host) ? 'udp6' : 'udp4');
    let unanswered = 0;
    socket.on('message', () => {
      answered += 1;
      unanswered = 0;
    });
    const timer = setInterval(() => {
      longestSilence = Math.max(longestSilence, unanswered);
      unanswered += 1;
      socket.send(octets(), at.port, at.host);
    }, ASK_MS);
    return { socket, timer };
  });
  return {
    seen: () => ({ answered, longestSilence }),
    stop() {
      for (const { socket, timer } of clients) {
        clearInterval(timer);
        socket.close();
      }
    },
  };
}
