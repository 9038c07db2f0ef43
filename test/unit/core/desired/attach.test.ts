import { describe, expect, test } from 'vitest';
import { originOf } from '../../../../src/core/desired/gateway-api/metadata.ts';
import {
  codes,
  gateway,
  HTTP,
  HTTPS,
  hostnameOf,
  listener,
  listenerSet,
  modelOf,
  names,
  namespace,
  route,
} from './pictures.ts';

const SHOP = ['shop.gslb.example'];

function open(from: unknown, selector?: unknown): object {
  return { allowedRoutes: { namespaces: { from, ...(selector === undefined ? {} : { selector }) } } };
}

describe('listeners and routes', () => {
  test('a route takes the names that it has in common with the listeners', () => {
    const listeners = [
      listener('a', 80, 'HTTP', { hostname: '*.apps.gslb.example' }),
      listener('b', 81, 'HTTP', { hostname: 'b.gslb.example' }),
    ];
    const model = modelOf(
      gateway('edge', { listeners }),
      route('r', ['one.apps.gslb.example', '*.gslb.example', 'else.gslb.example']),
    );
    expect(names(model)).toEqual(['*.apps.gslb.example', 'b.gslb.example', 'one.apps.gslb.example']);
    expect(model.findings).toEqual([]);
  });

  test('a route without hostnames takes those of the listeners', () => {
    const listeners = [HTTP, listener('apps', 443, 'HTTPS', { hostname: '*.apps.gslb.example' })];
    const model = modelOf(gateway('edge', { listeners }), route('r', undefined));
    expect(names(model)).toEqual(['*.apps.gslb.example']);
    expect(model.findings).toEqual([]);
  });

  test('a listener with a hostname and no route serves its hostname', () => {
    const model = modelOf(
      gateway('edge', { listeners: [listener('tls', 443, 'TLS', { hostname: 'shop.gslb.example' }), HTTP] }),
    );
    expect(names(model)).toEqual(SHOP);
    expect(hostnameOf(model).askers.map(originOf)).toEqual([{ file: 'eu.yaml', line: 1, object: 'Gateway web/edge' }]);
    expect(model.findings).toEqual([]);
  });

  test('a listener with a route serves only what the route asks for', () => {
    const listeners = [listener('apps', 443, 'HTTPS', { hostname: '*.apps.gslb.example' })];
    const model = modelOf(gateway('edge', { listeners }), route('r', ['one.apps.gslb.example']));
    expect(names(model)).toEqual(['one.apps.gslb.example']);
    expect(hostnameOf(model, 'one.apps.gslb.example').askers.map(originOf)).toMatchObject([
      { object: 'HTTPRoute web/r', line: 2 },
    ]);
  });

  test('hostnames are lower-cased; a route of invalid ones does not become a route for everything', () => {
    const listeners = [listener('apps', 443, 'HTTPS', { hostname: '*.GSLB.example' })];
    const model = modelOf(
      gateway('edge', { listeners }),
      route('r', ['not valid', 5]),
      route('s', ['Shop.GSLB.Example']),
    );
    expect(names(model)).toEqual(SHOP);
    expect(codes(model)).toEqual(['hostname-invalid', 'hostname-invalid', 'route-no-match']);
  });

  test('an invalid hostname takes out its listener alone', () => {
    const model = modelOf(
      gateway('edge', {
        listeners: [
          listener('bad', 80, 'HTTP', { hostname: '*.*' }),
          listener('good', 81, 'HTTP', { hostname: 'shop.gslb.example' }),
        ],
      }),
    );
    expect(names(model)).toEqual(SHOP);
    expect(codes(model)).toEqual(['hostname-invalid']);
  });

  test.each(['v1', 'v1beta1', 'v1alpha2', 'v1alpha3'])('version %s is read', (version) => {
    expect(
      names(modelOf(gateway('edge'), route('r', SHOP, { apiVersion: `gateway.networking.k8s.io/${version}` }))),
    ).toEqual(SHOP);
  });

  test('an unknown version is reported, other kinds and groups are not', () => {
    const model = modelOf(
      gateway('edge'),
      route('r', SHOP, { apiVersion: 'gateway.networking.k8s.io/v9' }),
      route('r', SHOP, { apiVersion: 'example.com/v1' }),
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } },
    );
    expect(names(model)).toEqual([]);
    expect(codes(model)).toEqual(['object-invalid']);
  });

  test('of two objects of one name the first counts', () => {
    const model = modelOf(gateway('edge'), route('r', SHOP), route('r', ['other.gslb.example']));
    expect(names(model)).toEqual(SHOP);
    expect(model.findings).toMatchObject([{ code: 'object-duplicate', origin: { line: 3 } }]);
  });
});

