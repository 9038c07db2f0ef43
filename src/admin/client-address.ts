/** Whose budget of requests a client has. */
import { parseAddress, plainAddress } from '../core/desired/address.ts';

/** Octets of the network of an IPv6 client: its /64, which one machine has for itself. */
const NETWORK_OCTETS = 8;

/** Equal for all addresses that one machine may choose from; the text itself for what is no address. */
export function networkOf(remote: string): string {
  const plain = plainAddress(remote);
  const address = parseAddress(plain);
  if (address?.family !== 6) return plain;
  return `${Buffer.from(address.octets.subarray(0, NETWORK_OCTETS)).toString('hex')}/64`;
}
