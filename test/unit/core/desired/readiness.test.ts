import { describe, expect, test } from 'vitest';
import { desire } from '../../../../src/core/desired/desire.ts';
import type { Endpoint, Model } from '../../../../src/core/desired/model.ts';
import {
  codes,
  declare,
  endpointOf,
  gateway,
  HTTP,
  HTTPS,
  listener,
  listenerSet,
  modelOf,
  names,
  picture,
  route,
} from './pictures.ts';

const SHOP = 'shop.gslb.example';
const EDGE = { kind: 'Gateway', group: 'gateway.networking.k8s.io', name: 'edge' };

type Raw = { readonly metadata: object; readonly status?: object };

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && 'metadata' in value;
}

/** An object at a generation, with a status beside what it has. */
function withStatus(value: unknown, status: object, generation = 2): unknown {
  if (!isRaw(value)) throw new Error('no object');
  return { ...value, metadata: { ...value.metadata, generation }, status: { ...value.status, ...status } };
}

function condition(type: string, status: string, reason = 'Because', observedGeneration = 2): object {
  return { type, status, reason, observedGeneration };
}

/** A Gateway of which its controller says this. */
function edge(conditions: readonly unknown[], mode = 'require', listeners: readonly unknown[] = [HTTP]): unknown {
  return withStatus(gateway('edge', { annotations: { conditions: mode }, listeners }), { conditions });
}

/** A Route of which controllers say this of its parent. */
function shop(...conditions: readonly (readonly object[])[]): unknown {
  const parents = conditions.map((one, index) => ({ parentRef: EDGE, controllerName: `c${index}`, conditions: one }));
  return withStatus(route('shop', [SHOP]), { parents });
}

const PLAIN = edge([condition('Programmed', 'True')]);

function unreadyIn(...objects: readonly unknown[]): Endpoint['unready'] {
  return endpointOf(modelOf(...objects)).unready;
}

