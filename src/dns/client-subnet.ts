import { placeIndex, placeOf4, placeOf6, prefixLength } from '../core/snapshot/place-trie.ts';
import { hashOfSubnet4, hashOfSubnet6, MAX_SUBNET_BITS_IPV4, MAX_SUBNET_BITS_IPV6 } from '../core/snapshot/subnet.ts';
import { writeOptionHeader } from './edns.ts';
import type { Exchange } from './exchange.ts';
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
 * §7.1.2). Sets the question's place and the prefix length that the place holds for; and, for the table's sticky
 * hostnames, the subnet and how many bits of the option say so.
 */
export function placeClient(exchange: Exchange): void {
  const { query, client, options } = exchange;
  const data = options.subnet;
  const prefix = data === 0 ? 0 : query[data + 2]!;
  const isIPv4 = prefix === 0 ? client.family === 4 : read16(query, data) === FAMILY_IPV4;
  if (isIPv4) place4(exchange, prefix === 0 ? readWord(client.octets, 0) : subnetAddress4(query, data, prefix), prefix);
  else place6(exchange, prefix === 0 ? client.octets : padAddress6(query, data, prefix), prefix);
}

function place4(exchange: Exchange, address: number, prefix: number): void {
  const { question, table } = exchange;
  setPlace(exchange, placeOf4(table.places.v4, address), prefix, MAX_SUBNET_BITS_IPV4);
  if (table.classes.subnets) question.subnet = hashOfSubnet4(address, prefix === 0 ? 32 : prefix);
}

function place6(exchange: Exchange, octets: Uint8Array, prefix: number): void {
  const { question, table } = exchange;
  setPlace(exchange, placeOf6(table.places.v6, octets, 0), prefix, MAX_SUBNET_BITS_IPV6);
  if (table.classes.subnets) question.subnet = hashOfSubnet6(octets, 0, prefix === 0 ? 128 : prefix);
}

/** A client that gave no prefix gets scope 0: nothing of it was used (RFC 7871 §7.2.1). */
function setPlace(exchange: Exchange, leaf: number, prefix: number, subnetBits: number): void {
  exchange.question.place = placeIndex(leaf);
  exchange.placePrefix = prefix === 0 ? 0 : prefixLength(leaf);
  exchange.subnetPrefix = Math.min(prefix, subnetBits);
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
