import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PIN_NETWORKS, MAX_PINS } from '../../../../src/core/desired/maps/pin.ts';
import type { Model } from '../../../../src/core/desired/model.ts';
import { refusalOf } from '../../../../src/core/orders/check.ts';
import { createOrderOverlay } from '../../../../src/core/orders/overlay.ts';
import type { Override, Overrides, PinOverride } from '../../../../src/core/orders/override.ts';
import { createStandIns, pinKeyOf, pinStateOf, pinsOf } from '../../../../src/core/orders/pins.ts';
import type { Scope } from '../../../../src/core/orders/scope.ts';
import { endpoint, hostname, model, zone } from '../snapshot/build.ts';

const NOW = 1_000_000;

function pin(name: string, more: Partial<PinOverride> = {}, cluster = 'eu', nets = ['192.0.2.0/24']): PinOverride {
  const action = { kind: 'pin', nets, cluster } as const;
  return { name, scope: { hostnames: ['*'] }, action, at: NOW - 1000, by: 'test', reason: 'test', ...more };
}

function byName(orders: readonly Override[]): Overrides {
  return new Map(orders.map((one) => [one.name, one]));
}

/** `a.z` and `b.z` in two clusters, `c.z` in one. */
function world(): Model {
  const ends = Object.freeze([endpoint('eu', '192.0.2.1'), endpoint('us', '192.0.2.2')]);
  const names = [
    hostname('a.z', {}, ends),
    hostname('b.z', {}, ends),
    hostname('c.z', {}, [endpoint('eu', '192.0.2.3')]),
  ];
  return model([zone('z')], names);
}

function laid(orders: readonly Override[], from = world(), now = NOW): Model {
  return createOrderOverlay().lay(from, byName(orders), now);
}

const pinsIn = ({ hostnames }: Model) => hostnames.map(({ policy }) => policy.pins?.join(' ') ?? '-');

