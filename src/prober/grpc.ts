import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import type { Monitor } from '../core/desired/model.ts';
import { dial, dialTls } from './dial.ts';
import { ProbeError } from './failure.ts';
import { decodeHealthReply, encodeHealthRequest } from './grpc-health-message.ts';
import { exchange, withSession } from './http2-stream.ts';
import { type Flight, failed, type ProbeFunction, type ProbeMeans, type ProbeOutcome, SUCCESS } from './probe.ts';
import { NO_HEADERS, type RequestHeaders } from './request-headers.ts';
import { hostHeader } from './response.ts';

/** Most octets of a health reply; a real one has seven. */
const MAX_REPLY_BYTES = 1024;

type Reply = { readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/**
 * Makes the probe by the gRPC health checking protocol: `grpc.health.v1.Health/Check` over HTTP/2, for `grpc` in cleartext
 * with prior knowledge (RFC 9113 §3.3), for `grpcs` over TLS, where the server must choose it by ALPN. SERVING is a success;
 * the monitor's path is the service, empty for the whole server.
 */
export function createGrpcProbe({ secureContext, headersFor }: ProbeMeans): ProbeFunction {
  return async (monitor, flight) => {
    const own = await headersFor(monitor.host);
    const tls = monitor.protocol === 'grpcs';
    const socket = tls ? await dialTls(monitor, flight, await secureContext(), 'h2') : await dial(monitor, flight);
    const scheme = tls ? 'https' : 'http';
    const reply = await withSession(socket, scheme, (session) => check(session, monitor, flight, own));
    // A server may repeat in its message what it was sent, and that may be a secret.
    return judge(reply, own === NO_HEADERS ? 'told' : 'withheld');
  };
}

async function check(
  session: ClientHttp2Session,
  monitor: Monitor,
  flight: Flight,
  own: RequestHeaders,
): Promise<Reply> {
  const { stream, header } = exchange(session, {
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    ':authority': hostHeader(monitor),
    'content-type': 'application/grpc',
    'user-agent': 'azimuth-probe',
    te: 'trailers',
    ...own,
  });
  let trailers: IncomingHttpHeaders = {};
  // A reply without a message has its status in the headers and no trailers ("Trailers-Only").
  stream.on('trailers', (received) => {
    trailers = received;
  });
  stream.end(encodeHealthRequest(monitor.path));
  const headers = await header;
  flight.trace.enter('reading the response');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_REPLY_BYTES) throw new ProbeError('protocol', `reply over ${MAX_REPLY_BYTES} octets`);
    chunks.push(chunk);
  }
  return { headers: { ...headers, ...trailers }, body: Buffer.concat(chunks) };
}

function judge({ headers, body }: Reply, messages: 'told' | 'withheld'): ProbeOutcome {
  const status = headers[':status'];
  // Absent where the server ended the stream without a header.
  if (status === undefined) return failed('protocol', 'no response header');
  if (Number(status) !== 200) return failed('status', `status ${String(status)}`);
  if (!headers['content-type']?.startsWith('application/grpc')) return failed('protocol', 'not a gRPC response');
  const code = headers['grpc-status'];
  if (code === undefined) return failed('protocol', 'no grpc-status');
  if (code !== '0') {
    const message = messages === 'told' ? String(headers['grpc-message'] ?? '') : '';
    return failed('status', `grpc-status ${String(code)} ${message}`);
  }
  const serving = decodeHealthReply(body);
  if (serving === 'malformed') return failed('protocol', 'the health reply does not parse');
  return serving === 'SERVING' ? SUCCESS : failed('status', serving);
}
