import { type Address, parseAddress } from '../desired/address.ts';
import type { Hostname, Model } from '../desired/model.ts';
import { type NamesPart, sharedOctets, sharedWords } from './answer-table.ts';
import { ADDRESS_OCTETS, ENDPOINT_CLUSTER, ENDPOINT_FAMILY, ENDPOINT_WORDS, NONE, TARGET_WORDS } from './layout.ts';

/**
 * The addresses of every hostname, ready to be copied into an answer: its endpoints in the model's order, so that a
 * candidate's index finds its address, then those of its last resort.
 */
export function endpointWords(model: Model): Pick<NamesPart, 'targets' | 'endpoints' | 'addresses'> {
  const clusters = new Map(model.clusters.map(({ name }, index) => [name, index]));
  const all = model.hostnames.reduce((sum, one) => sum + one.endpoints.length + lastAddressesOf(one).length, 0);
  const targets = new Int32Array(model.hostnames.length * TARGET_WORDS);
  const endpoints = new Int32Array(all * ENDPOINT_WORDS);
  const addresses = new Uint8Array(all * ADDRESS_OCTETS);
  const parse = parseOnce();
  let next = 0;
  const add = (address: string, cluster: number): void => {
    const parsed = parse(address);
    // Family 0 is asked for by nobody: an address that does not parse keeps its index and is never answered.
    endpoints[next * ENDPOINT_WORDS + ENDPOINT_FAMILY] = parsed?.family ?? 0;
    endpoints[next * ENDPOINT_WORDS + ENDPOINT_CLUSTER] = cluster;
    if (parsed !== undefined) addresses.set(parsed.octets, next * ADDRESS_OCTETS);
    next += 1;
  };
  for (const [target, hostname] of model.hostnames.entries()) {
    const first = next;
    for (const { address, cluster } of hostname.endpoints) add(address, clusters.get(cluster) ?? NONE);
    for (const address of lastAddressesOf(hostname)) add(address, NONE);
    targets.set([first, next - first], target * TARGET_WORDS);
  }
  return { targets: sharedWords(targets), endpoints: sharedWords(endpoints), addresses: sharedOctets(addresses) };
}

/** One Gateway serves many hostnames, so the same address comes again and again. */
function parseOnce(): (address: string) => Address | undefined {
  const known = new Map<string, Address>();
  return (address) => {
    const before = known.get(address);
    if (before !== undefined) return before;
    const parsed = parseAddress(address);
    if (parsed !== undefined) known.set(address, parsed);
    return parsed;
  };
}

/** Addresses that only the last resort of a hostname knows. */
export function lastAddressesOf({ policy }: Hostname): readonly string[] {
  return policy.lastResort.kind === 'addresses' ? policy.lastResort.addresses : [];
}
