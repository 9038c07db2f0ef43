import { describe, expect, test } from 'vitest';
import { desire } from '../../../../src/core/desired/desire.ts';
import {
  cluster,
  codes,
  declare,
  endpointOf,
  gateway,
  hostnameOf,
  listener,
  listenerSet,
  modelOf,
  names,
  picture,
  route,
} from './pictures.ts';

const SHOP = route('shop', ['shop.gslb.example']);

function addressesOf(...values: readonly unknown[]): readonly string[] {
  return hostnameOf(modelOf(...values)).endpoints.map((endpoint) => endpoint.address);
}

describe('the addresses of a Gateway', () => {
  test('come from its status, each once and in one spelling', () => {
    const addresses = ['192.0.2.2', { value: '2001:DB8:0::1' }, '192.0.2.1', '2001:db8::1', '192.0.2.2'];
    expect(addressesOf(gateway('edge', { addresses }), SHOP)).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1']);
  });

  test('the annotation stands in for all of them', () => {
    const edge = gateway('edge', {
      addresses: [{ type: 'Hostname', value: 'lb.example' }],
      annotations: { address: '203.0.113.1, 2001:DB8::2' },
    });
    expect(addressesOf(edge, SHOP)).toEqual(['2001:db8::2', '203.0.113.1']);
    expect(modelOf(edge, SHOP).findings).toEqual([]);
  });

  test("a ListenerSet's annotation is nearer than its Gateway's, and the cluster's entry is the last", () => {
    const edge = gateway('edge', {
      annotations: { address: '203.0.113.1' },
      spec: { allowedListeners: { namespaces: { from: 'All' } } },
    });
    const set = listenerSet('more', [listener('x', 443, 'HTTPS', { hostname: 'shop.gslb.example' })], {
      annotations: { address: '203.0.113.2' },
    });
    expect(addressesOf(edge, set, SHOP)).toEqual(['203.0.113.1', '203.0.113.2']);
    const declaration = declare({ clusters: [cluster('eu', 'DE', { address: '203.0.113.3' })] });
    expect(endpointOf(desire(declaration, [picture('eu', gateway('edge'), SHOP)])).address).toBe('203.0.113.3');
  });

  test('what is no IP address is left out and reported', () => {
    const addresses = [{ type: 'Hostname', value: 'lb.example' }, '192.0.2.300', '192.0.2.1', null, { value: 5 }];
    const model = modelOf(gateway('edge', { addresses }), SHOP);
    expect(codes(model)).toEqual(['gateway-address-ignored']);
    expect(hostnameOf(model).endpoints).toHaveLength(1);
  });

  test('without any the name stays in the model, without an endpoint from there', () => {
    const model = desire(declare(), [
      picture('eu', gateway('edge', { addresses: [] }), SHOP),
      picture('us', gateway('edge'), SHOP),
    ]);
    expect(model.findings).toMatchObject([
      { code: 'gateway-no-address', origin: { file: 'eu.yaml', object: 'Gateway web/edge' } },
    ]);
    expect(hostnameOf(model).endpoints.map((endpoint) => endpoint.cluster)).toEqual(['us']);
    expect(hostnameOf(modelOf(gateway('edge', { addresses: [] }), SHOP)).endpoints).toEqual([]);
  });

  test('an address that two Gateways share is one endpoint', () => {
    const both = route('shop', ['shop.gslb.example'], { parents: [{ name: 'edge' }, { name: 'also' }] });
    const model = modelOf(gateway('edge'), gateway('also'), both);
    expect(hostnameOf(model).endpoints).toMatchObject([{ gateway: 'web/also', address: '192.0.2.1' }]);
  });

  test('objects of the same name in two clusters are two', () => {
    const model = desire(declare(), [
      picture('us', gateway('edge', { addresses: ['198.51.100.1'] }), SHOP),
      picture('eu', gateway('edge'), SHOP),
    ]);
    expect(hostnameOf(model).endpoints).toMatchObject([
      { cluster: 'eu', address: '192.0.2.1' },
      { cluster: 'us', address: '198.51.100.1' },
    ]);
    expect(hostnameOf(model).askers.map((asker) => asker.origin.file)).toEqual(['eu.yaml', 'us.yaml']);
    expect(model.findings).toEqual([]);
  });
});

describe('the zone of a hostname', () => {
  test('is the longest that holds it', () => {
    const declaration = declare({ zones: ['gslb.example', 'eu.gslb.example'] });
    const hostnames = ['gslb.example', 'a.eu.gslb.example', 'aeu.gslb.example', '*.eu.gslb.example'];
    const model = desire(declaration, [picture('eu', gateway('edge'), route('r', hostnames))]);
    expect(model.hostnames.map(({ name, zone }) => [name, zone])).toEqual([
      ['*.eu.gslb.example', 'eu.gslb.example'],
      ['a.eu.gslb.example', 'eu.gslb.example'],
      ['aeu.gslb.example', 'gslb.example'],
      ['gslb.example', 'gslb.example'],
    ]);
  });

  test('names outside all zones are reported together, with the zones', () => {
    const model = modelOf(
      gateway('edge'),
      route('r', ['shop.example.com', 'xgslb.example', '*.example', 'shop.gslb.example']),
    );
    expect(names(model)).toEqual(['shop.gslb.example']);
    expect(model.findings).toMatchObject([
      {
        code: 'hostname-outside-zones',
        message: '*.example and 2 more: under no configured zone',
        suggestion: 'the zones are gslb.example',
        origin: { object: 'HTTPRoute web/r' },
      },
    ]);
  });

  test.each([
    ['hostname-static', 'A record', 'a.gslb.example'],
    ['hostname-static', 'CNAME', 'alias.gslb.example'],
    ['hostname-static', 'glue', 'ns1.gslb.example'],
    ['hostname-occluded', 'delegation', 'child.gslb.example'],
    ['hostname-occluded', 'name below a delegation', '*.deep.child.gslb.example'],
  ])('%s: a %s excludes %s', (code, _, name) => {
    const declaration = declare({
      records: [
        ['a.gslb.example', { type: 'A', address: '192.0.2.9' }],
        ['alias.gslb.example', { type: 'CNAME', target: 'x.example' }],
        ['child.gslb.example', { type: 'NS', target: 'ns.example' }],
        ['gslb.example', { type: 'NS', target: 'ns9.example' }],
        ['shop.gslb.example', { type: 'TXT', strings: [] }],
      ],
    });
    const model = desire(declaration, [
      picture('eu', gateway('edge'), route('r', [name, 'shop.gslb.example', 'below.alias.gslb.example'])),
    ]);
    expect(names(model)).toEqual(['below.alias.gslb.example', 'shop.gslb.example']);
    expect(codes(model)).toEqual([code]);
  });
});
