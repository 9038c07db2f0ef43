import { hostnames, TTL, vipOf, ZONE } from '../world.ts';

/** A zone in the master file format (RFC 1035 §5) in which every name has the VIP of one cluster. */
export function zoneFile(cluster: number): string {
  const names = hostnames().map((name, index) => `${name}. ${TTL} IN A ${vipOf(index, cluster)}`);
  return `$ORIGIN ${ZONE}.
@ 300 IN SOA ns1 hostmaster 1 7200 900 1209600 60
@ 300 IN NS ns1
ns1 300 IN A 192.0.2.53
${names.join('\n')}
`;
}
