import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../../../src/core/desired/model.ts';
import { createOrderOverlay, ordersChangeAt } from '../../../../src/core/orders/overlay.ts';
import type { Override, OverrideAction } from '../../../../src/core/orders/override.ts';
import { endpoint, hostname, model, zone } from '../snapshot/build.ts';

const NOW = 1_000_000;

function order(name: string, action: OverrideAction, more: Partial<Override> = {}): Override {
  return { name, scope: { clusters: ['eu'] }, action, at: NOW - 1000, by: 'test', reason: 'test', ...more };
}

function world(): Model {
  const ends = Object.freeze([endpoint('eu', '192.0.2.1', { weight: 100 }), endpoint('us', '192.0.2.2')]);
  return model([zone('z')], [hostname('a.z', {}, ends), hostname('b.z', {}, ends)]);
}

function laid(orders: readonly Override[], from = world(), now = NOW) {
  return createOrderOverlay().lay(from, new Map(orders.map((one) => [one.name, one])), now);
}

const firstOf = ({ hostnames }: Model) => hostnames[0]!.endpoints[0]!;

describe('orders laid over a model', () => {
  it('bend what they are about, and say by whom', () => {
    const all = [
      order('down', { kind: 'down' }),
      order('out', { kind: 'drain' }),
      order('w', { kind: 'weight', weight: 7 }),
    ];
    expect(firstOf(laid(all))).toMatchObject({
      weight: 7,
      order: { by: ['down', 'out', 'w'], state: 'down', drains: [{}], writtenWeight: 100 },
    });
  });

  it('of which the newest holds where two contradict each other', () => {
    const older = order('older', { kind: 'down' }, { at: NOW - 5000 });
    expect(firstOf(laid([older, order('newer', { kind: 'up' })])).order?.state).toBe('up');
    const same = [order('b', { kind: 'up' }), order('a', { kind: 'down' })];
    expect(firstOf(laid(same)).order?.state).toBe('down');
  });

  it('go part of the way', () => {
    expect(firstOf(laid([order('w', { kind: 'weight', weight: 0, percent: 25 })])).weight).toBe(75);
    expect(firstOf(laid([order('d', { kind: 'drain', percent: 25 })])).order).toEqual({
      by: ['d'],
      drains: [],
      admits: 192,
    });
  });

  it('hold in their time, and drains are laid before it', () => {
    const later = { from: NOW + 10, until: NOW + 20 };
    const [down, drain] = [order('down', { kind: 'down' }, later), order('drain', { kind: 'drain' }, later)];
    const stateAt = (now: number) => firstOf(laid([down], world(), now)).order?.state;
    expect([NOW, NOW + 10, NOW + 19, NOW + 20].map(stateAt)).toEqual([undefined, 'down', 'down', undefined]);
    expect(firstOf(laid([drain])).order?.drains).toEqual([later]);
    const all = new Map([down, drain].map((one) => [one.name, one]));
    expect([NOW, NOW + 10, NOW + 20].map((now) => ordersChangeAt(all, now))).toEqual([NOW + 10, NOW + 20, Infinity]);
  });

  it('leave what they are not about the very same, and shared lists shared', () => {
    const from = world();
    const to = laid([order('down', { kind: 'down' })], from);
    expect(to.hostnames[0]!.endpoints[1]).toBe(from.hostnames[0]!.endpoints[1]);
    expect(to.hostnames[1]!.endpoints).toBe(to.hostnames[0]!.endpoints);
    expect(laid([order('x', { kind: 'down' }, { scope: { clusters: ['nobody'] } })], from)).toBe(from);
    const named = laid([order('x', { kind: 'down' }, { scope: { hostnames: ['b.z'] } })], from);
    expect(named.hostnames[0]).toBe(from.hostnames[0]);
    expect(named.hostnames[1]!.endpoints.map(({ order: own }) => own?.state)).toEqual(['down', 'down']);
  });

  it('go by the owners that there are now', () => {
    const [overlay, from] = [createOrderOverlay(), world()];
    const team = (hostnames: readonly string[]) => [{ name: 'red', namespaces: [], clusters: [], hostnames }];
    const scope = { clusters: ['*'], except: { clusters: ['eu'], teams: ['red'] } };
    const all = new Map([['x', order('x', { kind: 'down' }, { scope })]]);
    const stateIn = (of: Model) => firstOf(overlay.lay(of, all, NOW)).order?.state;
    expect(stateIn({ ...from, teams: team(['a.z']) })).toBeUndefined();
    expect(stateIn({ ...from, teams: team([]) })).toBe('down');
  });

  it('come out the same whatever was laid before, as the very same objects where nothing changed', () => {
    const action = fc.constantFrom<OverrideAction>(
      { kind: 'up' },
      { kind: 'down' },
      { kind: 'drain' },
      { kind: 'drain', percent: 50 },
      { kind: 'weight', weight: 3 },
    );
    const scope = fc.constantFrom(
      { clusters: ['eu'] },
      { clusters: ['*'] },
      { hostnames: ['a.z'] },
      { clusters: ['*'], except: { clusters: ['us'] } },
      { clusters: ['*'], except: { hostnames: ['A.*'] } },
      { hostnames: ['*.z'], except: { clusters: ['us'], hostnames: ['b*'] } },
    );
    const time = fc.constantFrom({}, { from: NOW + 50 }, { until: NOW + 50 });
    const orders = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c'), action, scope, time, fc.nat(3)).map(([name, what, where, when, at]) => {
        return order(name, what, { scope: where, ...when, at });
      }),
      { maxLength: 3 },
    );
    const part = fc.subarray([0, 1]);
    fc.assert(
      fc.property(fc.array(fc.tuple(orders, fc.boolean(), part), { minLength: 1, maxLength: 6 }), (steps) => {
        const [overlay, whole] = [createOrderOverlay(), world()];
        for (const [all, isLater, places] of steps) {
          const now = isLater ? NOW + 60 : NOW;
          const from = { ...whole, hostnames: places.map((place) => whole.hostnames[place]!) };
          const overrides = new Map(all.map((one) => [one.name, one]));
          const result = overlay.lay(from, overrides, now);
          expect(result).toEqual(laid([...overrides.values()], from, now));
          expect(overlay.lay(from, overrides, now)).toBe(result);
        }
      }),
      { numRuns: 500 },
    );
  });
});
