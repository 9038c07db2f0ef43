import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { CLUSTERS, type Cluster, hostnames, vipOf, ZONE } from '../world.ts';
import type { Peer, Site } from './peer.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Gateways in one manifest file: it stays far below the largest file that the director reads. */
const GATEWAYS_PER_FILE = 250;

/** Azimuth with one of its UDP engines, and so many threads for UDP. */
export function azimuth(engine: 'native' | 'portable', workers = 1): Peer {
  return {
    id: workers === 1 ? `azimuth-${engine}` : `azimuth-${engine}-${workers}`,
    title: `**Azimuth, ${engine}**`,
    speaks: 'answers',
    find: () => ({ kind: 'found', version: `this checkout, Node ${process.versions.node}` }),
    files: (site) => directorFiles(site, { engine, clusters: CLUSTERS, names: hostnames(), probe: 'none', workers }),
    command: ({ folder }) => [process.execPath, MAIN, 'run', '--config', `${folder}/azimuth.yaml`],
  };
}

/** What a director is asked to serve. `probe` is the annotation of all clusters. */
type Order = {
  readonly engine: 'auto' | 'native' | 'portable';
  readonly clusters: readonly Cluster[];
  readonly names: readonly string[];
  readonly probe: string;
  readonly workers: number;
};

/** Configuration and manifests: in each cluster one Gateway per name with the VIP as its address. */
function directorFiles(site: Site, order: Order): ReadonlyMap<string, string> {
  const { clusters, names } = order;
  const files = new Map([['azimuth.yaml', configuration(site, order)]]);
  for (const [number, cluster] of clusters.entries()) {
    const gateways = names.map((name, index) => gateway(name, vipOf(index, number), index));
    for (let from = 0; from < gateways.length; from += GATEWAYS_PER_FILE) {
      const part = gateways.slice(from, from + GATEWAYS_PER_FILE);
      files.set(`${cluster.name}/gateways-${from}.yaml`, part.join('---\n'));
    }
  }
  return files;
}

function configuration({ host, port, database }: Site, { engine, clusters, probe, workers }: Order): string {
  return stringify({
    zones: [{ name: ZONE, nameservers: { [`ns1.${ZONE}`]: ['192.0.2.53'] } }],
    clusters: clusters.map(({ name, lat, lon, country }) => ({
      name,
      location: { lat, lon, country },
      source: { manifests: name },
      annotations: { probe },
    })),
    dns: { listen: [`${host}:${port}`], engine, workers },
    admin: { listen: '127.0.0.1:0' },
    geoip: { database },
    prober: { rise: 1, fall: 1 },
    state: { directory: 'state' },
    log: { level: 'warn' },
  });
}

function gateway(name: string, address: string, index: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gateway-${index}, namespace: bench }
spec:
  gatewayClassName: bench
  listeners: [{ name: http, protocol: HTTP, port: 80, hostname: ${name} }]
status: { addresses: [{ type: IPAddress, value: ${address} }] }
`;
}
