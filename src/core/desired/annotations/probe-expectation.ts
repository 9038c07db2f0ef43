import type { ProbeExpectation } from '../model.ts';

/** Longest text looked for in a body, a header or a DNS answer, in characters. */
const MAX_BODY_TEXT = 256;
/** Longest name of a header that is looked for, in characters. */
const MAX_HEADER_NAME = 64;
/** Most status ranges of one expectation. */
const MAX_STATUS_RANGES = 16;

/** The response codes of the DNS that can be expected (RFC 1035 §4.1.1). */
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const;

/**
 * Reads what is expected of a response: status codes and ranges (`200-299,401`), `body:` and the text that the body must
 * hold, `header:NAME` or `header:NAME=TEXT`, and of the DNS `rcode:NXDOMAIN,REFUSED` or `answer:` and the data of a record.
 * Equal expectations have equal values, however they are written.
 */
export function probeExpectation(text: string): ProbeExpectation | undefined {
  const [, kind, rest = ''] = /^(body|header|rcode|answer):(.*)$/su.exec(text) ?? [];
  if (kind === 'body') return isPrintable(rest) ? { kind, text: rest } : undefined;
  if (kind === 'answer') return isPrintable(rest.trim()) ? { kind, text: rest.trim() } : undefined;
  if (kind === 'header') return headerExpectation(rest);
  if (kind === 'rcode') return rcodeExpectation(rest);
  return statusExpectation(text);
}

/** One line for people, equal for equal expectations alone. */
export function expectationText(expect: ProbeExpectation): string {
  if (expect.kind === 'body' || expect.kind === 'answer') return `${expect.kind}:${expect.text}`;
  if (expect.kind === 'header') return `header:${expect.name}${expect.text === undefined ? '' : `=${expect.text}`}`;
  if (expect.kind === 'rcode') return `rcode:${expect.codes.join(',')}`;
  return `expect=${expect.ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(',')}`;
}

/** Names are tokens (RFC 9110 §5.6.2) and compared without case; the first `=` ends the name. */
function headerExpectation(rest: string): ProbeExpectation | undefined {
  const [, name, , text] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(=(.*))?$/su.exec(rest) ?? [];
  if (name === undefined || name.length > MAX_HEADER_NAME) return undefined;
  const lower = name.toLowerCase();
  if (text === undefined) return { kind: 'header', name: lower };
  const wanted = text.trim();
  return isPrintable(wanted) ? { kind: 'header', name: lower, text: wanted } : undefined;
}

function rcodeExpectation(rest: string): ProbeExpectation | undefined {
  const words = rest.split(',').map((word) => word.trim().toUpperCase());
  if (!words.every((word) => RCODES.some((code) => code === word))) return undefined;
  return { kind: 'rcode', codes: RCODES.filter((code) => words.includes(code)) };
}

function statusExpectation(text: string): ProbeExpectation | undefined {
  const words = text.split(',');
  if (words.length > MAX_STATUS_RANGES) return undefined;
  const ranges: (readonly [number, number])[] = [];
  for (const word of words) {
    const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(word.trim()) ?? [];
    if (from === undefined || Number(from) > Number(to)) return undefined;
    ranges.push([Number(from), Number(to)]);
  }
  return { kind: 'status', ranges: merged(ranges) };
}

/** The same codes in the fewest ranges, in order. */
function merged(ranges: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = found.at(-1);
    if (last === undefined || from > last[1] + 1) found.push([from, to]);
    else found[found.length - 1] = [last[0], Math.max(last[1], to)];
  }
  return found;
}

function isPrintable(text: string): boolean {
  return text.length <= MAX_BODY_TEXT && /^\P{Cc}+$/u.test(text);
}