describe('conditions that are not met', () => {
  const sick = [condition('Accepted', 'True'), condition('Programmed', 'False', 'AddressNotAssigned')];

  test('of a Gateway, where they are required, make its endpoints unready', () => {
    const model = modelOf(edge(sick), route('shop', [SHOP]));
    expect(endpointOf(model).unready).toEqual({
      condition: 'Programmed',
      reason: 'Gateway web/edge: Programmed is False (AddressNotAssigned)',
    });
    expect(codes(model)).toEqual(['condition-not-met']);
    expect(model.findings[0]?.origin.object).toBe('Gateway web/edge');
  });

  test('are a finding and nothing else by default', () => {
    const model = modelOf(withStatus(gateway('edge'), { conditions: sick }), route('shop', [SHOP]));
    expect(endpointOf(model)).not.toHaveProperty('unready');
    expect(codes(model)).toEqual(['condition-not-met']);
  });

  test('are nothing at all where they are to be ignored', () => {
    const model = modelOf(edge(sick, 'ignore'), route('shop', [SHOP]));
    expect(endpointOf(model)).not.toHaveProperty('unready');
    expect(codes(model)).toEqual([]);
  });

  test('count by the mode of the Route, then the Gateway, then the configuration', () => {
    const plain = withStatus(gateway('edge'), { conditions: sick });
    const required = { ...declare(), conditions: 'require' } as const;
    const of = (...objects: readonly unknown[]) => endpointOf(desire(required, [picture('eu', ...objects)])).unready;
    expect(of(plain, route('shop', [SHOP]))).toBeDefined();
    expect(of(edge(sick, 'warn'), route('shop', [SHOP]))).toBeUndefined();
    expect(of(edge(sick, 'warn'), route('shop', [SHOP], { annotations: { conditions: 'require' } }))).toBeDefined();
    expect(of(plain, route('shop', [SHOP], { annotations: { conditions: 'ignore' } }))).toBeUndefined();
  });

  test.each([
    ['absent', []],
    ['the default of the CRD', [condition('Programmed', 'Unknown', 'Pending')]],
    ['no condition at all', [{ type: 'Programmed' }, 'nonsense', null]],
    ['said of an older generation', [condition('Programmed', 'False', 'Invalid', 1)]],
  ])('do not count where they are %s', (_, conditions) => {
    expect(unreadyIn(edge(conditions), route('shop', [SHOP]))).toBeUndefined();
  });

  test('are told where they are stale', () => {
    const model = modelOf(edge([condition('Programmed', 'True', 'Programmed', 1)]), route('shop', [SHOP]));
    expect(codes(model)).toEqual(['condition-stale']);
    expect(model.findings[0]?.severity).toBe('info');
  });

  test('count where they are Unknown for another reason', () => {
    expect(unreadyIn(edge([condition('Programmed', 'Unknown', 'NoResources')]), route('shop', [SHOP]))).toBeDefined();
  });

  test('say nothing of a Gateway that serves none of our names', () => {
    expect(codes(modelOf(edge(sick), edge([]), gateway('other', { addresses: [] })))).not.toContain(
      'condition-not-met',
    );
  });

  test('of a listener count for its names alone', () => {
    const listeners = [
      listener('a', 80, 'HTTP', { hostname: 'a.gslb.example' }),
      listener('b', 80, 'HTTP', { hostname: 'b.gslb.example' }),
    ];
    const of = (conditions: readonly object[]) => {
      const status = { listeners: [{ name: 'b', conditions }] };
      return modelOf(withStatus(edge([], 'require', listeners), status));
    };
    const model = of([condition('Programmed', 'False', 'Invalid')]);
    expect(endpointOf(model, 'eu', 'a.gslb.example').unready).toBeUndefined();
    expect(endpointOf(model, 'eu', 'b.gslb.example').unready?.reason).toBe(
      'Gateway web/edge listener b: Programmed is False (Invalid)',
    );
    expect(endpointOf(of([condition('Conflicted', 'True')]), 'eu', 'b.gslb.example').unready).toBeDefined();
    expect(endpointOf(of([condition('Conflicted', 'False')]), 'eu', 'b.gslb.example').unready).toBeUndefined();
  });

  test('of a ListenerSet count for its names alone', () => {
    const set = withStatus(listenerSet('more', [listener('m', 81, 'HTTP', { hostname: 'm.gslb.example' })]), {
      conditions: [condition('Accepted', 'False', 'NotAllowed')],
    });
    const open = gateway('edge', {
      annotations: { conditions: 'require' },
      spec: { allowedListeners: { namespaces: { from: 'Same' } } },
    });
    const model = modelOf(open, set, route('shop', [SHOP]));
    expect(endpointOf(model).unready).toBeUndefined();
    expect(endpointOf(model, 'eu', 'm.gslb.example').unready?.condition).toBe('Accepted');
  });

  test('never repeat foreign text in a message', () => {
    const evil = condition('Programmed', 'False', 'no\u001b[31m such\nreason');
    expect(unreadyIn(edge([evil]), route('shop', [SHOP]))?.reason).toBe('Gateway web/edge: Programmed is False');
  });
});

describe('conditions of a Route at its parent', () => {
  test('make its names unready', () => {
    const model = modelOf(PLAIN, shop([condition('Accepted', 'False', 'NotAllowedByListeners')]));
    expect(endpointOf(model).unready?.reason).toBe(
      'HTTPRoute web/shop at Gateway web/edge: Accepted is False (NotAllowedByListeners)',
    );
    expect(model.findings.map(({ code, origin }) => [code, origin.object])).toEqual([
      ['condition-not-met', 'HTTPRoute web/shop'],
    ]);
  });

  test('are met where one of several controllers says so', () => {
    const bad = [condition('Accepted', 'False')];
    expect(unreadyIn(PLAIN, shop(bad, [condition('Accepted', 'True')]))).toBeUndefined();
    expect(unreadyIn(PLAIN, shop(bad, bad))).toBeDefined();
  });

  test('do not count for another parent', () => {
    const parentRef = { ...EDGE, sectionName: 'https' };
    const parents = [{ parentRef, controllerName: 'c', conditions: [condition('Accepted', 'False')] }];
    expect(unreadyIn(PLAIN, withStatus(route('shop', [SHOP]), { parents }))).toBeUndefined();
  });

  test('of one Route of several leave the name ready', () => {
    const bad = shop([condition('ResolvedRefs', 'False', 'BackendNotFound')]);
    expect(unreadyIn(PLAIN, bad)).toBeDefined();
    expect(unreadyIn(PLAIN, bad, route('beside', [SHOP]))).toBeUndefined();
  });
});

