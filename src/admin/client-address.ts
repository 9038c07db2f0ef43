/** The address of a client as its connection shows it, and whose budget of requests it has. */
import { parseAddress } from '../core/desired/address.ts';

/** An IPv4 address that came to an IPv6 socket (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** Octets of the network of an IPv6 client: its /64, which one machine has for itself. */
const NETWORK_OCTETS = 8;

/** The address without a zone, and IPv4 as IPv4 whatever the socket. */
export function plainAddress(remote: string): string {
  return MAPPED.exec(remote)?.[1] ?? remote.replace(/%.*$/, '');
}

/** Equal for all addresses that one machine may choose from; the text itself for what is no address. */
export function networkOf(remote: string): string {
  const plain = plainAddress(remote);
  const address = parseAddress(plain);
  if (address?.family !== 6) return plain;
  return `${Buffer.from(address.octets.subarray(0, NETWORK_OCTETS)).toString('hex')}/64`;
}
