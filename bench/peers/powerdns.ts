import { stringify } from 'yaml';
import { CLUSTERS, hostnames, TTL, vipOf, ZONE } from '../world.ts';
import { installed, type Peer, type Site } from './peer.ts';

/** PowerDNS: its geoip backend expands `%cn` to the continent of the client. Its caches are as they come. */
export const powerdns: Peer = {
  id: 'powerdns',
  title: 'PowerDNS, geoip backend',
  speaks: 'answers',
  find: () =>
    installed(
      'pdns_server',
      ['--version'],
      /PowerDNS Authoritative Server (\d[\w.]*)/,
      'pdns-server pdns-backend-geoip',
    ),
  files: (site) =>
    new Map([
      ['pdns.conf', configuration(site)],
      ['zones.yaml', zones()],
    ]),
  command: ({ folder }) => [
    'pdns_server',
    `--config-dir=${folder}`,
    '--daemon=no',
    '--guardian=no',
    `--socket-dir=${folder}`,
  ],
};

function configuration({ folder, host, port, database }: Site): string {
  return `launch=geoip
geoip-database-files=mmdb:${database}
geoip-zones-file=${folder}/zones.yaml
edns-subnet-processing=yes
local-address=${host}
local-port=${port}
receiver-threads=1
distributor-threads=1
disable-syslog=yes
loglevel=3
setuid=
setgid=
security-poll-suffix=
`;
}

function zones(): string {
  const records: Record<string, object[]> = {
    [ZONE]: [{ soa: `ns1.${ZONE} hostmaster.${ZONE} 1 7200 900 1209600 60` }, { ns: `ns1.${ZONE}` }],
    [`ns1.${ZONE}`]: [{ a: '192.0.2.53' }],
  };
  const services: Record<string, string[]> = {};
  for (const [index, name] of hostnames().entries()) {
    services[name] = [`%cn.${name}`];
    for (const [cluster, { key }] of CLUSTERS.entries()) records[`${key}.${name}`] = [{ a: vipOf(index, cluster) }];
  }
  return stringify({ domains: [{ domain: ZONE, ttl: TTL, records, services }] });
}
