import { ZONE } from '../world.ts';
import { installed, type Peer, type Site } from './peer.ts';
import { zoneFile } from './zone-file.ts';

/** NSD cannot steer: every client gets the first cluster. It is here as the fastest server of plain zones. */
export const nsd: Peer = {
  id: 'nsd',
  title: 'NSD',
  speaks: 'answers',
  find: () => installed('nsd', ['-v'], /NSD version (\S+)/, 'nsd'),
  files: (site) =>
    new Map([
      ['nsd.conf', configuration(site)],
      ['zone', zoneFile(0)],
    ]),
  command: ({ folder }) => ['nsd', '-d', '-c', `${folder}/nsd.conf`],
};

// Its rate limit of 200 answers a second is on by default.
function configuration({ folder, host, port }: Site): string {
  return `server:
  ip-address: ${host}
  port: ${port}
  server-count: 1
  username: ""
  database: ""
  zonesdir: "${folder}"
  zonelistfile: "${folder}/zone.list"
  xfrdfile: "${folder}/xfrd.state"
  xfrdir: "${folder}"
  pidfile: "${folder}/nsd.pid"
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  minimal-responses: yes
remote-control:
  control-enable: no
zone:
  name: ${ZONE}
  zonefile: zone
`;
}
