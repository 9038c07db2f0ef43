/**
 * How long the model takes, from nothing and after a change, and what it keeps in memory with the pictures.
 * `node --expose-gc bench/desire.ts [hostnames] [clusters] [gateways] [tcp|https]`: every cluster has one HTTPRoute for
 * each hostname, on its Gateways in turn. Times are of this machine at this moment: compare runs of one machine only.
 */
import { createDesire } from '../src/core/desired/desire.ts';
import { type GatewayApiObject, readObject } from '../src/core/desired/gateway-api/objects.ts';
import type { Declaration, Model } from '../src/core/desired/model.ts';
import type { Picture } from '../src/core/desired/picture.ts';
import { compile } from '../src/core/snapshot/compile.ts';
import type { PlaceTable } from '../src/core/snapshot/place-table.ts';

const [hostnames = '100000', clusters = '8', gateways = '1', protocol = 'tcp'] = process.argv.slice(2);
const HOSTNAMES = Number(hostnames);
const CLUSTERS = Number(clusters);
const GATEWAYS = Number(gateways);
const ZONE = 'gslb.example';
const API = 'gateway.networking.k8s.io/v1';
const TIMES = { refresh: 7200, retry: 900, expire: 1_209_600, minimum: 60, ttl: 3600 };

const DECLARATION: Declaration = {
  prefix: 'azimuth.dev/',
  zones: [
    {
      apex: ZONE,
      nameservers: [{ name: `ns1.${ZONE}`, addresses: ['192.0.2.53'] }],
      nsTtl: 3600,
      soa: { mname: `ns1.${ZONE}`, rname: ZONE, ...TIMES },
      records: [],
    },
  ],
  clusters: Array.from({ length: CLUSTERS }, (_, index) => ({
    name: `cluster-${index}`,
    location: { lat: index * 7 - 60, lon: index * 31 - 180, country: '', continent: '' },
    annotations: {},
    origin: { file: 'azimuth.yaml' },
  })),
  probe: { intervalMs: 10_000, timeoutMs: 3000, rise: 2, fall: 3 },
};

function read(value: unknown, file: string, line: number): GatewayApiObject {
  const found = readObject(value, { file, line });
  if (found.kind !== 'object') throw new Error(JSON.stringify(found));
  return found.object;
}

function gatewayOf(cluster: number, index: number): GatewayApiObject {
  const annotations = protocol === 'tcp' ? { 'azimuth.dev/probe': 'tcp://:443' } : {};
  const value = {
    apiVersion: API,
    kind: 'Gateway',
    metadata: { name: `edge-${index}`, namespace: 'infra', annotations },
    spec: {
      listeners: [{ name: 'https', port: 443, protocol: 'HTTPS', allowedRoutes: { namespaces: { from: 'All' } } }],
    },
    status: { addresses: [{ type: 'IPAddress', value: `10.${cluster}.${index >> 8}.${index & 255}` }] },
  };
  return read(value, `clusters/${cluster}.json`, index + 1);
}

function routeOf(cluster: number, index: number, weight?: string): GatewayApiObject {
  const annotations = weight === undefined ? {} : { 'azimuth.dev/weight': weight };
  const value = {
    apiVersion: API,
    kind: 'HTTPRoute',
    metadata: { name: `host-${index}`, namespace: 'shop', annotations },
    spec: {
      parentRefs: [{ name: `edge-${index % GATEWAYS}`, namespace: 'infra' }],
      hostnames: [`host-${index}.${ZONE}`],
    },
  };
  return read(value, `clusters/${cluster}.json`, GATEWAYS + index + 1);
}

/** Texts and lists are shared between clusters, as a source shares them. */
function pictures(): Picture[] {
  const routes = Array.from({ length: HOSTNAMES }, (_, index) => routeOf(0, index));
  return DECLARATION.clusters.map(({ name }, cluster): Picture => {
    const file = `clusters/${cluster}.json`;
    const own = routes.map((route, index): GatewayApiObject => {
      const origin = Object.freeze({ file, line: GATEWAYS + index + 1 });
      return cluster === 0 ? route : Object.freeze({ ...route, origin });
    });
    const objects = [...Array.from({ length: GATEWAYS }, (_, index) => gatewayOf(cluster, index)), ...own];
    return Object.freeze({ cluster: name, objects: Object.freeze(objects), findings: Object.freeze([]) });
  });
}

function megabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** CPU time of this thread in ms: other programs do not count. */
function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function timed<T>(what: string, run: () => T): T {
  const [started, spent] = [performance.now(), cpu()];
  const result = run();
  console.log(`${what}: ${(performance.now() - started).toFixed(0)} ms, of which ${(cpu() - spent).toFixed(0)} ms CPU`);
  return result;
}

/** The time of each of some changes to the pictures, made one after the other. */
function measure(what: string, rounds: number, change: (round: number) => void): void {
  const times = Array.from({ length: rounds }, (_, round) => {
    change(round);
    const spent = cpu();
    model = desire(given);
    return cpu() - spent;
  }).toSorted((a, b) => a - b);
  const at = (part: number): string => (times[Math.floor((times.length - 1) * part)] ?? 0).toFixed(1);
  console.log(`${what}: p50 ${at(0.5)} ms CPU, most ${at(1)} ms`);
}

function replaceIn(cluster: number, index: number, object: GatewayApiObject): void {
  given = given.map((picture, at) => {
    return at === cluster ? { ...picture, objects: Object.freeze(picture.objects.with(index, object)) } : picture;
  });
}

console.log(`${HOSTNAMES} hostnames × ${CLUSTERS} clusters, ${GATEWAYS} Gateways each, ${protocol}`);
const empty = megabytes();
let given: readonly Picture[] = pictures();
const withPictures = megabytes();
const desire = createDesire(DECLARATION);
let model: Model = timed('from nothing', () => desire(given));
const withModel = megabytes();
console.log(`pictures ${(withPictures - empty).toFixed(0)} MiB, model ${(withModel - withPictures).toFixed(0)} MiB`);
console.log(
  `${model.hostnames.length} hostnames, ${model.monitors.length} monitors, ${model.findings.length} findings`,
);
measure('one Route changed', 20, (round) => {
  const index = (round * 7919) % HOSTNAMES;
  replaceIn(round % CLUSTERS, GATEWAYS + index, routeOf(round % CLUSTERS, index, String(round)));
});
measure('one Gateway changed', 6, (round) => {
  const value = gatewayOf(round % CLUSTERS, 0);
  replaceIn(round % CLUSTERS, 0, Object.freeze({ ...value, origin: { file: 'moved', line: round } }));
});
const places: PlaceTable = {
  v4: new Int32Array(new SharedArrayBuffer(4)),
  v6: new Int32Array(new SharedArrayBuffer(4)),
  places: [{ kind: 'unknown' }, { kind: 'known', lat: 50, lon: 8, country: 'DE', continent: 'EU' }],
  source: 'bench',
  builtAt: 0,
};
const input = { health: new Map(), overrides: new Map(), places, now: 0 };
let snapshot = timed('compile from nothing', () => compile({ ...input, model, serial: 1 }));
for (let round = 0; round < 3; round++) {
  replaceIn(0, GATEWAYS + round, routeOf(0, round, String(round + 7)));
  model = desire(given);
  snapshot = timed('compile after one Route changed', () => {
    return compile({ ...input, model, serial: 2 + round }, snapshot, new Set());
  });
}
console.log(`RSS ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
