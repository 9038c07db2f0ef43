import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDesire, desire } from '../../../../src/core/desired/desire.ts';
import type { Declaration, Model, Monitor, NamedMonitor } from '../../../../src/core/desired/model.ts';
import { idOfName, calculatedOf as madeOf } from '../../../../src/core/desired/named-monitors.ts';
import { addressedProbe, namedProbeOf } from '../../../../src/core/desired/named-probe.ts';
import { SILENT } from '../../../../src/core/desired/precedence.ts';
import { cluster, codes, declare, endpointOf, gateway, HTTPS, listener, picture, route } from './pictures.ts';

const NAMES = ['shop.gslb.example'];
const DEFAULTS = declare().probe;

function probe(name: string, url: string): NamedMonitor {
  const parts = addressedProbe(url);
  if (parts === undefined) throw new Error(url);
  const origin = { file: 'azimuth.yaml' };
  const monitor = namedProbeOf({ ...parts, name, host: 'shop.example', settings: {}, origin }, DEFAULTS, SILENT);
  if (monitor === undefined) throw new Error(url);
  return { name, id: monitor.id, source: { kind: 'probe', monitor } };
}

function all(name: string, ...members: readonly NamedMonitor[]): NamedMonitor {
  const id = idOfName(name);
  const ids = members.map((member) => member.id);
  return { name, id, source: { kind: 'calculated', monitor: { id, kind: 'all', need: ids.length, members: ids } } };
}

const CART = probe('cart', 'https://192.0.2.10:443/cart');
const PAY = probe('pay', 'tcp://[2001:db8::1]:443');
const CHECKOUT = all('checkout', CART, PAY);
const DECLARED: Declaration = { ...declare(), monitors: [CART, PAY, CHECKOUT] };

function modelWith(annotations: Readonly<Record<string, string>>, ...more: readonly unknown[]): Model {
  const edge = gateway('edge', { listeners: [HTTPS], annotations });
  return desire(DECLARED, [picture('eu', edge, route('shop', NAMES), ...more)]);
}

function calculatedOf(model: Model, id: string) {
  return model.calculated?.find((one) => one.id === id);
}

function ownOf(model: Model): readonly Monitor[] {
  return model.monitors.filter(({ address }) => address === '192.0.2.1');
}

describe('a probe of an address of its own', () => {
  test.each([
    ['https://192.0.2.10:443/cart', '192.0.2.10', 'https', 443, '/cart'],
    ['tcp://[2001:DB8::1]:80', '2001:db8::1', 'tcp', 80, ''],
    ['grpc://192.0.2.10:80/shop', '192.0.2.10', 'grpc', 80, 'shop'],
  ])('%s', (url, address, protocol, port, path) => {
    expect(addressedProbe(url)).toMatchObject({ address: { text: address }, target: { protocol, port, path } });
  });

  test.each(['https://shop.example:443/', 'https://:443/', 'https://192.0.2.10/', 'tcp://2001:db8::1:443', 'none', ''])(
    'not: %s',
    (url) => {
      expect(addressedProbe(url)).toBeUndefined();
    },
  );
});

