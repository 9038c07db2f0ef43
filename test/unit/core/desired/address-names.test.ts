import { describe, expect, test } from 'vitest';
import { createDesire, desire } from '../../../../src/core/desired/desire.ts';
import type { Model } from '../../../../src/core/desired/model.ts';
import type { Resolution, Resolutions } from '../../../../src/core/desired/resolution.ts';
import { codes, declare, gateway, hostnameOf, listener, picture, route } from './pictures.ts';

const LB = 'lb.cloud.example';
const SHOP = 'shop.gslb.example';

const hostname = (value: string) => ({ type: 'Hostname', value });

function known(state: Resolution['state'], ...addresses: readonly string[]): Resolution {
  const problem = state === 'resolved' ? undefined : 'no DNS server answered in time';
  return { state, addresses, problem, since: state === 'stale' ? Date.UTC(2026, 0, 1) : undefined };
}

const leadsTo = (resolution: Resolution): Resolutions => new Map([[LB, resolution]]);

function modelWith(addresses: readonly unknown[], resolutions: Resolutions = new Map(), annotations = {}): Model {
  const edge = gateway('edge', { addresses, annotations });
  return desire(declare(), [picture('eu', edge, route('shop', [SHOP]))], resolutions);
}

const addressesIn = (model: Model) => hostnameOf(model).endpoints.map(({ address }) => address);

describe("a hostname among a Gateway's addresses", () => {
  test('is named for resolution, in its one spelling, and until then the Gateway is without a finding', () => {
    const model = modelWith([hostname('LB.Cloud.Example.')]);
    expect(model.lookups).toEqual([LB]);
    expect(addressesIn(model)).toEqual([]);
    expect(codes(model)).toEqual([]);
  });

  test('gives the addresses that it leads to, beside those that are there', () => {
    const model = modelWith(['192.0.2.9', hostname(LB)], leadsTo(known('resolved', '192.0.2.1', '2001:db8::1')));
    expect(addressesIn(model)).toEqual(['192.0.2.1', '192.0.2.9', '2001:db8::1']);
    expect(codes(model)).toEqual([]);
  });

  test('that cannot be resolved any more keeps its last addresses, and says since when', () => {
    const model = modelWith([hostname(LB)], leadsTo(known('stale', '192.0.2.1')));
    expect(addressesIn(model)).toEqual(['192.0.2.1']);
    expect(model.findings.map(({ code, message, origin }) => [code, message, origin.object])).toEqual([
      [
        'address-unresolved',
        'lb.cloud.example cannot be resolved: no DNS server answered in time; its last address stays, as of 2026-01-01T00:00:00.000Z',
        'Gateway web/edge',
      ],
    ]);
  });

  test('that never could be resolved is reported, beside the address that is missing', () => {
    expect(codes(modelWith([hostname(LB)], leadsTo(known('failed'))))).toEqual([
      'address-unresolved',
      'gateway-no-address',
    ]);
  });

  test('is not asked for where an annotation names the addresses', () => {
    const model = modelWith([hostname(LB)], new Map(), { address: '192.0.2.5' });
    expect(model.lookups).toEqual([]);
    expect(addressesIn(model)).toEqual(['192.0.2.5']);
  });

  test.each(['lb.gslb.example', 'gslb.example', SHOP, 'www.gslb.example'])(
    '%s is in our own zone and never resolved',
    (own) => {
      const declaration = declare({ records: [['www.gslb.example', { type: 'A', address: '192.0.2.1' }]] });
      const edge = gateway('edge', { addresses: [hostname(own)] });
      const model = desire(declaration, [picture('eu', edge, route('shop', [SHOP]))]);
      expect(model.lookups).toEqual([]);
      expect(codes(model)).toEqual(['address-own-zone', 'gateway-no-address']);
    },
  );

  test('below a delegation of our zone is resolved by others', () => {
    const declaration = declare({ records: [['cloud.gslb.example', { type: 'NS', target: 'ns.example.net' }]] });
    const edge = gateway('edge', { addresses: [hostname('lb.cloud.gslb.example')] });
    expect(desire(declaration, [picture('eu', edge, route('shop', [SHOP]))]).lookups).toEqual([
      'lb.cloud.gslb.example',
    ]);
  });

  test.each(['*.cloud.example', 'lb_1.cloud.example', '', 'a'.repeat(300), '-.example'])('%j is none', (value) => {
    const model = modelWith([hostname(value), '192.0.2.1']);
    expect(model.lookups).toEqual([]);
    expect(codes(model)).toEqual(['gateway-address-ignored']);
  });

  test('that is an IP address is one', () => {
    const model = modelWith([hostname('192.0.2.1')]);
    expect(model.lookups).toEqual([]);
    expect(addressesIn(model)).toEqual(['192.0.2.1']);
  });

  test('beyond the fourth is left out and reported, as are addresses beyond the sixteenth', () => {
    const names = Array.from({ length: 6 }, (_, index) => `lb${index}.cloud.example`);
    const each = names.map((name, index) => {
      const addresses = Array.from({ length: 9 }, (_unused, last) => `192.0.${index}.${last}`);
      return [name, known('resolved', ...addresses)] as const;
    });
    const model = modelWith(names.map(hostname), new Map(each));
    expect(model.lookups).toEqual(names.slice(0, 4));
    expect(addressesIn(model)).toHaveLength(16);
    expect(codes(model)).toEqual(['gateway-address-ignored']);
  });
});

describe('a resolution that is another one', () => {
  const eu = picture(
    'eu',
    gateway('edge', { addresses: [hostname(LB)], annotations: { probe: 'tcp://:443' } }),
    gateway('static', { listeners: [listener('own', 80, 'HTTP', { hostname: 'own.gslb.example' })] }),
    route('shop', [SHOP]),
  );

  test('changes its hostnames and leaves the others the very same', () => {
    const follow = createDesire(declare());
    const before = follow([eu], leadsTo(known('resolved', '192.0.2.1')));
    const after = follow([eu], leadsTo(known('resolved', '192.0.2.2')));
    expect(addressesIn(after)).toEqual(['192.0.2.2']);
    expect(hostnameOf(after, 'own.gslb.example')).toBe(hostnameOf(before, 'own.gslb.example'));
    expect(after.lookups).toBe(before.lookups);
  });

  test('is nothing where nobody asked for the name', () => {
    const follow = createDesire(declare());
    const resolution = known('resolved', '192.0.2.1');
    const before = follow([eu], leadsTo(resolution));
    const more = new Map([...leadsTo(resolution), ['other.cloud.example', known('failed')]]);
    expect(follow([eu], more)).toBe(before);
  });
});
