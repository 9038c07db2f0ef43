import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6, type Socket } from 'node:net';
import type { Monitor } from '../core/desired/model.ts';
import { dial, ipAddress } from './dial.ts';
import { type Asked, answers, askedBy, isTruncated, judgeAnswer, MAX_ANSWER_BYTES, queryOf } from './dns-message.ts';
import { ProbeError } from './failure.ts';
import type { Flight, ProbeFunction } from './probe.ts';

/**
 * Probe of a DNS server: one question over UDP, asked again over TCP where the answer is truncated (RFC 7766 §5). The
 * datagram is sent once: one that is lost is a timeout, and `probe-fall` forgives some.
 */
export const probeDns: ProbeFunction = async (monitor, flight) => {
  const asked = askedBy(monitor, randomInt(0x1_0000));
  const short = await askByUdp(monitor, asked, flight);
  if (!isTruncated(short)) return judgeAnswer(short, asked, monitor.expect);
  const socket = await dial(monitor, flight);
  try {
    return judgeAnswer(await askByTcp(socket, asked, flight), asked, monitor.expect);
  } finally {
    socket.destroy();
  }
};

/** The socket is connected: what comes from anywhere else is dropped by the system, and a closed port is told of. */
async function askByUdp(monitor: Monitor, asked: Asked, flight: Flight): Promise<Buffer> {
  const address = ipAddress(monitor);
  const query = queryOf(asked);
  const [type, family] = isIPv6(address) ? (['udp6', 6] as const) : (['udp4', 4] as const);
  // Without a lookup of its own the socket takes a detour by the system's for an address that is one already.
  const socket = createSocket({ type, lookup: (_name, _options, done) => done(null, address, family) });
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const stop = (): void => reject(new ProbeError('timeout', 'the time is up'));
  socket.on('error', reject);
  socket.on('message', (message) => {
    if (answers(message, asked)) resolve(message);
  });
  flight.signal.addEventListener('abort', stop, { once: true });
  if (flight.signal.aborted) stop();
  socket.connect(monitor.port, address, () => {
    flight.trace.enter('waiting for the response');
    socket.send(query);
  });
  try {
    const message = await promise;
    flight.trace.enter('reading the response');
    return message;
  } finally {
    flight.signal.removeEventListener('abort', stop);
    socket.close();
  }
}

/** A message over TCP stands behind its length in two octets (RFC 1035 §4.2.2). */
function askByTcp(socket: Socket, asked: Asked, flight: Flight): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    if (received.length === 0) flight.trace.enter('reading the response');
    received = Buffer.concat([received, chunk]);
    if (received.length < 2) return;
    const length = received.readUInt16BE(0);
    if (length > MAX_ANSWER_BYTES) reject(new ProbeError('protocol', `answer over ${MAX_ANSWER_BYTES} octets`));
    if (received.length < 2 + length) return;
    const message = received.subarray(2, 2 + length);
    if (answers(message, asked)) resolve(message);
    else reject(new ProbeError('protocol', 'not an answer to the query'));
  });
  socket.once('error', reject);
  socket.once('close', () => reject(new ProbeError('reset', 'the connection was closed')));
  const query = queryOf(asked);
  socket.write(Buffer.concat([Buffer.of(query.length >> 8, query.length & 0xff), query]));
  return promise;
}
