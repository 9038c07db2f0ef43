import { CLUSTERS, hostnames, TTL, vipOf, ZONE } from '../world.ts';
import { installed, type Peer, type Site } from './peer.ts';
import { zoneFile } from './zone-file.ts';

/** Knot DNS: its geoip module answers by the continent that the database names. */
export const knot: Peer = {
  id: 'knot',
  title: 'Knot, mod-geoip',
  speaks: 'answers',
  find: () => installed('knotd', ['--version'], /Knot DNS\)?,? (?:version )?([\d.]+)/, 'knot knot-module-geoip'),
  files: (site) =>
    new Map([
      ['knot.conf', configuration(site)],
      ['geo.conf', geography()],
      ['zone', zoneFile(0)],
    ]),
  command: ({ folder }) => ['knotd', '-c', `${folder}/knot.conf`],
};

function configuration({ folder, host, port, database }: Site): string {
  return `server:
    rundir: "${folder}"
    listen: ${host}@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    edns-client-subnet: on
database:
    storage: "${folder}/db"
log:
  - target: stderr
    any: error
mod-geoip:
  - id: geo
    config-file: "${folder}/geo.conf"
    ttl: ${TTL}
    mode: geodb
    geodb-file: "${database}"
    geodb-key: continent/code
zone:
  - domain: ${ZONE}
    storage: "${folder}"
    file: zone
    zonefile-sync: -1
    journal-content: none
    module: mod-geoip/geo
`;
}

function geography(): string {
  const blocks = hostnames().map((name, index) => {
    const answers = CLUSTERS.map(
      ({ continent }, cluster) => `  - geo: "${continent}"\n    A: ${vipOf(index, cluster)}\n`,
    );
    return `${name}:\n${answers.join('')}`;
  });
  return blocks.join('');
}