const rule = (...backendRefs: readonly object[]): object => ({ rules: [{ backendRefs }] });

function leadingTo(name: string, ...backendRefs: readonly object[]): unknown {
  const made = route(name, [SHOP]);
  if (typeof made !== 'object' || made === null || !('spec' in made)) throw new Error('no Route');
  return { ...made, spec: { ...Object(made.spec), ...rule(...backendRefs) } };
}

const GROUP = 'gateway.networking.k8s.io';

function grant(from: object, to: object, namespace = 'back'): unknown {
  const metadata = { name: 'grant', namespace };
  return { apiVersion: `${GROUP}/v1`, kind: 'ReferenceGrant', metadata, spec: { from: [from], to: [to] } };
}

describe('a reference to another namespace', () => {
  const abroad = leadingTo('shop', { name: 'web', namespace: 'back', port: 80 });
  const fromRoutes = { group: GROUP, kind: 'HTTPRoute', namespace: 'web' };

  test('without a ReferenceGrant makes a Route unready that leads nowhere else', () => {
    expect(unreadyIn(PLAIN, abroad)).toEqual({
      condition: 'ResolvedRefs',
      reason: 'HTTPRoute web/shop: no ReferenceGrant of namespace back allows Service back/web',
    });
    const beside = leadingTo('shop', { name: 'web', namespace: 'back' }, { name: 'web' });
    const model = modelOf(PLAIN, beside);
    expect(endpointOf(model).unready).toBeUndefined();
    expect(codes(model)).toEqual(['condition-not-met']);
  });

  test.each([
    ['all Services', fromRoutes, { group: '', kind: 'Service' }, 'back', true],
    ['this Service', fromRoutes, { group: '', kind: 'Service', name: 'web' }, 'back', true],
    ['another Service', fromRoutes, { group: '', kind: 'Service', name: 'api' }, 'back', false],
    ['another kind', fromRoutes, { group: '', kind: 'Secret' }, 'back', false],
    ['other Routes', { ...fromRoutes, kind: 'GRPCRoute' }, { group: '', kind: 'Service' }, 'back', false],
    ['Routes of elsewhere', { ...fromRoutes, namespace: 'else' }, { group: '', kind: 'Service' }, 'back', false],
    ['Services of elsewhere', fromRoutes, { group: '', kind: 'Service' }, 'else', false],
  ])('with a ReferenceGrant for %s', (_, from, to, namespace, isAllowed) => {
    expect(unreadyIn(PLAIN, abroad, grant(from, to, namespace)) === undefined).toBe(isAllowed);
  });

  test('is not judged where the controller has judged it', () => {
    const parents = [{ parentRef: EDGE, controllerName: 'c', conditions: [condition('ResolvedRefs', 'True')] }];
    expect(unreadyIn(PLAIN, withStatus(abroad, { parents }))).toBeUndefined();
  });

  test('of a certificate makes the names of its listener unready', () => {
    const tls = { certificateRefs: [{ name: 'cert', namespace: 'back' }] };
    const secure = edge([], 'require', [listener('https', 443, 'HTTPS', { tls })]);
    expect(unreadyIn(secure, route('shop', [SHOP]))?.reason).toBe(
      'Gateway web/edge: no ReferenceGrant of namespace back allows Secret back/cert',
    );
    const allowed = grant({ group: GROUP, kind: 'Gateway', namespace: 'web' }, { group: '', kind: 'Secret' });
    expect(unreadyIn(secure, allowed, route('shop', [SHOP]))).toBeUndefined();
  });
});

