import { hashOfSubnet4, hashOfSubnet6, MAX_SUBNET_BITS_IPV4, MAX_SUBNET_BITS_IPV6 } from '../core/snapshot/subnet.ts';
import type { Exchange } from './exchange.ts';
import { copyOctets, read16, readWord } from './wire.ts';

/** Octets of a Client Subnet option before its address (RFC 7871 §6). */
const ADDRESS_AT = 4;
const FAMILY_IPV4 = 1;

/** The address of the option, filled up with zeros. Filled and read within one call. */
const padded = new Uint8Array(16);

/**
 * Notes which subnet the client is in, for the table's sticky hostnames, and how many bits of its Client Subnet option say
 * so: the answer holds for no more than those (RFC 7871 §7.2.1). Without an option, or with /0, it is the sender's own
 * subnet, and nothing of an option was used. The option was checked by `readSubnet`. Allocates nothing.
 */
export function noteSubnet(exchange: Exchange): void {
  const { query, client, options, question } = exchange;
  const data = options.subnet;
  const prefix = data === 0 ? 0 : query[data + 2]!;
  if (prefix === 0) {
    const { family, octets } = client;
    question.subnet = family === 4 ? hashOfSubnet4(readWord(octets, 0), 32) : hashOfSubnet6(octets, 0, 128);
    exchange.subnetPrefix = 0;
    return;
  }
  const end = data + ADDRESS_AT + ((prefix + 7) >> 3);
  padded.fill(0);
  copyOctets(query, data + ADDRESS_AT, end, padded, 0);
  const isIPv4 = read16(query, data) === FAMILY_IPV4;
  question.subnet = isIPv4 ? hashOfSubnet4(readWord(padded, 0), prefix) : hashOfSubnet6(padded, 0, prefix);
  exchange.subnetPrefix = Math.min(prefix, isIPv4 ? MAX_SUBNET_BITS_IPV4 : MAX_SUBNET_BITS_IPV6);
}
