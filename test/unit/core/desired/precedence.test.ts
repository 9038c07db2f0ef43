import { describe, expect, test } from 'vitest';
import { desire } from '../../../../src/core/desired/desire.ts';
import type { Model } from '../../../../src/core/desired/model.ts';
import {
  cluster,
  codes,
  declare,
  endpointOf,
  gateway,
  HTTPS,
  hostnameOf,
  listenerSet,
  modelOf,
  picture,
  route,
} from './pictures.ts';

const NAMES = ['shop.gslb.example'];
type Annotations = Readonly<Record<string, string>>;

/** One cluster with a setting at each level; undefined leaves the level silent. */
function levels(config: Annotations, onGateway: Annotations, onSet: Annotations, onRoute: Annotations): Model {
  const edge = gateway('edge', {
    annotations: onGateway,
    spec: { allowedListeners: { namespaces: { from: 'Same' } } },
  });
  const parents = [{ name: 'more', kind: 'ListenerSet' }];
  return desire(declare({ clusters: [cluster('eu', 'DE', config)] }), [
    picture(
      'eu',
      edge,
      listenerSet('more', [HTTPS], { annotations: onSet }),
      route('shop', NAMES, { annotations: onRoute, parents }),
    ),
  ]);
}

/** One Gateway per cluster with these annotations. */
function clusters(byCluster: Readonly<Record<string, Annotations>>): Model {
  const pictures = Object.entries(byCluster).map(([name, annotations]) =>
    picture(name, gateway('edge', { annotations }), route('shop', NAMES)),
  );
  return desire(declare({ clusters: Object.keys(byCluster) }), pictures);
}

const GATEWAY = 'Gateway web/edge';
const SET = 'ListenerSet web/more';

describe('precedence in one cluster', () => {
  test.each([
    [{}, {}, {}, {}, 30, 100, []],
    [{ ttl: '1', weight: '1' }, {}, {}, {}, 1, 1, []],
    [{ ttl: '1', weight: '1' }, { ttl: '2', weight: '2' }, {}, {}, 2, 2, []],
    [{ ttl: '1', weight: '1' }, { ttl: '2', weight: '2' }, { ttl: '3', weight: '3' }, {}, 3, 3, [GATEWAY]],
    [
      { ttl: '1' },
      { ttl: '2', weight: '2' },
      { ttl: '3', weight: '3' },
      { ttl: '4', weight: '4' },
      4,
      4,
      [GATEWAY, SET],
    ],
    [{ ttl: '1', weight: '1' }, {}, {}, { ttl: '4' }, 4, 1, []],
  ])('config %j, Gateway %j, ListenerSet %j, Route %j', (config, onGateway, onSet, onRoute, ttl, weight, shadowed) => {
    const model = levels(config, onGateway, onSet, onRoute);
    expect(hostnameOf(model).policy.ttl).toBe(ttl);
    expect(endpointOf(model).weight).toBe(weight);
    const found = model.findings.map(({ code, origin }) => `${code} ${origin.object}`);
    expect(found).toEqual(shadowed.map((object) => `annotation-shadowed ${object}`));
  });

  test('an invalid value leaves the next less specific valid one', () => {
    const model = levels({ ttl: '1' }, { ttl: '2' }, { ttl: 'x' }, { ttl: '-4' });
    expect(hostnameOf(model).policy.ttl).toBe(2);
    expect(codes(model)).toEqual(['annotation-invalid', 'annotation-invalid']);
  });

  test('a Route speaks for its own hostnames alone', () => {
    const model = modelOf(
      gateway('edge', { annotations: { ttl: '60' } }),
      route('shop', NAMES, { annotations: { ttl: '5' } }),
      route('api', ['api.gslb.example']),
    );
    expect(hostnameOf(model).policy.ttl).toBe(5);
    expect(hostnameOf(model, 'api.gslb.example').policy.ttl).toBe(60);
  });

  test('of two Routes of one hostname the first by namespace and name holds, and it is said', () => {
    const model = modelOf(
      gateway('edge'),
      route('zeta', NAMES, { annotations: { ttl: '5', weight: '5' } }),
      route('alpha', NAMES, { annotations: { ttl: '6', weight: '6' } }),
      route('mute', NAMES),
    );
    expect(hostnameOf(model).policy.ttl).toBe(6);
    expect(endpointOf(model).weight).toBe(6);
    expect(codes(model)).toEqual(['policy-conflict', 'policy-conflict']);
    expect(model.findings.map((finding) => finding.message)).toContain(
      'shop.gslb.example: ttl is "6" by HTTPRoute web/alpha in eu, "5" by HTTPRoute web/zeta in eu; "6" of HTTPRoute web/alpha in eu holds',
    );
    expect(model.findings[0]?.origin).toMatchObject({ line: 2, object: 'HTTPRoute web/zeta' });
  });

  test('values that mean the same do not conflict', () => {
    const model = modelOf(
      gateway('edge'),
      route('a', NAMES, { annotations: { residency: 'DE, CH', 'min-healthy': '50%' } }),
      route('b', NAMES, { annotations: { residency: 'ch,de', 'min-healthy': '0.5' } }),
    );
    expect(model.findings).toEqual([]);
  });

  test('a drain of one Gateway leaves the other one of its cluster in service', () => {
    const parents = [{ name: 'edge' }, { name: 'spare' }];
    const model = modelOf(
      gateway('edge', { annotations: { drain: 'true' } }),
      gateway('spare', { addresses: ['192.0.2.2'] }),
      route('shop', NAMES, { parents }),
    );
    expect(hostnameOf(model).endpoints.map((endpoint) => endpoint.drain.kind)).toEqual(['on', 'none']);
  });

  test('what weighs clusters against each other is one value for the cluster: of its first Gateway by name', () => {
    const model = modelOf(
      gateway('edge', { annotations: { weight: '7' } }),
      gateway('spare', { addresses: ['192.0.2.2'], annotations: { weight: '9' } }),
      route('a', NAMES, { parents: [{ name: 'spare' }] }),
      route('b', NAMES, { parents: [{ name: 'edge' }] }),
    );
    expect(hostnameOf(model).endpoints.map((endpoint) => endpoint.weight)).toEqual([7, 7]);
    expect(codes(model)).toEqual(['policy-conflict']);
  });
});

