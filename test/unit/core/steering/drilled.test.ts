/** The guard of orders: which hostnames it looks at, and that it finds the same as if it looked at all. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hostname } from '../../../../src/core/desired/model.ts';
import { createOrderOverlay } from '../../../../src/core/orders/overlay.ts';
import { begun, type Override, type Overrides } from '../../../../src/core/orders/override.ts';
import type { Scope } from '../../../../src/core/orders/scope.ts';
import { hostnamesLeftWithout } from '../../../../src/core/steering/drain-guard.ts';
import { type Drilled, leftByOrder } from '../../../../src/core/steering/drilled.ts';
import { endpoint, health, hostname, model, zone } from '../snapshot/build.ts';

const NOW = 1_000_000;
const BELIEVED = health({ m0: 'up', m1: 'up', m2: 'down' });

const drain = (name: string, scope: Scope, from?: number): Override => ({
  name,
  scope,
  action: { kind: 'drain' },
  at: 1,
  by: 'test',
  reason: 'test',
  ...(from === undefined ? {} : { from }),
});
const named = (all: readonly Override[]): Overrides => new Map(all.map((one) => [one.name, one]));

function world() {
  const end = (cluster: string, host: number, monitor: string) => endpoint(cluster, `192.0.2.${host}`, { monitor });
  return model(
    [zone('z')],
    ['a1.z', 'a2.z', 'b1.z', 'b2.z'].map((name, index) =>
      hostname(name, {}, [end('eu', 2 * index + 1, 'm0'), end('us', 2 * index + 2, index === 3 ? 'm2' : 'm1')]),
    ),
  );
}

describe('the guard of one more order', () => {
  it('looks at no hostname that the order is not about, beside a drill as well', () => {
    const [looked, from] = [new Set<string>(), world()];
    const hostnames = from.hostnames.map((one): Hostname => {
      const { endpoints, ...rest } = one;
      return Object.defineProperty({ ...rest, endpoints }, 'endpoints', {
        enumerable: true,
        get: () => {
          looked.add(one.name);
          return endpoints;
        },
      });
    });
    const drilled: readonly Drilled[] = [
      { orders: [drain('d', { clusters: ['us'] })], failing: new Set(), until: NOW + 5000 },
    ];
    const overrides = named([drain('later', { hostnames: ['b*'] }, NOW + 50)]);
    const ground = { model: { ...from, hostnames }, health: BELIEVED, now: NOW };
    const order = drain('o', { clusters: ['eu'], hostnames: ['a1*'] });
    expect(leftByOrder(order, { overrides, drilled }, ground)).toEqual(['a1.z']);
    expect([...looked]).toEqual(['a1.z']);
  });

  it('finds what is found when all hostnames are laid anew for both worlds', () => {
    const scope = fc.constantFrom<Scope>(
      { clusters: ['eu'] },
      { clusters: ['us'], hostnames: ['a*'] },
      { hostnames: ['*2.z'] },
      { hostnames: ['b1.z', 'none.z'] },
      { clusters: ['*'], except: { hostnames: ['a1.z', 'b*'] } },
      { clusters: ['eu'], except: { clusters: ['eu'], hostnames: ['b*'] } },
    );
    const order = fc
      .tuple(fc.constantFrom('x', 'y', 'z'), scope, fc.constantFrom(undefined, NOW + 9))
      .map(([name, where, from]) => drain(name, where, from));
    fc.assert(
      fc.property(fc.array(order, { maxLength: 3 }), order, (all, one) => {
        const [overrides, from] = [named(all), world()];
        const laid = (some: Overrides) => ({
          model: createOrderOverlay().lay(from, begun(some), NOW),
          health: BELIEVED,
        });
        const whole = hostnamesLeftWithout(laid(overrides), laid(new Map(overrides).set(one.name, one)), NOW);
        const ground = { model: from, health: BELIEVED, now: NOW };
        expect(leftByOrder(one, { overrides, drilled: [] }, ground)).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });
});
