import type { ProbeExpectation } from '../model.ts';
import type { ProbeTarget } from './setting.ts';

/** Longest path of a probe or name of a gRPC service, in characters. */
const MAX_PATH = 512;
/** Longest text looked for in a body, in characters. */
const MAX_BODY_TEXT = 256;
/** Most status ranges of one expectation. */
const MAX_STATUS_RANGES = 16;

/**
 * Reads a probe: `https://:443/healthz`, `http://:80/`, `tcp://:443`, `grpc://:443/service` or `none`. There is no host
 * in it: a probe only ever goes to the VIP, so that an annotation cannot point the director at somebody else's server.
 */
export function probeTarget(text: string): ProbeTarget | undefined {
  if (text === 'none') return { kind: 'none' };
  // Printable ASCII without space and fragment: what goes into a request line cannot break out of it.
  const match = /^(https?|tcp|grpc):\/\/:(\d{1,5})(\/[\x21\x22\x24-\x7e]*)?$/.exec(text);
  const [, protocol, digits, path = ''] = match ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535) || path.length > MAX_PATH) return undefined;
  if (protocol === 'http' || protocol === 'https') return { kind: 'target', protocol, port, path: path || '/' };
  if (protocol === 'grpc') return { kind: 'target', protocol, port, path: path.slice(1) };
  if (protocol === 'tcp' && path === '') return { kind: 'target', protocol, port, path };
  return undefined;
}

/** Reads status codes and ranges (`200-299,401`), or `body:` and the text that the body must hold. */
export function probeExpectation(text: string): ProbeExpectation | undefined {
  if (text.startsWith('body:')) {
    const wanted = text.slice('body:'.length);
    return wanted.length <= MAX_BODY_TEXT && /^\P{Cc}+$/u.test(wanted) ? { kind: 'body', text: wanted } : undefined;
  }
  const words = text.split(',');
  if (words.length > MAX_STATUS_RANGES) return undefined;
  const ranges: (readonly [number, number])[] = [];
  for (const word of words) {
    const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(word.trim()) ?? [];
    if (from === undefined || Number(from) > Number(to)) return undefined;
    ranges.push([Number(from), Number(to)]);
  }
  return { kind: 'status', ranges: ranges.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]) };
}
