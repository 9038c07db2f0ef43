/** Clusters on real API servers: objects, gateways that can be probed, and what a director needs to watch them. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { stringify } from 'yaml';
import { type ApiClient, createApiClient, GATEWAY_API } from '../../test/cluster/api-client.ts';
import { type OwnKube, STANDARD_CRDS } from '../../test/cluster/kube.ts';
import type { Site } from '../peers/peer.ts';
import { ZONE } from '../world.ts';

/** How much there is. Every cluster is a namespace of one of the API servers, and has hostnames of its own. */
export type FleetSize = { readonly servers: number; readonly clusters: number; readonly routes: number };

/** Clusters that are filled and can be changed. */
export type Fleet = FleetSize & {
  /** Ports of the API servers. */
  readonly ports: readonly number[];
  /** The address that a cluster's names are answered with. */
  vip(cluster: number): string;
  /** Changes the weight of a cluster's Route. */
  setWeight(cluster: number, route: number, weight: number): Promise<unknown>;
  remove(cluster: number, route: number): Promise<unknown>;
  create(cluster: number, route: number): Promise<unknown>;
  close(): Promise<void>;
};

/** Requests to each API server at once while it is filled. */
const FILLING = 8;
/** Connections to each API server. */
const CONNECTIONS = 8;
const CRDS = /_(gateways|httproutes|listenersets|grpcroutes|tlsroutes|referencegrants)\.yaml$/;
/** Where the clusters are, in turn. */
const COUNTRIES = ['DE', 'US', 'JP', 'BR', 'ZA', 'AU', 'IN', 'GB', 'CA', 'SG'];
const API = 'gateway.networking.k8s.io/v1';

/** The contexts that API servers for a fleet are started with. */
export function contextsOf({ servers }: Pick<FleetSize, 'servers'>): readonly string[] {
  return Array.from({ length: servers }, (_, server) => `server-${server}`);
}

/** The hostname of a cluster's Route. */
export function hostnameOf(cluster: number, route: number): string {
  return `host-${route}.cluster-${cluster}.${ZONE}`;
}

/** Installs the CRDs and creates a namespace, a Gateway and the Routes of every cluster. */
export async function createFleet(kube: OwnKube, size: FleetSize): Promise<Fleet> {
  const { clusters, routes } = size;
  const apis: ApiClient[] = [];
  for (const context of kube.contexts) {
    await kube.install(context, STANDARD_CRDS, CRDS);
    apis.push(await createApiClient(kube, context, CONNECTIONS));
  }
  const api = (cluster: number) => apis[cluster % apis.length]!;
  const path = (cluster: number) => `${GATEWAY_API}/cluster-${cluster}/httproutes`;
  const vip = (cluster: number) => `127.0.8.${cluster + 1}`;
  const gateways = await Promise.all(Array.from({ length: clusters }, (_, cluster) => listen(vip(cluster))));
  const create = (cluster: number, route: number) =>
    api(cluster).ask('POST', path(cluster), JSON.stringify(routeOf(cluster, route)));
  const limit = pLimit(FILLING * apis.length);
  await Promise.all(
    gateways.map(async ({ port }, cluster) => {
      const namespace = { metadata: { name: `cluster-${cluster}` } };
      await api(cluster).ask('POST', '/api/v1/namespaces', JSON.stringify(namespace));
      const gateway = JSON.stringify(gatewayOf(vip(cluster), port));
      await api(cluster).ask('POST', `${GATEWAY_API}/cluster-${cluster}/gateways`, gateway);
      await Promise.all(Array.from({ length: routes }, (_, route) => limit(() => create(cluster, route))));
    }),
  );
  return {
    ...size,
    ports: await Promise.all(kube.contexts.map((context) => kube.port(context))),
    vip,
    create,
    setWeight: (cluster, route, weight) =>
      api(cluster).patch(`${path(cluster)}/host-${route}`, {
        metadata: { annotations: { 'azimuth.dev/weight': String(weight) } },
      }),
    remove: (cluster, route) => api(cluster).ask('DELETE', `${path(cluster)}/host-${route}`),
    async close() {
      for (const { server } of gateways) server.close();
      await Promise.all(apis.map((each) => each.close()));
    },
  };
}

/** The configuration of a director that watches a fleet. Returns its file. */
export function configure({ folder, host, port }: Site, admin: number, kube: OwnKube, { clusters }: FleetSize): string {
  const file = join(folder, 'azimuth.yaml');
  const sources = Array.from({ length: clusters }, (_, cluster) => ({
    name: `cluster-${cluster}`,
    location: { country: COUNTRIES[cluster % COUNTRIES.length] },
    source: {
      kubeconfig: kube.kubeconfig,
      context: kube.contexts[cluster % kube.contexts.length],
      namespaces: [`cluster-${cluster}`],
    },
  }));
  const config = {
    zones: [{ name: ZONE, nameservers: { [`ns1.${ZONE}`]: ['192.0.2.53'] } }],
    clusters: sources,
    dns: { listen: [`${host}:${port}`] },
    admin: { listen: `${host}:${admin}` },
    // The gateways listen on loopback addresses.
    prober: { allow: ['127.0.0.0/8'] },
    state: { directory: 'state' },
  };
  writeFileSync(file, stringify(config));
  return file;
}

function gatewayOf(address: string, port: number): object {
  const annotations = { 'azimuth.dev/address': address, 'azimuth.dev/probe': `tcp://:${port}` };
  const listeners = [{ name: 'https', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'web' }] } }];
  const spec = { gatewayClassName: 'bench', listeners };
  return { apiVersion: API, kind: 'Gateway', metadata: { name: 'edge', annotations }, spec };
}

function routeOf(cluster: number, route: number): object {
  const name = `host-${route}`;
  const metadata = { name, labels: { app: name }, annotations: { 'azimuth.dev/ttl': '60' } };
  const rules = [
    { matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name, port: 8080, weight: 1 }] },
  ];
  const spec = { parentRefs: [{ name: 'edge' }], hostnames: [hostnameOf(cluster, route)], rules };
  return { apiVersion: API, kind: 'HTTPRoute', metadata, spec };
}

async function listen(address: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => void socket.on('error', () => {}).end()).listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  return { server, port: typeof bound === 'object' && bound !== null ? bound.port : 0 };
}