describe('a Service of other clusters', () => {
  const metadata = (name: string, labels: object = {}) => ({ name, namespace: 'web', labels });
  const imported = (name: string, status: object = {}): unknown => {
    return { apiVersion: 'multicluster.x-k8s.io/v1alpha1', kind: 'ServiceImport', metadata: metadata(name), status };
  };
  const slice = (name: string, service: string, ...ready: readonly (boolean | undefined)[]): unknown => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: metadata(name, { 'multicluster.kubernetes.io/service-name': service }),
    endpoints: ready.map((one) => ({ addresses: ['10.0.0.1'], conditions: one === undefined ? {} : { ready: one } })),
  });
  const to = (...services: readonly string[]): unknown =>
    leadingTo('shop', ...services.map((name) => ({ group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name })));
  const exported = { clusters: [{ cluster: 'other' }] };

  test.each([
    ['that nobody knows of', [], undefined],
    ['that is not among those there are', [imported('else', exported)], 'does not exist'],
    ['that is there', [imported('web')], undefined],
    ['that is exported', [imported('web', exported)], undefined],
    ['that no cluster exports', [imported('web', { clusters: [] })], 'is exported by no cluster'],
    [
      'that is not Ready',
      [imported('web', { ...exported, conditions: [condition('Ready', 'False')] })],
      'is not Ready',
    ],
    ['without a ready endpoint', [imported('web', exported), slice('s', 'web', false)], 'has no ready endpoint'],
    ['without an endpoint', [imported('web', exported), slice('s', 'web')], 'has no ready endpoint'],
    ['with one slice that is ready', [imported('web'), slice('s', 'web', false), slice('t', 'web', true)], undefined],
    ['with an endpoint of which nothing is said', [imported('web'), slice('s', 'web', undefined)], undefined],
    ['beside which another has no endpoint', [imported('web'), slice('s', 'else', false)], undefined],
  ])('%s', (_, objects, problem) => {
    const unready = unreadyIn(PLAIN, to('web'), ...objects);
    const expected = { condition: 'Backends', reason: `HTTPRoute web/shop: ServiceImport web/web ${problem}` };
    expect(unready).toEqual(problem === undefined ? undefined : expected);
  });

  test('that is not ready leaves a Route ready that leads to another one, too', () => {
    const model = modelOf(PLAIN, to('web', 'api'), imported('web', { clusters: [] }), imported('api', exported));
    expect(endpointOf(model).unready).toBeUndefined();
    expect(codes(model)).toEqual(['condition-not-met']);
  });

  test('whose Pods change changes nothing here while one of them is ready', () => {
    const before = picture('eu', slice('s', 'web', true));
    const after = picture('eu', slice('s', 'web', true, true, false));
    expect(after.objects).toEqual(before.objects);
    const [plain] = [picture('eu', { ...Object(slice('s', 'web', true)), metadata: metadata('s') })];
    expect(plain.objects).toEqual([]);
  });
});

