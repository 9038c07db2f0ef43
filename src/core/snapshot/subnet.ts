/** The client's subnet, by which a sticky hostname keeps its cluster. Nothing is allocated but where text is read. */
import { parseAddress } from '../desired/address.ts';
import { scrambled } from '../steering/hash.ts';

/** Most leading bits of an IPv4 address that make a client's subnet: no more than RFC 7871 §11.1 lets resolvers tell. */
export const MAX_SUBNET_BITS_IPV4 = 24;
/** Most leading bits of an IPv6 address that make a client's subnet: a site's (RFC 6177 §2, RFC 7871 §11.1). */
export const MAX_SUBNET_BITS_IPV6 = 56;

/** A subnet in 32 bits, and how many leading bits of the address were read. */
export type Subnet = { readonly hash: number; readonly prefix: number };

/** No client at all. */
export const NO_SUBNET: Subnet = { hash: 0, prefix: 0 };

/** The subnet of an IPv4 address, given as 32 bits, of which the first `prefix` (1–32) are known. Signed. */
export function hashOfSubnet4(address: number, prefix: number): number {
  return scrambled(address & leading(Math.min(prefix, MAX_SUBNET_BITS_IPV4)));
}

/** The subnet of the IPv6 address in the 16 octets from `at`; otherwise as `hashOfSubnet4`, `prefix` is 1–128. */
export function hashOfSubnet6(octets: Uint8Array, at: number, prefix: number): number {
  const bits = Math.min(prefix, MAX_SUBNET_BITS_IPV6);
  const high = word(octets, at) & leading(Math.min(bits, 32));
  const low = word(octets, at + 4) & leading(Math.max(bits - 32, 0));
  // Not the hash of any IPv4 subnet with the same first bits.
  return scrambled((scrambled(~high) + low) | 0);
}

/**
 * The subnet of an address in text form, of which the first `prefix` bits are known (at least 1; all by default); IPv4
 * mapped into IPv6 counts as IPv4. Undefined where the text is not an IP address. Not for the hot path.
 */
export function subnetOfAddress(text: string, prefix = Number.POSITIVE_INFINITY): Subnet | undefined {
  const address = parseAddress(text.replace(/^::ffff:(?=[\d.]+$)/i, ''));
  if (address === undefined) return undefined;
  const { octets, family } = address;
  return family === 4
    ? { hash: hashOfSubnet4(word(octets, 0), prefix), prefix: Math.min(prefix, MAX_SUBNET_BITS_IPV4) }
    : { hash: hashOfSubnet6(octets, 0, prefix), prefix: Math.min(prefix, MAX_SUBNET_BITS_IPV6) };
}

/** A mask for the first bits of 32. */
function leading(bits: number): number {
  return bits === 0 ? 0 : -1 << (32 - bits);
}

function word(octets: Uint8Array, at: number): number {
  return (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!;
}
