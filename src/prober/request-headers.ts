/** Most headers of one file that are sent. */
export const MAX_REQUEST_HEADERS = 32;

/** Headers to send, by name in lower case. The values may be secrets: they are never shown. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** Of hosts that no entry names. */
export const NO_HEADERS: RequestHeaders = Object.freeze({});

/**
 * The headers that a probe sends beside its own, by its host. Rejects where there should be some and they were never to be
 * read: that says nothing about the target, which would refuse the bare request.
 */
export type HeadersFor = (host: string) => Promise<RequestHeaders>;

/** A line that is not sent, counted from 1, and why. It never tells the line, which may be a secret without its name. */
type RefusedLine = { readonly line: number; readonly reason: string };

/** What a file of headers holds. */
export type ReadHeaders = { readonly headers: RequestHeaders; readonly refused: readonly RefusedLine[] };

/**
 * What is the connection's (RFC 9110 §7.6.1), frames the message, or says to whom it goes: those are the probe's to say. A
 * probe has no content to expect or to have a type.
 */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** gRPC's own metadata. */
const RESERVED_PREFIX = 'grpc-';

/**
 * Reads `Name: value` lines; empty ones and those that begin with `#` are passed over. Names are tokens (RFC 9110 §5.6.2),
 * values printable ASCII. The first of equal names counts.
 */
export function readRequestHeaders(text: string): ReadHeaders {
  const headers = new Map<string, string>();
  const refused: RefusedLine[] = [];
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t]+)$/.exec(line) ?? [];
    const reason = reasonAgainst(name?.toLowerCase(), headers);
    if (reason !== undefined) refused.push({ line: index + 1, reason });
    else if (name !== undefined && value !== undefined) headers.set(name.toLowerCase(), value);
  }
  return { headers: Object.freeze(Object.fromEntries(headers)), refused };
}

function reasonAgainst(name: string | undefined, known: ReadonlyMap<string, string>): string | undefined {
  if (name === undefined) return 'not a name, a colon and a value of printable ASCII';
  if (RESERVED.has(name) || name.startsWith(RESERVED_PREFIX)) return `${name} is for the probe itself to say`;
  if (known.has(name)) return `${name} stands above already`;
  return known.size >= MAX_REQUEST_HEADERS ? `there are ${MAX_REQUEST_HEADERS} headers above it` : undefined;
}
