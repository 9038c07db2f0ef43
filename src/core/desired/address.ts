/** An IP address in its one spelling (RFC 5952 for IPv6) and as 4 or 16 octets in network order. */
export type Address = { readonly family: 4 | 6; readonly text: string; readonly octets: Uint8Array };

/** The longest spelling of an IPv6 address: eight groups, the last two as IPv4. */
const MAX_ADDRESS_TEXT = 45;

/**
 * Reads an address strictly: dotted decimal without leading zeros (RFC 6943 §3.1.1), or RFC 4291 §2.2 text for IPv6
 * without a zone or a prefix length. Undefined for everything else.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_ADDRESS_TEXT) return undefined;
  if (!text.includes(':')) {
    const octets = ipv4Octets(text);
    return octets && { family: 4, text, octets: Uint8Array.from(octets) };
  }
  const groups = ipv6Groups(text);
  if (groups === undefined) return undefined;
  const octets = Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
  return { family: 6, text: ipv6Text(groups), octets };
}

/** An IPv4 address that came to an IPv6 socket (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The address of the other side of a connection as text: IPv4 as IPv4 whatever the socket, and without a zone (RFC 4007 §11). */
export function plainAddress(remote: string): string {
  return MAPPED.exec(remote)?.[1] ?? remote.replace(/%.*$/s, '');
}

function ipv4Octets(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  if (!parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

function ipv6Groups(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = '', tail] = halves;
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? [] : groupsOf(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  // '::' stands for at least one group (RFC 5952 §4.2.2 for writers; one is accepted from readers).
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...before, ...Array.from({ length: missing }, () => 0), ...after];
}

/** The groups of a part without '::'; only the end of the address may be dotted decimal. */
function groupsOf(part: string, isEnd: boolean): readonly number[] | undefined {
  if (part === '') return [];
  const groups: number[] = [];
  const words = part.split(':');
  for (const [index, word] of words.entries()) {
    const octets = isEnd && index === words.length - 1 ? ipv4Octets(word) : undefined;
    if (octets !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = octets;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(Number.parseInt(word, 16));
    else return undefined;
  }
  return groups;
}

/** RFC 5952 §4 and §5: lower case, the first longest run of two or more zero groups as '::', ::ffff:0:0/96 mixed. */
function ipv6Text(groups: readonly number[]): string {
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) {
    const [high = 0, low = 0] = groups.slice(6);
    return `::ffff:${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
  }
  const run = longestZeroRun(groups);
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function hex(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index - start + 1 > best.length) best = { start, length: index - start + 1 };
  }
  return best;
}
