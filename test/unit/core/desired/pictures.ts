import { continentOf } from '../../../../src/core/desired/countries.ts';
import { desire } from '../../../../src/core/desired/desire.ts';
import { readObject } from '../../../../src/core/desired/gateway-api/objects.ts';
import type { ClusterSpec, Declaration, Endpoint, Hostname, Model } from '../../../../src/core/desired/model.ts';
import type { Picture } from '../../../../src/core/desired/picture.ts';
import type { RecordData } from '../../../../src/core/desired/records.ts';

/** Builds inputs of `desire` in the words of a manifest. Annotations are given without their prefix. */
type Annotations = Readonly<Record<string, unknown>>;
type Meta = { readonly namespace?: string; readonly annotations?: Annotations; readonly kind?: string };

export const PREFIX = 'azimuth.dev/';

function metadata(name: string, { namespace = 'web', annotations = {} }: Meta): unknown {
  const prefixed = Object.entries(annotations).map(([key, value]) => [PREFIX + key, value]);
  return { name, namespace, annotations: Object.fromEntries(prefixed) };
}

export function listener(name: string, port: number, protocol: string, more: object = {}): unknown {
  return { name, port, protocol, ...more };
}

export const HTTP = listener('http', 80, 'HTTP');
export const HTTPS = listener('https', 443, 'HTTPS');

type GatewayParts = Meta & {
  readonly listeners?: readonly unknown[];
  readonly addresses?: readonly unknown[];
  readonly spec?: object;
};

/** A Gateway with one open HTTP listener and the address 192.0.2.1, where nothing else is said. */
export function gateway(name: string, parts: GatewayParts = {}): unknown {
  const { listeners = [HTTP], addresses = ['192.0.2.1'], spec = {} } = parts;
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: metadata(name, parts),
    spec: { gatewayClassName: 'any', listeners, ...spec },
    status: { addresses: addresses.map((one) => (typeof one === 'string' ? { type: 'IPAddress', value: one } : one)) },
  };
}

/** An HTTPRoute of the Gateway `web/edge`, where nothing else is said. */
export function route(
  name: string,
  hostnames: readonly unknown[] | undefined,
  parts: Meta & { readonly parents?: readonly unknown[]; readonly apiVersion?: string } = {},
): unknown {
  const { kind = 'HTTPRoute', parents = [{ name: 'edge' }], apiVersion = 'gateway.networking.k8s.io/v1' } = parts;
  const spec = { parentRefs: parents, ...(hostnames === undefined ? {} : { hostnames }) };
  return { apiVersion, kind, metadata: metadata(name, parts), spec };
}

export function listenerSet(name: string, listeners: readonly unknown[], parts: Meta = {}): unknown {
  const x = parts.kind === 'XListenerSet';
  return {
    apiVersion: x ? 'gateway.networking.x-k8s.io/v1alpha1' : 'gateway.networking.k8s.io/v1',
    kind: parts.kind ?? 'ListenerSet',
    metadata: metadata(name, parts),
    spec: { parentRef: { name: 'edge' }, listeners },
  };
}

export function namespace(name: string, labels: Readonly<Record<string, string>>, annotations: object = {}): unknown {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, annotations } };
}

export function picture(cluster: string, ...values: readonly unknown[]): Picture {
  const read = values.map((value, index) => readObject(value, { file: `${cluster}.yaml`, line: index + 1 }));
  const objects = read.flatMap((one) => (one.kind === 'object' ? [one.object] : []));
  return { cluster, objects, findings: read.flatMap((one) => (one.kind === 'foreign' ? [] : one.findings)) };
}

export function cluster(name: string, country = 'DE', annotations: Readonly<Record<string, string>> = {}): ClusterSpec {
  const location = { lat: 50, lon: 8, country, continent: continentOf(country) };
  return { name, location, annotations, origin: { file: 'azimuth.yaml' } };
}

type DeclarationParts = {
  readonly clusters?: readonly (string | ClusterSpec)[];
  readonly zones?: readonly string[];
  readonly records?: readonly (readonly [string, RecordData])[];
};

export function declare(parts: DeclarationParts = {}): Declaration {
  const { clusters = ['eu', 'jp', 'us'], zones = ['gslb.example'], records = [] } = parts;
  return {
    prefix: PREFIX,
    zones: zones.map((apex) => ({
      apex,
      nameservers: [{ name: `ns1.${apex}`, addresses: ['192.0.2.53'] }],
      nsTtl: 3600,
      soa: { mname: `ns1.${apex}`, rname: `root.${apex}`, refresh: 1, retry: 1, expire: 1, minimum: 60, ttl: 60 },
      records: records.map(([owner, data]) => ({ owner, ttl: 300, data })),
    })),
    clusters: clusters.map((one) => (typeof one === 'string' ? cluster(one) : one)),
    probe: { intervalMs: 10_000, timeoutMs: 3000, rise: 2, fall: 3 },
  };
}

/** The model of one cluster `eu` with these objects. */
export function modelOf(...values: readonly unknown[]): Model {
  return desire(declare(), [picture('eu', ...values)]);
}

export function names(model: Model): readonly string[] {
  return model.hostnames.map((hostname) => hostname.name);
}

export function codes(model: Model): readonly string[] {
  return model.findings.map((finding) => finding.code);
}

export function hostnameOf(model: Model, name = 'shop.gslb.example'): Hostname {
  const hostname = model.hostnames.find((one) => one.name === name);
  if (hostname === undefined) throw new Error(`${name} is not in the model: ${names(model).join(', ')}`);
  return hostname;
}

export function endpointOf(model: Model, cluster = 'eu', name = 'shop.gslb.example'): Endpoint {
  const endpoint = hostnameOf(model, name).endpoints.find((one) => one.cluster === cluster);
  if (endpoint === undefined) throw new Error(`${name} has no endpoint in ${cluster}`);
  return endpoint;
}
