import type { IncomingHttpHeaders } from 'node:http';
import type { Monitor, ProbeExpectation } from '../core/desired/model.ts';
import { failed, type ProbeOutcome, SUCCESS } from './probe.ts';

/** Most octets of a response body that a probe reads; an expected text must lie within. */
export const MAX_BODY_BYTES = 65_536;
/** Most octets of all response headers together. */
export const MAX_HEADER_BYTES = 16_384;
/** Most octets that a server of HTTP/1.1 may send in all: header and body with what frames them. */
export const MAX_RESPONSE_BYTES = 1_048_576;

/** A body or header that reads well on an error page is still on an error page. */
const GOOD_STATUS: readonly (readonly [number, number])[] = [[200, 399]];

/** A response whose body is still to be read. */
export type HttpResponse = {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: AsyncIterable<Buffer>;
};

/** The value of the Host header (RFC 9110 §7.2): the port is left out where the scheme implies it. */
export function hostHeader({ protocol, port, host }: Monitor): string {
  const implied = protocol === 'http' || protocol === 'grpc' ? 80 : 443;
  return port === implied ? host : `${host}:${port}`;
}

/**
 * Judges a response by its status, then by a header or the body, which is read to its end or to `MAX_BODY_BYTES`: a server
 * that sends its header and hangs has failed.
 */
export async function judgeResponse(expect: ProbeExpectation, response: HttpResponse): Promise<ProbeOutcome> {
  const { status, headers } = response;
  const ranges = expect.kind === 'status' ? expect.ranges : GOOD_STATUS;
  if (!ranges.some(([low, high]) => status >= low && status <= high)) return failed('status', `status ${status}`);
  const body = await readBody(response.body);
  if (expect.kind === 'header') return judgeHeader(expect.name, expect.text, headers[expect.name]);
  if (expect.kind !== 'body' || body.includes(expect.text)) return SUCCESS;
  return failed('body', `the text is not in the first ${body.length} octets of the body`);
}

/** What the header is instead is not said: it may be a secret. */
function judgeHeader(name: string, wanted: string | undefined, found: string | string[] | undefined): ProbeOutcome {
  if (found === undefined) return failed('header', `there is no header ${name}`);
  const lines = typeof found === 'string' ? [found] : found;
  if (wanted === undefined || lines.some((line) => line.trim() === wanted)) return SUCCESS;
  return failed('header', `the header ${name} has another value`);
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