describe('listeners on one port', () => {
  const wild = listener('wild', 80, 'HTTP', { hostname: '*.gslb.example' });
  const apps = listener('apps', 80, 'HTTP', { hostname: '*.apps.gslb.example' });
  const exact = listener('shop', 80, 'HTTP', { hostname: SHOP });
  const at = (section: string) => ({ parents: [{ name: 'edge', sectionName: section }] });
  const said = (model: Model): readonly string[] => model.findings.map(({ code, message }) => `${code}: ${message}`);

  test('do not serve what belongs to a more specific one', () => {
    const model = modelOf(
      gateway('edge', { listeners: [wild, apps, exact] }),
      route('a', ['a.apps.gslb.example', 'b.gslb.example'], at('wild')),
      route('b', ['b.apps.gslb.example'], at('apps')),
    );
    expect(names(model)).toEqual(['b.apps.gslb.example', 'b.gslb.example', SHOP]);
    expect(said(model)).toEqual([
      'route-isolated: a.apps.gslb.example is served by a more specific listener than listener "wild" of Gateway web/edge',
    ]);
  });

  test('serve it for a Route that is attached to both, and that is no finding', () => {
    const model = modelOf(gateway('edge', { listeners: [wild, exact] }), route('r', [SHOP, 'x.gslb.example']));
    expect(names(model)).toEqual([SHOP, 'x.gslb.example']);
    expect(codes(model)).toEqual([]);
  });

  test('keep a wildcard, whatever is more specific than it', () => {
    const model = modelOf(gateway('edge', { listeners: [wild, exact] }), route('r', ['*.gslb.example'], at('wild')));
    expect(names(model)).toEqual(['*.gslb.example', SHOP]);
  });

  test('are told apart by their port', () => {
    const other = listener('shop', 8080, 'HTTP', { hostname: SHOP });
    const model = modelOf(gateway('edge', { listeners: [wild, other] }), route('r', [SHOP], at('wild')));
    expect(codes(model)).toEqual([]);
  });

  test('are rivals over ListenerSets, too', () => {
    const model = modelOf(
      gateway('edge', { listeners: [wild], spec: { allowedListeners: { namespaces: { from: 'Same' } } } }),
      listenerSet('more', [exact]),
      route('r', [SHOP], at('wild')),
    );
    expect(codes(model)).toEqual(['route-isolated']);
  });

  test.each([
    ['the same hostname', [wild, listener('again', 80, 'HTTP', { hostname: '*.gslb.example' })], 1],
    ['no hostname', [listener('a', 80, 'HTTP'), listener('b', 80, 'HTTP')], 1],
    ['TCP', [listener('a', 80, 'TCP'), wild], 1],
    ['other hostnames', [wild, exact, apps], 0],
    ['TCP and UDP', [listener('a', 53, 'TCP'), listener('b', 53, 'UDP')], 0],
    ['other ports', [HTTP, HTTPS], 0],
  ])('with %s conflict %#', (_, listeners, conflicts) => {
    const model = modelOf(
      gateway('edge', { listeners: [...listeners, listener('apart', 8081, 'HTTP')] }),
      route('r', [SHOP]),
    );
    expect(codes(model).filter((code) => code === 'listener-conflict')).toHaveLength(conflicts);
    expect(names(model)).toContain(SHOP);
  });
});

describe('Routes without hostnames of their own', () => {
  const to = (kind: string) => route('db', undefined, { kind, apiVersion: `${GROUP}/v1alpha2` });

  test('have those of their listeners, and are probed by a connection', () => {
    const tls = listener('tls', 5432, 'TLS', { hostname: 'db.gslb.example' });
    const model = modelOf(gateway('edge', { listeners: [tls] }), to('TCPRoute'));
    expect(endpointOf(model, 'eu', 'db.gslb.example').monitor).toMatch(/^tcp:\/\/192\.0\.2\.1:5432/);
  });

  test.each([
    ['TCPRoute', 'TCP'],
    ['UDPRoute', 'UDP'],
  ])('ask for no name, and for no finding: a %s on a listener for %s', (kind, protocol) => {
    const model = modelOf(gateway('edge', { listeners: [listener('l', 53, protocol)] }), to(kind));
    expect([...names(model), ...codes(model)]).toEqual([]);
  });

  test.each([
    ['TCPRoute', 'UDP'],
    ['UDPRoute', 'TCP'],
    ['TCPRoute', 'HTTP'],
    ['HTTPRoute', 'TCP'],
  ])('are not admitted by a listener of another protocol: a %s on %s', (kind, protocol) => {
    const model = modelOf(gateway('edge', { listeners: [listener('l', 53, protocol)] }), to(kind));
    expect(codes(model)).toEqual(['route-not-allowed']);
  });
});