describe('parents', () => {
  const two = [
    listener('a', 80, 'HTTP', { hostname: 'a.gslb.example' }),
    listener('b', 81, 'HTTP', { hostname: 'b.gslb.example' }),
  ];
  const catchAll = ['*.gslb.example'];

  test.each([
    ['sectionName', { name: 'edge', sectionName: 'a' }],
    ['port', { name: 'edge', port: 80 }],
    ['both', { name: 'edge', port: 80, sectionName: 'a' }],
  ])('%s picks the listener', (_, parent) => {
    const model = modelOf(gateway('edge', { listeners: two }), route('r', catchAll, { parents: [parent] }));
    expect(hostnameOf(model, 'a.gslb.example').askers.map(originOf)).toMatchObject([{ object: 'HTTPRoute web/r' }]);
    expect(hostnameOf(model, 'b.gslb.example').askers.map(originOf)).toMatchObject([{ object: 'Gateway web/edge' }]);
  });

  test.each([
    ['a Gateway', { name: 'edgy' }],
    ['a namespace', { name: 'edge', namespace: 'other' }],
    ['a section', { name: 'edge', sectionName: 'c' }],
    ['a port', { name: 'edge', port: 82 }],
    ['a ListenerSet', { name: 'edge', kind: 'ListenerSet' }],
  ])('%s that is not there is reported', (_, parent) => {
    const model = modelOf(gateway('edge', { listeners: two }), route('r', catchAll, { parents: [parent] }));
    expect(model.findings).toMatchObject([{ code: 'route-no-parent', origin: { object: 'HTTPRoute web/r' } }]);
  });

  test("a parent's namespace is the Route's where it is left out", () => {
    const parents = [{ name: 'edge' }];
    const model = modelOf(
      gateway('edge', { namespace: 'team', listeners: two }),
      gateway('edge'),
      route('r', catchAll, { namespace: 'team', parents }),
    );
    expect(hostnameOf(model, 'a.gslb.example').endpoints).toMatchObject([{ gateway: 'team/edge' }]);
    expect(model.findings).toEqual([]);
  });

  test('a Route may have several Gateways, and parents of other kinds', () => {
    const model = modelOf(
      gateway('edge'),
      gateway('inner', { addresses: ['192.0.2.2'] }),
      route('r', SHOP, { parents: [{ name: 'edge' }, { name: 'inner' }, { name: 's', kind: 'Service', group: '' }] }),
    );
    expect(hostnameOf(model).endpoints).toMatchObject([
      { gateway: 'web/edge', address: '192.0.2.1' },
      { gateway: 'web/inner', address: '192.0.2.2' },
    ]);
    expect(model.findings).toEqual([]);
  });

  test('no name in common and no name at all are reported', () => {
    const model = modelOf(gateway('edge', { listeners: two }), route('r', ['c.gslb.example']));
    expect(codes(model)).toEqual(['route-no-match']);
    expect(names(model)).toEqual(['a.gslb.example', 'b.gslb.example']);
    expect(codes(modelOf(gateway('edge'), route('r', undefined)))).toEqual(['hostname-open']);
  });
});