describe('named monitors', () => {
  test('are watched before anybody refers to them', () => {
    const model = desire(DECLARED, []);
    expect(model.monitors.map(({ id }) => id)).toEqual([CART.id, PAY.id].toSorted());
    expect(model.calculated).toMatchObject([{ id: 'monitor:checkout', members: [CART.id, PAY.id] }]);
    expect(model.named?.map(({ name }) => name)).toEqual(['cart', 'pay', 'checkout']);
  });

  test('are none where none are declared', () => {
    const model = desire(declare(), [picture('eu', gateway('edge'), route('shop', NAMES))]);
    expect(model).not.toHaveProperty('calculated');
    expect(model).not.toHaveProperty('named');
  });

  test('must be up beside the own probe', () => {
    const model = modelWith({ monitors: 'checkout, cart' });
    const [own] = ownOf(model);
    const { monitor } = endpointOf(model);
    expect(calculatedOf(model, monitor)).toMatchObject({
      kind: 'all',
      need: 3,
      members: [own?.id, CART.id, 'monitor:checkout'],
    });
    expect(model.calculated?.map(({ id }) => id)).toEqual(['monitor:checkout', monitor]);
  });

  test('are all there is without an own probe', () => {
    expect(endpointOf(modelWith({ monitors: 'checkout', probe: 'none' })).monitor).toBe('monitor:checkout');
    expect(endpointOf(modelWith({ monitors: 'cart', probe: 'none' })).monitor).toBe(CART.id);
    expect(endpointOf(modelWith({ monitors: 'none', probe: 'none' })).monitor).toBe('unchecked');
  });

  test('go with the address, whatever the hostname, where the probe does not know it', () => {
    const model = modelWith({ monitors: 'cart', probe: 'tcp://:443' }, route('more', ['more.gslb.example']));
    expect(endpointOf(model, 'eu', 'more.gslb.example')).toBe(endpointOf(model));
    expect(model.calculated).toHaveLength(2);
  });

  test('of a Route win over those of its Gateway', () => {
    const other = route('more', ['more.gslb.example'], { annotations: { monitors: 'none' } });
    const model = modelWith({ monitors: 'cart' }, other);
    expect(endpointOf(model, 'eu', 'more.gslb.example').monitor).toMatch(/^https:/);
    expect(endpointOf(model).monitor).toMatch(/^all\(/);
  });

  test('that are unknown are found, with what was meant, and the others hold', () => {
    const model = modelWith({ monitors: 'chekout, cart, x' });
    const unknown = model.findings.filter(({ code }) => code === 'monitor-unknown');
    expect(unknown.map(({ suggestion }) => suggestion)).toEqual([
      'did you mean checkout?',
      'the monitors are cart, checkout, pay',
    ]);
    expect(calculatedOf(model, endpointOf(model).monitor)?.members).toEqual([ownOf(model)[0]?.id, CART.id]);
  });

  test('that are all unknown leave the own probe', () => {
    const model = modelWith({ monitors: 'x' });
    expect(endpointOf(model).monitor).toBe(ownOf(model)[0]?.id);
  });
});

const EU_LOAD: NamedMonitor = {
  name: 'eu-load',
  id: idOfName('eu-load'),
  source: { kind: 'load', cluster: 'eu', from: { kind: 'external', expiresMs: 60_000 } },
};

describe('the load of a cluster', () => {
  const shop = route('shop', NAMES);
  const modelOf = (capacity: string, monitors: readonly NamedMonitor[], annotations = {}): Model => {
    const clusters = [cluster('eu', 'DE', { capacity }), cluster('us', 'US')];
    const declared = { ...declare(), clusters, monitors };
    return desire(declared, [
      picture('eu', gateway('edge', { annotations }), shop),
      picture('us', gateway('edge', { addresses: ['192.0.2.2'] }), shop),
    ]);
  };

  test('is that of its endpoints, and of no others', () => {
    const model = modelOf('1000', [EU_LOAD]);
    expect(model.hostnames[0]?.endpoints.map(({ cluster, load }) => [cluster, load])).toEqual([
      ['eu', EU_LOAD.id],
      ['us', undefined],
    ]);
    expect(model.findings).toEqual([]);
  });

  test.each([
    ['1000', [], ['capacity-without-load'], 'info', 'cluster eu has a capacity'],
    ['none', [EU_LOAD], ['load-without-capacity'], 'warning', 'cluster eu has no capacity'],
    ['none', [], [], undefined, undefined],
  ] as const)('with capacity %s and %j it is said what lacks', (capacity, monitors, found, severity, words) => {
    const model = modelOf(capacity, monitors);
    expect(codes(model)).toEqual(found);
    expect(model.findings[0]?.severity).toBe(severity);
    if (words !== undefined) expect(model.findings[0]?.message).toContain(words);
  });

  test('of a cluster that is none is said', () => {
    const source = { kind: 'load', cluster: 'mars', from: { kind: 'external', expiresMs: 1_000 } } as const;
    const model = modelOf('none', [{ ...EU_LOAD, source }]);
    expect(model.findings).toMatchObject([{ code: 'load-without-capacity', origin: { object: 'monitor eu-load' } }]);
  });

  test('is nothing that annotations can ask to be up', () => {
    const model = modelOf('1000', [EU_LOAD], { monitors: 'eu-load' });
    expect(codes(model)).toEqual(['monitor-unknown']);
  });
});

describe('critical routes', () => {
  test('are probed each by itself, and all must be up', () => {
    const model = modelWith({ 'probe-paths': '/pay, /cart' });
    expect(ownOf(model).map(({ path }) => path)).toEqual(['/cart', '/pay']);
    expect(calculatedOf(model, endpointOf(model).monitor)).toMatchObject({
      kind: 'all',
      members: ownOf(model).map(({ id }) => id),
    });
  });

  test.each([
    ['any', 'any', 1],
    ['1', 'any', 1],
    ['2', 'at-least', 2],
    ['3', 'all', 3],
  ])('need %s', (need, kind, count) => {
    const model = modelWith({ 'probe-paths': '/a, /b, /c', 'probe-paths-need': need });
    expect(calculatedOf(model, endpointOf(model).monitor)).toMatchObject({ kind, need: count });
    expect(codes(model)).toEqual([]);
  });

  test('are combined before named monitors are added', () => {
    const model = modelWith({ 'probe-paths': '/a, /b', 'probe-paths-need': 'any', monitors: 'cart' });
    const outer = calculatedOf(model, endpointOf(model).monitor);
    expect(outer).toMatchObject({ kind: 'all', need: 2 });
    expect(calculatedOf(model, outer?.members[0] ?? '')).toMatchObject({ kind: 'any', need: 1 });
  });

  test('one path takes the place of the one in the probe', () => {
    const model = modelWith({ 'probe-paths': '/cart', probe: 'https://:8443/healthz' });
    expect(ownOf(model)).toMatchObject([{ path: '/cart', port: 8443, host: 'shop.gslb.example' }]);
    expect(endpointOf(model).monitor).toBe(ownOf(model)[0]?.id);
  });

  test.each([
    ['tcp', { 'probe-paths': '/a', probe: 'tcp://:443' }, 'probe-paths /a has no effect'],
    ['none', { 'probe-paths': '/a', probe: 'none' }, 'probe-paths /a has no effect'],
    ['grpc', { 'probe-paths-need': 'any', probe: 'grpc://:443' }, 'probe-paths-need any has no effect'],
    ['more than there are', { 'probe-paths': '/a, /b', 'probe-paths-need': '3' }, 'more than the 2'],
  ])('that cannot be are said: %s', (_, annotations, message) => {
    const model = modelWith(annotations);
    expect(model.findings).toMatchObject([
      { code: 'policy-without-effect', message: expect.stringContaining(message) },
    ]);
  });
});

describe('the id of what is made of others', () => {
  test('is another one wherever a member is, whatever texts they expect', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', ' ', '"', '(', ')', '\\'), maxLength: 6 });
    const members = fc.array(text, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(members, members, (a, b) => {
        const isSame = a.length === b.length && a.every((one, index) => one === b[index]);
        expect(madeOf('all', 1, a).id === madeOf('all', 1, b).id).toBe(isSame);
      }),
    );
  });
});

