import * as fc from 'fast-check';
import { ANNOTATIONS } from '../../../../src/core/desired/annotations/table.ts';
import { gateway, HTTP, HTTPS, listener, listenerSet, namespace, route } from './pictures.ts';

/** Words that objects are made of, so that strange objects are near to sensible ones. */
export const word = fc.constantFrom(
  'edge',
  'spare',
  'web',
  'team',
  'http',
  'shop.gslb.example',
  '*.gslb.example',
  '*.apps.gslb.example',
  '192.0.2.1',
  '',
  '*',
);
const annotations = fc.dictionary(
  fc.constantFrom(...Object.keys(ANNOTATIONS), 'unknown'),
  fc.constantFrom(
    '0',
    '5',
    '60',
    'true',
    'failover',
    'weighted',
    'us, eu',
    'continent:EU',
    'tcp://:80',
    'require',
    'ignore',
    'https://:443/',
    '192.0.2.9',
    '1s',
    'nonsense',
  ),
  { maxKeys: 4 },
);
const hostnames = fc.option(
  fc.subarray(['shop.gslb.example', '*.apps.gslb.example', 'a.apps.gslb.example', 'shop.example.com', 'bad name']),
  { nil: undefined },
);
const conditions = fc.array(
  fc.record({
    type: fc.constantFrom('Accepted', 'Programmed', 'ResolvedRefs', 'Conflicted'),
    status: fc.constantFrom('True', 'False', 'Unknown'),
    reason: fc.constantFrom('Pending', 'Invalid'),
    observedGeneration: fc.constantFrom(1, 2),
  }),
  { maxLength: 2 },
);
const status = fc.record({
  conditions,
  listeners: fc.array(fc.record({ name: fc.constantFrom('http', 'apps'), conditions }), { maxLength: 2 }),
  parents: fc.array(fc.record({ parentRef: fc.record({ name: fc.constantFrom('edge', 'spare') }), conditions }), {
    maxLength: 2,
  }),
});

/** Says of an object what its controllers may say. */
function told(value: unknown, said: object): unknown {
  const { metadata, status: own } = Object(value);
  return { ...Object(value), metadata: { ...metadata, generation: 2 }, status: { ...own, ...said } };
}

const name = fc.constantFrom('edge', 'spare');
const space = fc.constantFrom('web', 'team');
/** Names of load balancers, as `status.addresses` has them. */
const LB_NAMES = ['lb.cloud.example', 'lb.gslb.example'].map((value) => ({ type: 'Hostname', value }));

const listeners = fc.subarray([
  HTTP,
  HTTPS,
  listener('apps', 8443, 'TLS', { hostname: '*.apps.gslb.example' }),
  listener('all', 81, 'HTTP', { allowedRoutes: { namespaces: { from: 'All' } } }),
]);

/** Objects as people write them, few enough of a kind that they meet. */
export const sensible = fc.oneof(
  fc
    .record({
      name,
      namespace: space,
      annotations,
      listeners,
      addresses: fc.subarray(['192.0.2.1', '192.0.2.2', '2001:db8::1', ...LB_NAMES]),
      status,
    })
    .map((parts) =>
      told(
        gateway(parts.name, { ...parts, spec: { allowedListeners: { namespaces: { from: 'All' } } } }),
        parts.status,
      ),
    ),
  fc
    .record({
      name,
      namespace: space,
      annotations,
      hostnames,
      parents: fc.array(fc.record({ name, namespace: space }), { maxLength: 3 }),
      status,
    })
    .map((parts) => told(route(parts.name, parts.hostnames, parts), parts.status)),
  fc
    .record({ name, namespace: space, annotations, listeners })
    .map((parts) => listenerSet(parts.name, parts.listeners, parts)),
  fc.record({ name: space }).map((parts) => namespace(parts.name, { a: 'b' })),
);
