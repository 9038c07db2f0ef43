/**
 * A fleet on disk: the manifests of many Routes in many clusters, as `kubectl get gateways,httproutes -A -o json` (or
 * `yaml`) prints them, one file for each cluster, and a configuration that serves them. All Routes of a Gateway share its
 * one TCP monitor. `node bench/control/fleet.ts FOLDER [--clusters 8] [--routes 1000] [--gateways 1] [--format json]
 * [--detail full] [--port 5353]`. `--detail spec` leaves out the status of the Routes, as manifests in a repository do.
 * At the most 4 GiB are written.
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { CLUSTERS, vipOf, ZONE } from '../world.ts';

/** What a fleet is made of. Routes, hostnames and Gateways have the same names in all clusters, as from one template. */
export type Fleet = {
  readonly clusters: number;
  /** Of each cluster; one hostname each. */
  readonly routes: number;
  readonly gateways: number;
  readonly format: 'json' | 'yaml';
  readonly detail: 'full' | 'spec';
  /** Where the configuration lets the director answer, on 127.0.0.1. */
  readonly port: number;
};

/** Most octets of a whole fleet. */
const MAX_OCTETS = 4 * 2 ** 30;
/** Objects that are written at once. */
const BATCH = 1000;
/** As kubectl writes it: no aliases, and times in quotes. */
const YAML_STYLE = { aliasDuplicateObjects: false, indentSeq: false, lineWidth: 0, version: '1.1' } as const;
const TIME = '2026-01-01T00:00:00Z';
const CONTROLLER = 'gateway.envoyproxy.io/gatewayclass-controller';

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      clusters: { type: 'string', default: '8' },
      routes: { type: 'string', default: '1000' },
      gateways: { type: 'string', default: '1' },
      format: { type: 'string', default: 'json' },
      detail: { type: 'string', default: 'full' },
      port: { type: 'string', default: '5353' },
    },
  });
  const octets = writeFleet(positionals[0] ?? 'fleet', {
    clusters: Number(values.clusters),
    routes: Number(values.routes),
    gateways: Number(values.gateways),
    format: values.format === 'yaml' ? 'yaml' : 'json',
    detail: values.detail === 'spec' ? 'spec' : 'full',
    port: Number(values.port),
  });
  console.log(JSON.stringify({ octets }));
}

/** Writes the manifests and `azimuth.yaml` into a folder. Returns how many octets the manifests have. */
export function writeFleet(folder: string, fleet: Fleet): number {
  let octets = 0;
  for (let cluster = 0; cluster < fleet.clusters; cluster++) {
    mkdirSync(join(folder, nameOf(cluster)), { recursive: true });
    const file = openSync(join(folder, nameOf(cluster), `objects.${fleet.format}`), 'w');
    try {
      for (const text of listOf(cluster, fleet)) {
        octets += writeSync(file, text);
        if (octets > MAX_OCTETS) throw new Error(`a fleet of over ${MAX_OCTETS} octets`);
      }
    } finally {
      closeSync(file);
    }
  }
  writeFileSync(join(folder, 'azimuth.yaml'), configuration(fleet));
  return octets;
}

function nameOf(cluster: number): string {
  return `cluster-${cluster}`;
}

function* listOf(cluster: number, fleet: Fleet): Iterable<string> {
  const { gateways, routes, format } = fleet;
  yield format === 'json' ? '{\n    "apiVersion": "v1",\n    "items": [\n' : 'apiVersion: v1\nitems:\n';
  const total = gateways + routes;
  for (let from = 0; from < total; from += BATCH) {
    const objects = Array.from({ length: Math.min(BATCH, total - from) }, (_, index) => {
      const number = from + index;
      return number < gateways ? gateway(number, cluster) : route(number - gateways, cluster, fleet);
    });
    if (format === 'yaml') yield stringify(objects, YAML_STYLE);
    else yield objects.map(indented).join(',\n') + (from + BATCH < total ? ',\n' : '\n');
  }
  yield format === 'json'
    ? '    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n'
    : 'kind: List\nmetadata:\n  resourceVersion: ""\n';
}

function indented(object: unknown): string {
  return JSON.stringify(object, null, 4).replace(/^/gm, '        ');
}

function metadataOf(kind: string, name: string, namespace: string, number: number, cluster: number) {
  const tail = (cluster * 1_000_000 + number).toString(16).padStart(12, '0');
  return {
    creationTimestamp: TIME,
    generation: 1,
    labels: { 'app.kubernetes.io/name': kind },
    name,
    namespace,
    resourceVersion: `${1_000_000 + number}`,
    uid: `3f2504e0-4f89-11d3-9a0c-${tail}`,
  };
}

function condition(type: string, message: string) {
  return { lastTransitionTime: TIME, message, observedGeneration: 1, reason: type, status: 'True', type };
}

function gateway(number: number, cluster: number) {
  const metadata = metadataOf('gateway', `edge-${number}`, 'infra', number, cluster);
  const allowedRoutes = { namespaces: { from: 'All' } };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { annotations: { 'azimuth.dev/probe': 'tcp://:443' }, ...metadata },
    spec: {
      gatewayClassName: 'bench',
      listeners: [{ allowedRoutes, name: 'http', port: 80, protocol: 'HTTP' }],
    },
    status: {
      addresses: [{ type: 'IPAddress', value: vipOf(number, cluster) }],
      conditions: [
        condition('Accepted', 'The Gateway has been scheduled'),
        condition('Programmed', 'Address assigned'),
      ],
    },
  };
}

function route(number: number, cluster: number, { gateways, detail }: Fleet) {
  const parent = {
    group: 'gateway.networking.k8s.io',
    kind: 'Gateway',
    name: `edge-${number % gateways}`,
    namespace: 'infra',
  };
  const conditions = [condition('Accepted', 'Route is accepted'), condition('ResolvedRefs', 'Resolved all references')];
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: metadataOf('route', `host-${number}`, 'shop', number, cluster),
    spec: {
      hostnames: [`host-${number}.${ZONE}`],
      parentRefs: [parent],
      rules: [
        {
          backendRefs: [{ group: '', kind: 'Service', name: `shop-${number}`, port: 8080, weight: 1 }],
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
        },
      ],
    },
    ...(detail === 'full'
      ? { status: { parents: [{ conditions, controllerName: CONTROLLER, parentRef: parent }] } }
      : {}),
  };
}

function configuration({ clusters, port }: Fleet): string {
  return stringify({
    zones: [{ name: ZONE, nameservers: { [`ns1.${ZONE}`]: ['192.0.2.53'] } }],
    clusters: Array.from({ length: clusters }, (_, cluster) => {
      const { lat, lon, country } = CLUSTERS[cluster % CLUSTERS.length]!;
      // Clusters of one place stand some way apart.
      const location = { lat: lat - Math.floor(cluster / CLUSTERS.length), lon, country };
      return { name: nameOf(cluster), location, source: { manifests: nameOf(cluster) } };
    }),
    dns: { listen: [`127.0.0.1:${port}`] },
    admin: { listen: '127.0.0.1:0' },
    state: { directory: 'state' },
    log: { level: 'warn' },
  });
}
