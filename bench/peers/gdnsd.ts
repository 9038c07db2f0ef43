import { CLUSTERS, hostnames, TTL, vipOf, ZONE } from '../world.ts';
import { installed, type Peer, type Site } from './peer.ts';

/** gdnsd: its geoip plugin finds the nearest datacenter by coordinates, as Azimuth does. */
export const gdnsd: Peer = {
  id: 'gdnsd',
  title: 'gdnsd, geoip plugin',
  speaks: 'answers',
  find: () => installed('gdnsd', ['-h'], /gdnsd version (\S+)/, 'gdnsd'),
  files: (site) =>
    new Map([
      ['config', configuration(site)],
      [`zones/${ZONE}`, zone()],
    ]),
  command: ({ folder }) => ['gdnsd', '-c', folder, 'start'],
};

function configuration({ folder, host, port, database }: Site): string {
  const keys = CLUSTERS.map(({ key }) => key).join(', ');
  const coordinates = CLUSTERS.map(({ key, lat, lon }) => `${key} => [${lat}, ${lon}]`).join(', ');
  const resources = hostnames().map((_, name) => {
    const addresses = CLUSTERS.map(({ key }, cluster) => `${key} => ${vipOf(name, cluster)}`).join(', ');
    return `      r${name} => { map => nearest, dcmap => { ${addresses} } }`;
  });
  return `options => {
  listen => ${host}:${port}, udp_threads => 1, tcp_threads => 1
  run_dir => ${folder}/run, state_dir => ${folder}/state
}
plugins => { geoip => {
    maps => { nearest => {
      geoip2_db => ${database}, datacenters => [${keys}]
      auto_dc_coords => { ${coordinates} }
    } }
    resources => {
${resources.join('\n')}
    }
} }
`;
}

function zone(): string {
  const names = hostnames().map((name, index) => `${name}. ${TTL} DYNA geoip!r${index}`);
  return `@ 300 SOA ns1 hostmaster 1 7200 900 1209600 60
@ 300 NS ns1
ns1 300 A 192.0.2.53
${names.join('\n')}
`;
}
