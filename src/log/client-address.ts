import { parseAddress, plainAddress } from '../core/desired/address.ts';

/** How the addresses of clients are written: whole, as the network that they are in, or not at all. */
export type ClientAddresses = 'full' | 'masked' | 'none';

/** Octets of an IPv4 address that stay when it is masked: a /24. */
const KEPT_IPV4 = 3;
/** Octets of an IPv6 address that stay when it is masked: a /56, the least that a site has (RFC 6177). */
const KEPT_IPV6 = 7;

/** The address of a client as it is written. Undefined where it is not; a text that is no address is none. */
export function clientAddress(text: string, how: ClientAddresses): string | undefined {
  const address = parseAddress(plainAddress(text));
  if (address === undefined || how === 'none') return undefined;
  if (how === 'full') return address.text;
  if (address.family === 4) return `${[...address.octets.subarray(0, KEPT_IPV4), 0].join('.')}/24`;
  const kept = address.octets.map((octet, index) => (index < KEPT_IPV6 ? octet : 0));
  const groups = Array.from({ length: 8 }, (_, index) => ((kept[2 * index]! << 8) | kept[2 * index + 1]!).toString(16));
  return `${parseAddress(groups.join(':'))?.text ?? ''}/56`;
}
