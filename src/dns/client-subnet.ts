import { placeOf4, placeOf6 } from '../core/snapshot/place-trie.ts';
import { writeOptionHeader } from './edns.ts';
import type { Exchange } from './exchange.ts';
import { noteSubnet } from './subnet-hash.ts';
import { copyOctets, OPTION, read16, readWord } from './wire.ts';

/** FAMILY, SOURCE and SCOPE PREFIX-LENGTH before the address (RFC 7871 §6). */
const FIXED_OCTETS = 4;
const FAMILY_NONE = 0;
const FAMILY_IPV4 = 1;
const FAMILY_IPV6 = 2;

/** The IPv6 address of a subnet, filled up with zeros. Filled and read within one call. */
const padded = new Uint8Array(16);

/**
 * Checks a Client Subnet option and notes the first. Returns false where RFC 7871 §7.1.2 asks for FORMERR: an unknown
 * family, a prefix too long for it, a scope in a query, a length that does not fit the prefix, bits set behind it.
 */
export function readSubnet(exchange: Exchange, data: number, length: number): boolean {
  const { query, options } = exchange;
  if (length < FIXED_OCTETS) return false;
  const family = read16(query, data);
  const prefix = query[data + 2]!;
  if (query[data + 3] !== 0 || prefix > longestPrefix(family)) return false;
  if (length !== FIXED_OCTETS + addressOctets(prefix)) return false;
  const spare = prefix & 7;
  if (spare > 0 && (query[data + length - 1]! & (0xff >> spare)) !== 0) return false;
  if (options.subnet === 0) options.subnet = data;
  return true;
}

function longestPrefix(family: number): number {
  if (family === FAMILY_IPV4) return 32;
  if (family === FAMILY_IPV6) return 128;
  // Family 0 with /0 means "no subnet for you" in both families: accepted, as BIND does.
  return family === FAMILY_NONE ? 0 : -1;
}

function addressOctets(prefix: number): number {
  return (prefix + 7) >> 3;
}

/** Octets of the option in the response; 0 where the query has none. */
export function subnetOctets(exchange: Exchange): number {
  const data = exchange.options.subnet;
  return data === 0 ? 0 : 4 + FIXED_OCTETS + addressOctets(exchange.query[data + 2]!);
}

/**
 * Finds the client's place: by its subnet, or by its address where it gave none or asked for privacy with /0 (RFC 7871
 * §7.1.2). Sets the question's place and the prefix length that the place holds for.
 */
export function placeClient(exchange: Exchange): void {
  const { query, client, options, table } = exchange;
  const { v4, v6 } = table.places;
  const data = options.subnet;
  const prefix = data === 0 ? 0 : query[data + 2]!;
  let leaf: number;
  if (prefix === 0) {
    leaf = client.family === 4 ? placeOf4(v4, readWord(client.octets, 0)) : placeOf6(v6, client.octets, 0);
  } else {
    const isIPv4 = read16(query, data) === FAMILY_IPV4;
    leaf = isIPv4
      ? placeOf4(v4, subnetAddress4(query, data, prefix))
      : placeOf6(v6, padAddress6(query, data, prefix), 0);
  }
  exchange.question.place = leaf >>> 8;
  // A client that gave no prefix gets scope 0: nothing of it was used (RFC 7871 §7.2.1).
  exchange.placePrefix = prefix === 0 ? 0 : leaf & 0xff;
  if (table.classes.subnets) noteSubnet(exchange);
}

function subnetAddress4(query: Uint8Array, data: number, prefix: number): number {
  const at = data + FIXED_OCTETS;
  let address = query[at]! << 24;
  if (prefix > 8) address |= query[at + 1]! << 16;
  if (prefix > 16) address |= query[at + 2]! << 8;
  if (prefix > 24) address |= query[at + 3]!;
  return address;
}

function padAddress6(query: Uint8Array, data: number, prefix: number): Uint8Array {
  padded.fill(0);
  copyOctets(query, data + FIXED_OCTETS, data + FIXED_OCTETS + addressOctets(prefix), padded, 0);
  return padded;
}

/** The longest prefix that the answer depends on. */
function scopeOf({ answer, placePrefix, subnetPrefix }: Exchange): number {
  const ofPlace = answer.placed ? placePrefix : 0;
  return answer.sticky && subnetPrefix > ofPlace ? subnetPrefix : ofPlace;
}

/** Echoes family, source prefix and address with our scope (RFC 7871 §7.2.1); returns the offset behind. */
export function writeSubnet(exchange: Exchange, at: number): number {
  const { query, out, options } = exchange;
  const length = FIXED_OCTETS + addressOctets(query[options.subnet + 2]!);
  const data = writeOptionHeader(out, at, OPTION.clientSubnet, length);
  const end = copyOctets(query, options.subnet, options.subnet + length, out, data);
  out[data + 3] = scopeOf(exchange);
  return end;
}
