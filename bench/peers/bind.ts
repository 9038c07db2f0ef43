import { readFileSync } from 'node:fs';
import { CLUSTERS, ZONE } from '../world.ts';
import { installed, type Peer, type Site } from './peer.ts';
import { zoneFile } from './zone-file.ts';

/** BIND: one view per continent. It knows the client by its source address alone: ECS is not for its answers. */
export const bind: Peer = {
  id: 'bind',
  title: 'BIND, geoip views',
  speaks: 'answers',
  find: () => installed('named', ['-v'], /BIND (\S+)/, 'bind9'),
  files: (site) =>
    new Map<string, string | Uint8Array>([
      ['named.conf', configuration(site)],
      // It looks for databases by the names of MaxMind's files.
      ['GeoLite2-City.mmdb', readFileSync(site.database)],
      ...CLUSTERS.map(({ key }, cluster) => [`${key}.zone`, zoneFile(cluster)] as const),
    ]),
  command: ({ folder }) => ['named', '-g', '-n', '1', '-c', `${folder}/named.conf`],
};

function configuration({ folder, host, port }: Site): string {
  const views = CLUSTERS.map(
    ({ key, continent }) => `view ${key} {
  match-clients { geoip continent ${continent}; };
  zone "${ZONE}" { type primary; file "${folder}/${key}.zone"; };
};`,
  );
  return `options {
  directory "${folder}";
  geoip-directory "${folder}";
  pid-file "${folder}/named.pid";
  session-keyfile "${folder}/session.key";
  listen-on port ${port} { ${host}; };
  listen-on-v6 { none; };
  recursion no;
  dnssec-validation no;
  minimal-responses yes;
  notify no;
};
controls { };
logging { category default { null; }; };
${views.join('\n')}
view rest {
  match-clients { any; };
  zone "${ZONE}" { type primary; file "${folder}/${CLUSTERS[0]!.key}.zone"; };
};
`;
}
