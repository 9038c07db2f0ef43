import { type Address, parseAddress } from '../address.ts';
import { quote } from '../quote.ts';
import type { MapNetwork } from './client-map.ts';

/** Longest IPv6 prefix: the place table tells no longer ones apart. */
const MAX_PREFIX_IPV6 = 64;

/** Reads `203.0.113.0/24` or `2001:db8::/32`; an address alone is a network of itself, but for IPv6. */
export function parseNetwork(
  text: string,
): { readonly network: MapNetwork } | { readonly expected: string; readonly suggestion?: string } {
  const expected = `a network such as 203.0.113.0/24, or one of IPv6 of at most /${MAX_PREFIX_IPV6}`;
  const [, host = '', digits] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const address = parseAddress(host);
  if (address === undefined) return { expected };
  const { family, octets } = address;
  const length = digits === undefined ? octets.length * 8 : Number(digits);
  if (length > (family === 4 ? 32 : MAX_PREFIX_IPV6)) return { expected };
  const cut = octets.map((octet, index) => octet & mask(length - index * 8));
  if (cut.some((octet, index) => octet !== octets[index])) {
    return {
      expected: 'a network whose address is its first one',
      suggestion: `did you mean ${quote(spell(address, cut, length))}?`,
    };
  }
  return { network: { family, octets, length } };
}

/** The bits of one octet that lie in the first `bits` bits from it on. */
function mask(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}

function spell({ family }: Address, octets: Uint8Array, length: number): string {
  if (family === 4) return `${octets.join('.')}/${length}`;
  const groups = Array.from({ length: 8 }, (_, group) =>
    ((octets[2 * group]! << 8) | octets[2 * group + 1]!).toString(16),
  );
  return `${parseAddress(groups.join(':'))?.text}/${length}`;
}
