import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import { ProbeError } from './failure.ts';
import { MAX_HEADER_BYTES } from './response.ts';

/** Memory that a session may take, in MB: the least that Node knows. */
const SESSION_MEMORY_MB = 1;

/** One request over HTTP/2, under way. */
export type Http2Exchange = {
  readonly stream: ClientHttp2Stream;
  /** The header of the response. Rejects where the session or the stream ends before. */
  readonly header: Promise<IncomingHttpHeaders>;
};

/**
 * Opens an HTTP/2 session over a socket that is open, hands it to `use` and ends both with it. Pushes are refused (RFC 9113
 * §8.4). The scheme of the requests is that of the socket.
 */
export async function withSession<T>(
  socket: Socket,
  scheme: 'http' | 'https',
  use: (session: ClientHttp2Session) => Promise<T>,
): Promise<T> {
  const session = connect(`${scheme}://probe.invalid`, {
    createConnection: () => socket,
    settings: { enablePush: false, maxHeaderListSize: MAX_HEADER_BYTES },
    maxSessionMemory: SESSION_MEMORY_MB,
  });
  const broken = new Promise<never>((_, reject) => {
    session.on('error', reject);
    session.once('close', () => reject(new ProbeError('reset', 'the connection was closed')));
  });
  try {
    return await Promise.race([use(session), broken]);
  } finally {
    // Nobody may be waiting for it any more.
    broken.catch(() => undefined);
    session.destroy();
    socket.destroy();
  }
}

/** Sends a request header. The caller writes the body and ends the stream; whatever comes after the header is his to read. */
export function exchange(session: ClientHttp2Session, request: OutgoingHttpHeaders): Http2Exchange {
  const stream = session.request(request);
  const header = new Promise<IncomingHttpHeaders>((resolve, reject) => {
    stream.once('response', resolve);
    stream.on('error', reject);
    stream.once('close', () => reject(new ProbeError('reset', 'the stream was closed')));
  });
  // A caller that gave up before is not told.
  header.catch(() => undefined);
  return { stream, header };
}
