import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { Client } from 'undici';
import type { Monitor, ProbeExpectation } from '../core/desired/model.ts';
import { dial, dialTls } from './dial.ts';
import { failed, type ProbeFunction, type ProbeOutcome, SUCCESS } from './probe.ts';

/** Most octets of a response body that a probe reads; an expected text must lie within. */
export const MAX_BODY_BYTES = 65_536;
/** Most octets of all response headers together. */
export const MAX_HEADER_BYTES = 16_384;

/** A body that reads well on an error page is still an error page. */
const STATUS_OF_A_GOOD_BODY: readonly (readonly [number, number])[] = [[200, 399]];

/**
 * Makes the probe for `http` and `https`: a GET over a connection of its own to the monitor's address, with the host as
 * SNI and Host. Redirects are answers, not orders. The response is read to its end or to `MAX_BODY_BYTES`, so that a
 * server that sends its header and hangs has failed.
 */
export function createHttpProbe(secureContext: () => Promise<SecureContext>): ProbeFunction {
  return async (monitor, flight) => {
    const tls = monitor.protocol === 'https';
    const socket = tls ? await dialTls(monitor, flight, await secureContext()) : await dial(monitor, flight);
    const client = clientOver(socket);
    try {
      const response = await client.request({
        method: 'GET',
        path: monitor.path,
        headers: { host: hostHeader(monitor), 'user-agent': 'azimuth-probe', accept: '*/*' },
        // Sends `connection: close` (RFC 9112 §9.6).
        reset: true,
      });
      return await judge(monitor.expect, response.statusCode, response.body);
    } finally {
      socket.destroy();
      await client.destroy();
    }
  };
}

/** The value of the Host header (RFC 9110 §7.2): the port is left out where the scheme implies it. */
export function hostHeader(monitor: Monitor): string {
  const implied = monitor.protocol === 'https' ? 443 : 80;
  return monitor.port === implied ? monitor.host : `${monitor.host}:${monitor.port}`;
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

async function judge(expect: ProbeExpectation, status: number, body: AsyncIterable<Buffer>): Promise<ProbeOutcome> {
  const ranges = expect.kind === 'status' ? expect.ranges : STATUS_OF_A_GOOD_BODY;
  if (!ranges.some(([low, high]) => status >= low && status <= high)) return failed('status', `status ${status}`);
  const text = await readBody(body);
  if (expect.kind === 'status' || text.includes(expect.text)) return SUCCESS;
  return failed('body', `the text is not in the first ${text.length} octets of the body`);
}

async function readBody(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES);
}