describe('clusters that disagree on a hostname', () => {
  test.each([
    ['what is set beats the default', { a: {}, b: { ttl: '5' }, c: {} }, 5, 0],
    ['most clusters win', { a: { ttl: '5' }, b: { ttl: '6' }, c: { ttl: '6' } }, 6, 1],
    ['a tie goes to the alphabetically first cluster', { c: { ttl: '5' }, b: { ttl: '6' }, a: {} }, 6, 1],
    ['agreement is no conflict', { a: { ttl: '5' }, b: { ttl: '5' } }, 5, 0],
  ])('%s', (_, byCluster, ttl, conflicts) => {
    const model = clusters(byCluster);
    expect(hostnameOf(model).policy.ttl).toBe(ttl);
    expect(codes(model)).toEqual(Array.from({ length: conflicts }, () => 'policy-conflict'));
  });

  test('endpoint settings are each cluster’s own', () => {
    const model = clusters({ a: { weight: '80', bias: '-100', serves: 'DE' }, b: { weight: '20', drain: 'true' } });
    expect(endpointOf(model, 'a')).toMatchObject({
      weight: 80,
      bias: -100,
      serves: { countries: ['DE'] },
      drain: { kind: 'none' },
    });
    expect(endpointOf(model, 'b')).toMatchObject({
      weight: 20,
      bias: 0,
      serves: { countries: [] },
      drain: { kind: 'on' },
    });
    expect(model.findings).toEqual([]);
  });

  test('one disagreement of two Gateways is one finding, however many hostnames they share', () => {
    const hostnames = Array.from({ length: 16 }, (_, index) => `h${index}.gslb.example`);
    const pictures = ['eu', 'us'].map((name, index) =>
      picture(name, gateway('edge', { annotations: { ttl: String(index) } }), route('r', hostnames)),
    );
    const model = desire(declare(), pictures);
    expect(model.findings).toHaveLength(1);
    expect(model.findings[0]?.message).toMatch(/^h0\.gslb\.example and 15 more: ttl is /);
  });
});

describe('failover', () => {
  const tiers = (model: Model): unknown =>
    Object.fromEntries(hostnameOf(model).endpoints.map((endpoint) => [endpoint.cluster, endpoint.tier]));

  test.each([
    ['b, c, a', { a: 2, b: 0, c: 1 }],
    ['b', { a: 1, b: 0, c: 1 }],
    ['*, b', { a: 0, b: 1, c: 0 }],
    ['c, *, a', { a: 2, b: 1, c: 0 }],
  ])('%s', (failover, expected) => {
    const model = clusters({ a: { steering: 'failover', failover }, b: {}, c: {} });
    expect(tiers(model)).toEqual(expected);
    expect(model.findings).toEqual([]);
  });

  test('tiers are the other way to say it; the list wins over them', () => {
    expect(tiers(clusters({ a: { steering: 'failover', tier: '3' }, b: {} }))).toEqual({ a: 3, b: 0 });
    const both = clusters({ a: { steering: 'failover', tier: '3', failover: 'a, b' }, b: {} });
    expect(tiers(both)).toEqual({ a: 0, b: 1 });
    expect(codes(both)).toEqual(['policy-without-effect']);
  });

  test('an unknown cluster is reported with the one that was meant, and left out', () => {
    const model = clusters({ 'eu-west': { steering: 'failover', failover: 'eu-wset, us-east' }, 'us-east': {} });
    expect(model.findings).toMatchObject([{ code: 'cluster-unknown', suggestion: 'did you mean eu-west?' }]);
    expect(tiers(model)).toEqual({ 'eu-west': 1, 'us-east': 0 });
  });

  test('a list of unknown clusters alone leaves the less specific one', () => {
    const model = modelOf(
      gateway('edge', { annotations: { steering: 'failover', failover: 'us, eu' } }),
      route('shop', NAMES, { annotations: { failover: 'mars' } }),
    );
    expect(codes(model)).toEqual(['cluster-unknown']);
    expect(tiers(model)).toEqual({ eu: 1 });
  });

  test('without any order it has no effect, which is said', () => {
    expect(codes(clusters({ a: { steering: 'failover' }, b: {} }))).toEqual(['policy-without-effect']);
  });
});

test('a residency in which no endpoint lies is reported', () => {
  expect(codes(clusters({ a: { residency: 'continent:EU' }, b: {} }))).toEqual([]);
  expect(codes(clusters({ a: { residency: 'JP' }, b: {} }))).toEqual(['policy-without-effect']);
});

test("the configuration's annotations are checked like any other", () => {
  const clustersOf = [cluster('eu', 'DE', { ttl: 'long', weigth: '5' })];
  const model = desire(declare({ clusters: clustersOf }), []);
  expect(model.findings).toMatchObject([
    { code: 'annotation-invalid', origin: { file: 'azimuth.yaml' } },
    { code: 'annotation-unknown', suggestion: 'did you mean azimuth.dev/weight?' },
  ]);
});