describe('pins laid over a model', () => {
  it('are in the policies of the hostnames of their scope that have a choice, the newest first', () => {
    const older = pin('older', { at: NOW - 5000 }, 'us');
    expect(pinsIn(laid([older, pin('newer')]))).toEqual([
      `newer@${NOW - 1000} older@${NOW - 5000}`,
      `newer@${NOW - 1000} older@${NOW - 5000}`,
      '-',
    ]);
    const some: Scope = { hostnames: ['*.z'], except: { hostnames: ['a.*'] } };
    expect(pinsIn(laid([pin('p', { scope: some })]))).toEqual(['-', `p@${NOW - 1000}`, '-']);
    expect(pinsIn(laid([pin('p', {}, 'jp')]))).toEqual(['-', '-', '-']);
  });

  it('leave endpoints, and what they are not about, the very same', () => {
    const from = world();
    const to = laid([pin('p', { scope: { hostnames: ['a.z'] } })], from);
    expect(to.hostnames[0]!.endpoints).toBe(from.hostnames[0]!.endpoints);
    expect(to.hostnames[1]).toBe(from.hostnames[1]);
    expect(laid([pin('p', { scope: { hostnames: ['x.z'] } })], from)).toBe(from);
    const [a, b, c] = from.hostnames;
    const shared = { ...from, hostnames: [a!, { ...b!, policy: a!.policy }, c!] };
    const all = laid([pin('p')], shared);
    expect(all.hostnames[0]!.policy).toBe(all.hostnames[1]!.policy);
  });

  it('hold in their time', () => {
    const later = pin('p', { from: NOW + 10, until: NOW + 20 });
    const at = (now: number) => pinsIn(laid([later], world(), now))[0];
    expect([NOW, NOW + 10, NOW + 19, NOW + 20].map(at)).toEqual(['-', `p@${NOW - 1000}`, `p@${NOW - 1000}`, '-']);
  });

  it('come out the same whatever was laid before, as the very same objects where nothing changed', () => {
    const scope = fc.constantFrom<Scope>({ hostnames: ['*'] }, { hostnames: ['a.z'] });
    const one = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('p', 'q'),
          scope,
          fc.constantFrom('eu', 'us'),
          fc.constantFrom({}, { from: NOW + 50 }),
          fc.nat(2),
        )
        .map(([name, where, to, when, at]): Override => pin(name, { scope: where, ...when, at }, to)),
      fc.constantFrom<Override>({ ...pin('down'), action: { kind: 'down' }, scope: { clusters: ['eu'] } }),
    );
    const steps = fc.array(fc.tuple(fc.array(one, { maxLength: 3 }), fc.boolean()), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(steps, (all) => {
        const [overlay, from] = [createOrderOverlay(), world()];
        for (const [orders, isLater] of all) {
          const now = isLater ? NOW + 60 : NOW;
          const overrides = byName(orders);
          const result = overlay.lay(from, overrides, now);
          expect(result).toEqual(laid([...overrides.values()], from, now));
          expect(overlay.lay(from, overrides, now)).toBe(result);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a pin is refused', () => {
  const refused = (order: Override, overrides: Overrides = new Map()) => {
    const { code, message } = refusalOf(order, overrides, world()) ?? {};
    return `${code}: ${message}`;
  };

  it.each<[string, PinOverride, string]>([
    ['by cluster', pin('p', { scope: { clusters: ['eu'] } }), 'override-invalid: A pin is about hostnames'],
    [
      'by gateway, in its exceptions',
      pin('p', { scope: { hostnames: ['*'], except: { gateways: ['web/*'] } } }),
      'override-invalid: A pin is about hostnames',
    ],
    ['without nets', pin('p', {}, 'eu', []), `override-invalid: A pin has 1 to ${MAX_PIN_NETWORKS} nets.`],
    ['with no net', pin('p', {}, 'eu', ['192.0.2.0/33']), 'override-invalid: "192.0.2.0/33" is not a network such as'],
    ['with a host', pin('p', {}, 'eu', ['192.0.2.1/24']), 'did you mean "192.0.2.0/24"?'],
    ['of too narrow a net', pin('p', {}, 'eu', ['2001:db8::/65']), 'one of IPv6 of at most /64'],
    ['to nowhere', pin('p', {}, 'ew'), 'override-invalid: There is no cluster "ew": did you mean "eu"?'],
    ['about nobody', pin('p', { scope: { hostnames: ['c.z'] } }), 'override-nothing: No hostname that fits the scope'],
  ])('%s', (_, order, wanted) => {
    expect(refused(order)).toContain(wanted);
  });

  it('where there are too many already, and may replace one of them', () => {
    const full = byName(Array.from({ length: MAX_PINS }, (_, index) => pin(`p${index}`)));
    expect(refused(pin('one-more'), full)).toBe(`overrides-full: There are ${MAX_PINS} pins already. Clear one first.`);
    expect(refused(pin('p0'), full)).toBe('undefined: undefined');
    expect(refused(pin('p'))).toBe('undefined: undefined');
  });
});

describe('what places are told', () => {
  it('is all pins by name, with their networks, planned ones included', () => {
    const all = byName([pin('b', { from: NOW + 1 }, 'us', ['2001:db8::/48', '10.0.0.0/8']), pin('a')]);
    expect(pinsOf(all)).toMatchObject([
      { key: `a@${NOW - 1000}`, name: 'a', cluster: 'eu', networks: [{ family: 4, length: 24 }] },
      {
        name: 'b',
        cluster: 'us',
        networks: [
          { family: 6, length: 48 },
          { family: 4, length: 8 },
        ],
      },
    ]);
  });

  it('is pending until they know it', () => {
    expect(pinStateOf(pin('p'))).toBe('pending');
    expect(pinStateOf(pin('p'), [pinKeyOf(pin('p'))])).toBe('known');
    expect(pinStateOf(pin('p', { at: NOW }), [pinKeyOf(pin('p'))])).toBe('pending');
  });
});

describe('a changed pin', () => {
  it('stands as it was until places know the new one', () => {
    const standIn = createStandIns();
    const [first, second] = [pin('p'), pin('p', { at: NOW }, 'us')];
    expect(standIn(byName([first]), [])).toEqual(byName([first]));
    standIn(byName([first]), [pinKeyOf(first)]);
    expect(standIn(byName([second]), [pinKeyOf(first)]).get('p')).toBe(first);
    const both = byName([second]);
    expect(standIn(both, [pinKeyOf(second)])).toBe(both);
    // Cleared is cleared: what is ordered anew has no past.
    standIn(new Map(), [pinKeyOf(second)]);
    const third = pin('p', { at: NOW + 5 });
    expect(standIn(byName([third]), [pinKeyOf(second)]).get('p')).toBe(third);
  });
});
