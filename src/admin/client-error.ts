import type { Socket } from 'node:net';
import { PROBLEM_TYPE, PROBLEMS, type ProblemCode, problemBody } from './problems.ts';

const CODES: ReadonlyMap<string, ProblemCode> = new Map([
  ['HPE_HEADER_OVERFLOW', 'head-too-large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request-timeout'],
]);

/** Codes of Node's HTTP parser and of its HTTP server. */
const OF_HTTP = /^(HPE_|ERR_HTTP_)/;

/** Answers what Node's HTTP parser refused: there is no request yet, only a socket. */
export function answerClientError(error: { readonly code?: string }, socket: Socket): void {
  // What is wrong below HTTP cannot be answered in it: a handshake of TLS that failed, a connection that is gone.
  if (!OF_HTTP.test(error.code ?? '') || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = CODES.get(error.code ?? '') ?? 'request-malformed';
  const [status, title, when] = PROBLEMS[code];
  const body = problemBody(code, when);
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
