import * as fc from 'fast-check';
import type { Finding } from '../../../src/core/desired/finding.ts';
import { type GatewayApiObject, readObject } from '../../../src/core/desired/gateway-api/objects.ts';
import type { Picture } from '../../../src/core/desired/picture.ts';

/** A picture as a source hands it over: frozen, its objects read by core. */
export function pictureOf(cluster: string, values: readonly unknown[], findings: readonly Finding[] = []): Picture {
  const objects = values.flatMap((value, index) => {
    const read = readObject(value, Object.freeze({ file: `clusters/${cluster}/all.yaml`, line: index + 1 }));
    return read.kind === 'object' ? [read.object] : [];
  });
  return Object.freeze({ cluster, objects: Object.freeze(objects), findings });
}

/** Pictures of one cluster with so many HTTPRoutes. */
export function routes(cluster: string, count: number, more: object = {}): Picture {
  const values = Array.from({ length: count }, (_, index) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: `route-${index}`, namespace: `team-${index % 50}`, ...more },
    spec: { parentRefs: [{ name: 'edge', namespace: 'infra' }], hostnames: [`h${index}.gslb.example`] },
  }));
  return pictureOf(cluster, values);
}

const NAME = fc.stringMatching(/^[a-z0-9]{1,6}$/);
const LABEL = fc.stringMatching(/^[a-z0-9]{1,6}$/);
const HOST = fc.oneof(
  fc.array(LABEL, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.')),
  LABEL.map((label) => `*.${label}.example`),
);
/** Any text, halves of surrogate pairs and control characters as well. */
const TEXT = fc.string({ unit: 'binary', maxLength: 8 });
const NOISE = fc.oneof(TEXT, fc.integer(), fc.constant(null));
const ANNOTATIONS = fc.dictionary(TEXT, NOISE, { maxKeys: 3 });
const SELECTOR = fc.record(
  {
    matchLabels: fc.dictionary(LABEL, TEXT, { maxKeys: 2 }),
    matchExpressions: fc.array(
      fc.record({
        key: TEXT,
        operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
        values: fc.array(TEXT, { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const NAMESPACES = fc.record(
  { from: fc.constantFrom('Same', 'All', 'None', 'Selector'), selector: SELECTOR },
  { requiredKeys: ['from'] },
);
const LISTENER = fc.record(
  {
    name: TEXT,
    protocol: fc.constantFrom('HTTP', 'HTTPS', 'TLS', 'example.com/own'),
    port: fc.integer({ min: 1, max: 65_535 }),
    hostname: HOST,
    tls: fc.record({ mode: fc.constantFrom('Terminate', 'Passthrough') }),
    allowedRoutes: fc.record(
      { namespaces: NAMESPACES, kinds: fc.array(fc.record({ kind: fc.constantFrom('HTTPRoute', 'TLSRoute') })) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['name', 'protocol', 'port'] },
);
const PARENT = fc.record(
  { name: TEXT, namespace: TEXT, sectionName: TEXT, port: fc.integer({ min: 1, max: 65_535 }) },
  { requiredKeys: ['name'] },
);
const ADDRESS = fc.record({ type: fc.constantFrom('IPAddress', 'Hostname'), value: TEXT });
const SPEC = fc.record(
  {
    listeners: fc.array(LISTENER, { maxLength: 3 }),
    allowedListeners: fc.record({ namespaces: NAMESPACES }),
    parentRef: PARENT,
    parentRefs: fc.array(PARENT, { maxLength: 3 }),
    hostnames: fc.array(HOST, { maxLength: 3 }),
  },
  { requiredKeys: ['listeners', 'parentRef'] },
);
const KIND = fc.constantFrom(
  ['v1', 'Namespace'],
  ['gateway.networking.x-k8s.io/v1alpha1', 'XListenerSet'],
  ...['Gateway', 'ListenerSet', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map((kind) => [
    'gateway.networking.k8s.io/v1',
    kind,
  ]),
);

/** Raw objects of all kinds, most of them such that core reads them. */
const RAW = fc
  .record({
    kind: KIND,
    name: NAME,
    namespace: NAME,
    annotations: ANNOTATIONS,
    labels: fc.dictionary(LABEL, TEXT, { maxKeys: 2 }),
    spec: SPEC,
    addresses: fc.array(ADDRESS, { maxLength: 3 }),
  })
  .map(({ kind: [apiVersion, kind], name, namespace, annotations, labels, spec, addresses }) => ({
    apiVersion,
    kind,
    metadata: { name, namespace, annotations, labels },
    spec,
    status: { addresses },
  }));

/** Pictures with objects of every kind that core reads. */
export const PICTURES: fc.Arbitrary<Picture> = fc
  .tuple(fc.array(RAW, { maxLength: 12 }), fc.boolean())
  .map(([raw, isLive]) => {
    const picture = pictureOf('eu-west', raw);
    if (!isLive) return picture;
    // A live cluster has one origin for all objects, without a line.
    const origin = Object.freeze({ file: 'cluster eu-west' });
    const objects = picture.objects.map((object): GatewayApiObject => Object.freeze({ ...object, origin }));
    return Object.freeze({ ...picture, objects: Object.freeze(objects) });
  });
