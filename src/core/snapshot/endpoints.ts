import { parseAddress } from '../desired/address.ts';
import type { Hostname, Model } from '../desired/model.ts';
import { type NamesPart, sharedOctets, sharedWords } from './answer-table.ts';
import { ADDRESS_OCTETS, NONE } from './layout.ts';

/**
 * The addresses of every hostname, ready to be copied into an answer: its endpoints in the model's order, so that a
 * candidate's index finds its address, then those of its last resort.
 */
export function endpointWords(model: Model): Pick<NamesPart, 'targets' | 'endpoints' | 'addresses'> {
  const clusters = new Map(model.clusters.map(({ name }, index) => [name, index]));
  const targets: number[] = [];
  const endpoints: number[] = [];
  const addresses: Uint8Array[] = [];
  const add = (address: string, cluster: number): void => {
    const parsed = parseAddress(address);
    // Family 0 is asked for by nobody: an address that does not parse keeps its index and is never answered.
    endpoints.push(parsed?.family ?? 0, cluster);
    addresses.push(parsed?.octets ?? new Uint8Array(0));
  };
  for (const hostname of model.hostnames) {
    const first = addresses.length;
    for (const { address, cluster } of hostname.endpoints) add(address, clusters.get(cluster) ?? NONE);
    for (const address of lastAddressesOf(hostname)) add(address, NONE);
    targets.push(first, addresses.length - first);
  }
  const octets = new Uint8Array(addresses.length * ADDRESS_OCTETS);
  for (const [index, address] of addresses.entries()) octets.set(address, index * ADDRESS_OCTETS);
  return { targets: sharedWords(targets), endpoints: sharedWords(endpoints), addresses: sharedOctets(octets) };
}

/** Addresses that only the last resort of a hostname knows. */
export function lastAddressesOf({ policy }: Hostname): readonly string[] {
  return policy.lastResort.kind === 'addresses' ? policy.lastResort.addresses : [];
}
