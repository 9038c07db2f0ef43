import { isWithin } from './domain-name.ts';
import { quote } from './quote.ts';
import { parseRecordData, RECORD_TYPES } from './record-data.ts';
import type { RecordType, StaticRecord } from './records.ts';
import { absoluteName, tokenizeZoneLine, type ZoneToken } from './zone-line-tokens.ts';

/** Longest zone-file line in characters: keeps one record far below the 65,535 octets of a DNS message. */
export const MAX_ZONE_LINE = 16_384;

/** Highest TTL in seconds (RFC 2181 §8). */
export const MAX_TTL = 2_147_483_647;

/** The zone a line stands in; `ttl` in seconds holds for lines without one. */
export type ZoneContext = { readonly apex: string; readonly ttl: number };

/**
 * Reads one record in master-file form (RFC 1035 §5.1): `owner [TTL] [IN] TYPE data`, TTL and class in either order.
 * Names without a final dot are relative to the zone; `@` is the apex. The error is a phrase that says what is wrong.
 */
export function parseZoneLine(line: string, zone: ZoneContext): StaticRecord | { readonly error: string } {
  if (line.length > MAX_ZONE_LINE) return { error: `the line is longer than ${MAX_ZONE_LINE} characters` };
  const tokens = tokenizeZoneLine(line);
  if ('error' in tokens) return tokens;
  const [first, ...rest] = tokens;
  if (first === undefined) return { error: 'the line holds no record' };
  const owner = ownerOf(first, zone.apex);
  if (typeof owner !== 'string') return owner;
  const head = readHead(rest, zone.ttl);
  if ('error' in head) return head;
  const problem = head.type === 'NS' ? delegationProblem(owner, zone.apex) : undefined;
  if (problem !== undefined) return { error: problem };
  const data = parseRecordData(head.type, head.data, zone.apex);
  return 'error' in data ? data : { owner, ttl: head.ttl, data };
}

function ownerOf(token: ZoneToken, apex: string): string | { readonly error: string } {
  const owner = token.quoted ? undefined : absoluteName(token.text, apex);
  if (owner === undefined) return { error: `the owner ${quote(token.text)} is not a valid name` };
  if (!isWithin(owner, apex)) return { error: `the owner ${quote(token.text)} is outside the zone ${apex}` };
  return owner;
}

type Head = { readonly ttl: number; readonly type: RecordType; readonly data: readonly ZoneToken[] };

/** TTL, class and type: what stands between the owner and the data. */
function readHead(tokens: readonly ZoneToken[], defaultTtl: number): Head | { readonly error: string } {
  let ttl: number | undefined;
  let classSeen = false;
  for (const [index, { text, quoted }] of tokens.entries()) {
    const word = text.toUpperCase();
    if (!quoted && ttl === undefined && /^[-+]?\d/.test(word)) {
      ttl = /^\d{1,10}$/.test(word) && Number(word) <= MAX_TTL ? Number(word) : undefined;
      if (ttl === undefined) return { error: `the TTL ${quote(text)} is not a number of seconds from 0 to ${MAX_TTL}` };
    } else if (!quoted && !classSeen && /^(IN|CH|HS|CS|ANY|CLASS\d+)$/.test(word)) {
      if (word !== 'IN') return { error: `the class ${quote(text)} is not served, only IN is` };
      classSeen = true;
    } else {
      const type = RECORD_TYPES.find((known) => known === word);
      if (type !== undefined && !quoted) return { ttl: ttl ?? defaultTtl, type, data: tokens.slice(index + 1) };
      return { error: `the type ${quote(text)} is not one of ${RECORD_TYPES.join(' ')}` };
    }
  }
  return { error: `the type is missing: one of ${RECORD_TYPES.join(' ')}` };
}

function delegationProblem(owner: string, apex: string): string | undefined {
  if (owner === apex) return 'the name servers of the zone itself belong under `nameservers`';
  // RFC 4592 §4.2: the meaning of a wildcard NS is undefined.
  return owner.startsWith('*.') ? 'a wildcard cannot be delegated' : undefined;
}