describe('a model that follows its pictures', () => {
  const annotations = fc.record(
    {
      monitors: fc.constantFrom('none', 'cart', 'checkout', 'checkout, pay', 'gone'),
      'probe-paths': fc.constantFrom('/a', '/a, /b', '/b, /c, /d'),
      'probe-paths-need': fc.constantFrom('all', 'any', '2'),
      probe: fc.constantFrom('none', 'tcp://:443', 'https://:443/'),
    },
    { requiredKeys: [] },
  );
  const change = fc.record({ gateway: annotations, routes: fc.array(annotations, { maxLength: 3 }) });

  test('is the same as one made from nothing, with members before those that they are members of', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const follow = createDesire(DECLARED);
        for (const { gateway: own, routes } of changes) {
          const listeners = [HTTPS, listener('other', 8443, 'HTTPS', { hostname: 'h0.gslb.example' })];
          const objects = routes.map((one, index) =>
            route(`r${index}`, [`h${index}.gslb.example`], { annotations: one }),
          );
          const one = picture('eu', gateway('edge', { listeners, annotations: own }), ...objects);
          const model = follow([one]);
          expect(model).toEqual(desire(DECLARED, [one]));
          const ids = new Set(model.monitors.map(({ id }) => id));
          for (const { id, members } of model.calculated ?? []) {
            for (const member of members) expect(ids).toContain(member);
            ids.add(id);
          }
          for (const { endpoints } of model.hostnames) {
            for (const { monitor } of endpoints) if (monitor !== 'unchecked') expect(ids).toContain(monitor);
          }
          expect(follow([one])).toBe(model);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('forgets what nobody needs any more', () => {
    const follow = createDesire(DECLARED);
    const edge = (own: Readonly<Record<string, string>>) =>
      picture('eu', gateway('edge', { listeners: [HTTPS], annotations: own }), route('shop', NAMES));
    const before = follow([edge({})]);
    expect(follow([edge({ 'probe-paths': '/a, /b', monitors: 'cart' })]).monitors).toHaveLength(4);
    expect(follow([edge({})])).toEqual(before);
  });
});