describe('allowedRoutes', () => {
  const foreign = route('r', SHOP, { namespace: 'team', parents: [{ name: 'edge', namespace: 'web' }] });
  const labels = { tier: 'gold', env: 'prod' };
  const expression = (key: string, operator: string, values: readonly string[] = []): object => ({
    matchExpressions: [{ key, operator, values }],
  });

  test.each([
    ['Same', undefined, false],
    ['All', undefined, true],
    ['None', undefined, false],
    ['Selector', { matchLabels: { tier: 'gold' } }, true],
    ['Selector', { matchLabels: { tier: 'gold', env: 'test' } }, false],
    ['Selector', { matchLabels: { 'kubernetes.io/metadata.name': 'team' } }, true],
    ['Selector', { matchLabels: { 'kubernetes.io/metadata.name': 'web' } }, false],
    ['Selector', {}, true],
    ['Selector', expression('env', 'In', ['prod', 'stage']), true],
    ['Selector', expression('env', 'In', ['stage']), false],
    ['Selector', expression('env', 'NotIn', ['prod']), false],
    ['Selector', expression('none', 'NotIn', ['prod']), true],
    ['Selector', expression('env', 'Exists'), true],
    ['Selector', expression('none', 'Exists'), false],
    ['Selector', expression('env', 'DoesNotExist'), false],
    ['Selector', expression('none', 'DoesNotExist'), true],
    ['Selector', { ...expression('env', 'Exists'), matchLabels: { tier: 'silver' } }, false],
  ])('namespaces from %s %j: %s', (from, selector, isAdmitted) => {
    const edge = gateway('edge', { listeners: [listener('http', 80, 'HTTP', open(from, selector))] });
    const model = modelOf(edge, namespace('team', labels), foreign);
    expect(names(model)).toEqual(isAdmitted ? SHOP : []);
    expect(codes(model)).toEqual(isAdmitted ? [] : ['route-not-allowed']);
  });

  test.each([
    ['Selector', undefined],
    ['Selector', { matchLabels: { a: 5 } }],
    ['Selector', expression('a', 'Gt')],
    ['Everyone', undefined],
  ])('a rule that is not understood (%s %j) admits nobody and is reported', (from, selector) => {
    const model = modelOf(
      gateway('edge', { listeners: [listener('http', 80, 'HTTP', open(from, selector))] }),
      foreign,
    );
    expect(codes(model)).toEqual(['object-invalid', 'route-not-allowed']);
  });

  test('a namespace without its object still has its own name', () => {
    const rule = open('Selector', { matchLabels: { 'kubernetes.io/metadata.name': 'team' } });
    expect(names(modelOf(gateway('edge', { listeners: [listener('http', 80, 'HTTP', rule)] }), foreign))).toEqual(SHOP);
  });

  test.each([
    ['HTTP', 'HTTPRoute', undefined, true],
    ['HTTPS', 'GRPCRoute', undefined, true],
    ['TLS', 'TLSRoute', undefined, true],
    ['HTTP', 'TLSRoute', undefined, false],
    ['TLS', 'HTTPRoute', undefined, false],
    ['TCP', 'HTTPRoute', undefined, false],
    ['example.com/quic', 'HTTPRoute', undefined, true],
    ['HTTP', 'HTTPRoute', [{ kind: 'GRPCRoute' }], false],
    ['HTTP', 'GRPCRoute', [{ kind: 'GRPCRoute', group: 'gateway.networking.k8s.io' }], true],
    ['HTTP', 'HTTPRoute', [{ kind: 'HTTPRoute', group: 'example.com' }], false],
  ])('a %s listener and a %s with kinds %j: %s', (protocol, kind, kinds, isAdmitted) => {
    const listeners = [listener('one', 443, protocol, kinds === undefined ? {} : { allowedRoutes: { kinds } })];
    const model = modelOf(gateway('edge', { listeners }), route('r', SHOP, { kind }));
    expect(names(model)).toEqual(isAdmitted ? SHOP : []);
    expect(codes(model)).toEqual(isAdmitted ? [] : ['route-not-allowed']);
  });
});

describe.each(['ListenerSet', 'XListenerSet'])('%s', (kind) => {
  const group = kind === 'XListenerSet' ? 'gateway.networking.x-k8s.io' : 'gateway.networking.k8s.io';
  const admitting = gateway('edge', { spec: { allowedListeners: { namespaces: { from: 'Same' } } } });
  const set = listenerSet('more', [HTTPS, listener('own', 0, 'HTTPS', { hostname: 'own.gslb.example' })], { kind });

  test('adds listeners to the Gateway that admits it', () => {
    const model = modelOf(
      admitting,
      set,
      route('r', SHOP, { parents: [{ name: 'more', kind, group, sectionName: 'https' }] }),
    );
    expect(names(model)).toEqual(['own.gslb.example', 'shop.gslb.example']);
    expect(hostnameOf(model).endpoints).toMatchObject([{ gateway: 'web/edge', address: '192.0.2.1' }]);
    expect(model.findings).toEqual([]);
  });

  test('is left out where the Gateway does not admit it, which is the default', () => {
    const model = modelOf(gateway('edge'), set);
    expect(names(model)).toEqual([]);
    expect(codes(model)).toEqual(['listener-set-not-allowed']);
  });
});
