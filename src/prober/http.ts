import type { Socket } from 'node:net';
import { Client } from 'undici';
import { dial, dialTls } from './dial.ts';
import { ProbeError } from './failure.ts';
import type { Flight, ProbeFunction, ProbeMeans } from './probe.ts';
import { hostHeader, judgeResponse, MAX_HEADER_BYTES, MAX_RESPONSE_BYTES } from './response.ts';

/**
 * Makes the probe for `http` and `https`: a GET by HTTP/1.1 over a connection of its own to the monitor's address, with the
 * host as SNI and Host. Redirects are answers, not orders.
 */
export function createHttpProbe({ secureContext, headersFor }: ProbeMeans): ProbeFunction {
  return async (monitor, flight) => {
    const own = await headersFor(monitor.host);
    const tls = monitor.protocol === 'https';
    const socket = tls
      ? await dialTls(monitor, flight, await secureContext(), 'http/1.1')
      : await dial(monitor, flight);
    const client = clientOver(socket);
    watchReading(socket, flight);
    try {
      const { statusCode, headers, body } = await client.request({
        method: 'GET',
        path: monitor.path,
        headers: { host: hostHeader(monitor), 'user-agent': 'azimuth-probe', accept: '*/*', ...own },
        // Sends `connection: close` (RFC 9112 §9.6).
        reset: true,
      });
      flight.trace.status = statusCode;
      return await judgeResponse(monitor.expect, { status: statusCode, headers, body });
    } finally {
      socket.destroy();
      await client.destroy();
    }
  };
}

/** The flight's own timeout rules, so the client has none. Its origin never reaches the wire. */
function clientOver(socket: Socket): Client {
  return new Client('http://probe.invalid', {
    // Not at once: the client is then still busy asking and would never send.
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/**
 * The client bounds header and body, but not what lies between: whatever a server says without an end would be read as fast
 * as it comes until the time is up. The client reads on `readable` as well: listening to `data` would take the response
 * away from it.
 */
function watchReading(socket: Socket, { trace }: Flight): void {
  let reading: 'waiting' | 'begun' = 'waiting';
  socket.on('readable', () => {
    if (socket.bytesRead === 0) return;
    if (reading === 'waiting') trace.enter('reading the response');
    reading = 'begun';
    if (socket.bytesRead <= MAX_RESPONSE_BYTES) return;
    socket.destroy(new ProbeError('protocol', `the response has over ${MAX_RESPONSE_BYTES} octets`));
  });
}
