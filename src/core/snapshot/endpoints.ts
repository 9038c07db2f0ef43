import { parseAddress } from '../desired/address.ts';
import type { Hostname, Model } from '../desired/model.ts';
import { hashOfText } from '../steering/hash.ts';
import { sharedWords, type TargetsPart } from './answer-table.ts';
import { ENDPOINT_ADDRESS, ENDPOINT_CLUSTER, ENDPOINT_FAMILY, ENDPOINT_WORDS, NONE, TARGET_WORDS } from './layout.ts';

/**
 * The addresses of every hostname, ready to be copied into an answer: its endpoints in the model's order, so that a
 * candidate's index finds its address, then those of its last resort.
 */
export function targetsPart(model: Model): TargetsPart {
  const clusters = new Map(model.clusters.map(({ name, slot }, index) => [name, slot ?? index]));
  const all = model.hostnames.reduce((sum, one) => sum + one.endpoints.length + lastAddressesOf(one).length, 0);
  const targets = new Int32Array(model.hostnames.length * TARGET_WORDS);
  const endpoints = new Int32Array(all * ENDPOINT_WORDS);
  const parse = parseOnce();
  let next = 0;
  const add = (address: string, cluster: number): void => {
    const parsed = parse(address);
    // Family 0 is asked for by nobody: an address that does not parse keeps its index and is never answered.
    const base = next * ENDPOINT_WORDS;
    endpoints[base + ENDPOINT_FAMILY] = parsed?.family ?? 0;
    endpoints[base + ENDPOINT_CLUSTER] = cluster;
    if (parsed !== undefined) endpoints.set(parsed.words, base + ENDPOINT_ADDRESS);
    next += 1;
  };
  for (const [target, hostname] of model.hostnames.entries()) {
    const first = next;
    for (const { address, cluster } of hostname.endpoints) add(address, clusters.get(cluster) ?? NONE);
    for (const address of lastAddressesOf(hostname)) add(address, NONE);
    targets.set([first, next - first, hashOfText(hostname.name)], target * TARGET_WORDS);
  }
  return Object.freeze({ targets: sharedWords(targets), endpoints: sharedWords(endpoints) });
}

/** An address as the table has it: 32 bits of it in each number, network order made into the machine's. */
type AddressWords = { readonly family: 4 | 6; readonly words: readonly number[] };

/** One Gateway serves many hostnames, so the same address comes again and again. */
function parseOnce(): (address: string) => AddressWords | undefined {
  const known = new Map<string, AddressWords>();
  return (address) => {
    const before = known.get(address);
    if (before !== undefined) return before;
    const parsed = parseAddress(address);
    if (parsed === undefined) return undefined;
    const { family, octets } = parsed;
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    const words = Array.from({ length: octets.length / 4 }, (_, word) => view.getInt32(word * 4));
    known.set(address, { family, words });
    return { family, words };
  };
}

/** Addresses that only the last resort of a hostname knows. */
export function lastAddressesOf({ policy }: Hostname): readonly string[] {
  return policy.lastResort.kind === 'addresses' ? policy.lastResort.addresses : [];
}
