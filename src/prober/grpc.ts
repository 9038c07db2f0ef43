import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import type { Monitor } from '../core/desired/model.ts';
import { dial } from './dial.ts';
import { ProbeError } from './failure.ts';
import { decodeHealthReply, encodeHealthRequest } from './grpc-health-message.ts';
import { hostHeader, MAX_HEADER_BYTES } from './http.ts';
import { failed, type ProbeFunction, type ProbeOutcome, SUCCESS } from './probe.ts';

/** Most octets of a health reply; a real one has seven. */
const MAX_REPLY_BYTES = 1024;

type Reply = { readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/**
 * Probe by the gRPC health checking protocol: `grpc.health.v1.Health/Check` over cleartext HTTP/2 with prior knowledge
 * (RFC 9113 §3.3). SERVING is a success; the monitor's path is the service, empty for the whole server.
 */
export const probeGrpc: ProbeFunction = async (monitor, flight) => {
  const socket = await dial(monitor, flight);
  const session = connect('http://probe.invalid', {
    createConnection: () => socket,
    settings: { enablePush: false, maxHeaderListSize: MAX_HEADER_BYTES },
    maxSessionMemory: 1,
  });
  try {
    return judge(await check(session, monitor));
  } finally {
    session.destroy();
    socket.destroy();
  }
};

function check(session: ClientHttp2Session, monitor: Monitor): Promise<Reply> {
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    session.once('close', () => reject(new ProbeError('reset', 'the connection was closed')));
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      ':authority': hostHeader(monitor),
      'content-type': 'application/grpc',
      'user-agent': 'azimuth-probe',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let headers: IncomingHttpHeaders = {};
    let size = 0;
    stream.on('error', reject);
    stream.on('response', (received) => {
      headers = { ...headers, ...received };
    });
    // A reply without a message has its status in the headers and no trailers ("Trailers-Only").
    stream.on('trailers', (received) => {
      headers = { ...headers, ...received };
    });
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_REPLY_BYTES) reject(new ProbeError('protocol', `reply over ${MAX_REPLY_BYTES} octets`));
      else chunks.push(chunk);
    });
    stream.once('close', () => reject(new ProbeError('reset', 'the stream was closed')));
    stream.once('end', () => resolve({ headers, body: Buffer.concat(chunks) }));
    stream.end(encodeHealthRequest(monitor.path));
  });
}

function judge({ headers, body }: Reply): ProbeOutcome {
  const status = headers[':status'];
  // Absent where the server ended the stream without a header.
  if (status === undefined) return failed('protocol', 'no response header');
  if (Number(status) !== 200) return failed('status', `status ${String(status)}`);
  if (!headers['content-type']?.startsWith('application/grpc')) return failed('protocol', 'not a gRPC response');
  const code = headers['grpc-status'];
  if (code === undefined) return failed('protocol', 'no grpc-status');
  if (code !== '0') return failed('status', `grpc-status ${String(code)} ${String(headers['grpc-message'] ?? '')}`);
  const serving = decodeHealthReply(body);
  if (serving === 'malformed') return failed('protocol', 'the health reply does not parse');
  return serving === 'SERVING' ? SUCCESS : failed('status', serving);
}
