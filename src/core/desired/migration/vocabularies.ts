import { EXTERNAL_DNS_PREFIXES, externalDns } from './external-dns.ts';
import { K8GB } from './k8gb.ts';
import { KUADRANT } from './kuadrant.ts';
import { type Migration, SYSTEMS, type System } from './systems.ts';
import type { Vocabulary } from './vocabulary.ts';

/**
 * What is read, in the order in which equals are asked: external-dns under the custom prefix, the new one and the old one,
 * then k8gb, then Kuadrant. A prefix that is ours is nobody else's.
 */
export function vocabulariesOf({ read, externalDnsPrefix }: Migration, prefix: string): readonly Vocabulary[] {
  const custom = externalDnsPrefix === undefined ? [] : [externalDnsPrefix];
  const prefixes = new Set([...custom, ...EXTERNAL_DNS_PREFIXES]);
  const bySystem: Readonly<Record<System, readonly Vocabulary[]>> = {
    'external-dns': [...prefixes].map(externalDns),
    k8gb: [K8GB],
    kuadrant: [KUADRANT],
  };
  return SYSTEMS.filter((system) => read.includes(system))
    .flatMap((system) => bySystem[system])
    .filter((vocabulary) => vocabulary.prefix !== prefix);
}
