/** `nearest-band`: clusters that are hardly farther than the nearest share its clients. */
import { describe, expect, it } from 'vitest';
import type { Place } from '../../../../src/core/desired/area.ts';
import type { Endpoint, Policy } from '../../../../src/core/desired/model.ts';
import type { MonitorHealth } from '../../../../src/core/health/monitor-health.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import { explain, shares } from '../../../../src/core/snapshot/explain.ts';
import type { Snapshot } from '../../../../src/core/snapshot/snapshot.ts';
import { ask, endpoint, health, hostname, input, model, placesOf, TYPE, zone } from './build.ts';

const NAME = 'shop.example';

/** On the equator, where a degree is 111.2 km. */
function at(lon: number) {
  return { lat: 0, lon, country: '', continent: '' };
}

/** The client is at 0°; `b` is 111 km away, `c` 222 km, `d` 334 km, `far` 5560 km. */
const PLACES = placesOf([0, 20].map((lon): Place => ({ kind: 'known', ...at(lon) })));
const HERE = 1;
const B = endpoint('b', '192.0.2.2', { location: at(1), weight: 60 });
const C = endpoint('c', '192.0.2.3', { location: at(2), weight: 30 });
const D = endpoint('d', '192.0.2.4', { location: at(3), weight: 10 });
const FAR = endpoint('far', '192.0.2.5', { location: at(50), weight: 500 });
const ENDS = [B, C, D, FAR];

function worldOf(
  policy: Partial<Policy>,
  down: readonly string[] = [],
  endpoints: readonly Endpoint[] = ENDS,
): Snapshot {
  const states = Object.fromEntries(
    endpoints.map(({ cluster }): [string, MonitorHealth['state']] => [cluster, down.includes(cluster) ? 'down' : 'up']),
  );
  const named = hostname(NAME, { steering: 'nearest', ...policy }, endpoints);
  return compile(input(model([zone('example')], [named]), { health: health(states), places: PLACES }));
}

/** How many of 1000 evenly spread throws each answer gets: the last octets of its addresses. */
function counts(snapshot: Snapshot, place = HERE): Record<string, number> {
  const found: Record<string, number> = {};
  for (let i = 0; i < 1000; i++) {
    const { said } = ask(snapshot, NAME, TYPE.A, { place, dice: Math.floor(((i + 0.5) * 2 ** 32) / 1000) });
    const text = said.map((record) => record.slice(record.lastIndexOf('.') + 1)).join(' ');
    found[text] = (found[text] ?? 0) + 1;
  }
  return found;
}

describe('the clients of a band', () => {
  it.each<[string, number, Record<string, number>]>([
    ['no band', 0, { '2': 1000 }],
    ['a band that holds nobody else', 100, { '2': 1000 }],
    ['one of two', 112, { '2': 667, '3': 333 }],
    ['one of three', 300, { '2': 600, '3': 300, '4': 100 }],
    ['one of all', 20_000, { '2': 100, '3': 50, '4': 17, '5': 833 }],
  ])('are shared by weight: %s', (_, nearestBand, wanted) => {
    expect(counts(worldOf({ nearestBand }))).toEqual(wanted);
  });

  it('are shared among those that are left: the band is that of the nearest of them', () => {
    expect(counts(worldOf({ nearestBand: 112 }, ['b']))).toEqual({ '3': 750, '4': 250 });
    expect(counts(worldOf({ nearestBand: 112 }, ['c']))).toEqual({ '2': 1000 });
    expect(counts(worldOf({ nearestBand: 112 }, ['b', 'c', 'd']))).toEqual({ '5': 1000 });
  });

  it('are not shared with a higher tier or a standby, however near', () => {
    const second = worldOf({ nearestBand: 300 }, [], [{ ...B, tier: 1 }, C, { ...D, weight: 0 }]);
    expect(counts(second)).toEqual({ '3': 1000 });
    const standby = worldOf({ nearestBand: 300 }, ['c'], [{ ...B, tier: 1 }, C, { ...D, weight: 0 }]);
    expect(counts(standby)).toEqual({ '4': 1000 });
  });

  it('are shared alike where only standbys are left', () => {
    const idle = ENDS.map((end) => ({ ...end, weight: 0 }));
    expect(counts(worldOf({ nearestBand: 300 }, [], idle))).toEqual({ '2': 333, '3': 334, '4': 333 });
  });

  it('count the bias, which moves a cluster into the band or out of it', () => {
    const moved = [B, { ...C, bias: 2 }, { ...D, bias: -112 }];
    expect(counts(worldOf({ nearestBand: 112 }, [], moved))).toEqual({ '2': 857, '4': 143 });
  });

  it('are those of one cluster once, at whichever of its sites it is nearest', () => {
    const twice = [B, { ...B, address: '192.0.2.22', location: at(2) }, C];
    const snapshot = worldOf({ nearestBand: 200, answers: 2 }, [], twice);
    expect(counts(snapshot)).toEqual({ '2 22': 667, '3 2': 333 });
  });
});

describe('an answer of several addresses', () => {
  it('takes the band in a ring before it takes anybody farther', () => {
    const three = worldOf({ nearestBand: 112, answers: 3 });
    expect(counts(three)).toEqual({ '2 3 4': 667, '3 2 4': 333 });
  });

  it('names the same clusters for A and AAAA', () => {
    const dual = ENDS.flatMap((end) => [
      end,
      { ...end, address: end.address.replace('192.0.2.', '2001:db8::'), family: 6 as const },
    ]);
    const snapshot = worldOf({ nearestBand: 300, answers: 2 }, [], dual);
    for (let i = 0; i < 50; i++) {
      const [four, six] = [TYPE.A, TYPE.AAAA].map((type) => {
        const { said } = ask(snapshot, NAME, type, { place: HERE, dice: Math.imul(i, 0x9e3779b9) });
        return said.map((text) => text.slice(-1));
      });
      expect(six).toEqual(four);
    }
  });
});

describe('what is told of a band', () => {
  it('is the weight beside the distance, and the shares of all places', () => {
    const snapshot = worldOf({ nearestBand: 112 });
    const told = explain(snapshot, { name: NAME, type: TYPE.A, place: HERE, prefix: 24, dice: 0 });
    const reasons = told.candidates.map(({ steps }) => steps.find(({ filter }) => filter === 'nearest')?.reason);
    expect(reasons).toEqual([
      '111 km, within the band of 112 km, weight 60',
      '222 km, within the band of 112 km, weight 30',
      '334 km, outside the band of 112 km, weight 10',
      '5560 km, outside the band of 112 km, weight 500',
    ]);
    expect(told.candidates.map(({ chosen }) => chosen)).toEqual(['answered', 'eligible', 'dropped', 'dropped']);
    // Three places: unknown (by weight), here (b and c) and at 20° (d and c).
    const of = Object.fromEntries(shares(snapshot, NAME));
    expect(of['b']).toBeCloseTo((60 / 600 + 60 / 90) / 3, 10);
    expect(of['d']).toBeCloseTo((10 / 600 + 10 / 40) / 3, 10);
    expect(Object.values(of).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
  });
});

describe('sticky in a band', () => {
  const subnets = Array.from({ length: 2000 }, (_, i) => Math.imul(i + 1, 0x9e3779b9) | 0);
  const clustersOf = (snapshot: Snapshot): readonly number[] =>
    subnets.map((subnet, i) => ask(snapshot, NAME, TYPE.A, { place: HERE, subnet, dice: i }).cluster);

  it('keeps the cluster of a subnet, by weight, and says that the subnet decided', () => {
    const snapshot = worldOf({ nearestBand: 300, sticky: 'subnet' });
    const [once, again] = [clustersOf(snapshot), clustersOf(snapshot)];
    expect(again).toEqual(once);
    const portions = [0, 1, 2].map((cluster) => once.filter((one) => one === cluster).length / subnets.length);
    for (const [index, wanted] of [0.6, 0.3, 0.1].entries()) {
      expect(Math.abs(portions[index]! - wanted)).toBeLessThan(0.035);
    }
    const told = ask(snapshot, NAME, TYPE.A, { place: HERE, subnet: 1 });
    expect([told.sticky, told.placed]).toEqual([true, true]);
  });

  it('moves only the clients of a cluster that fails within the band', () => {
    const before = clustersOf(worldOf({ nearestBand: 300, sticky: 'subnet' }));
    const after = clustersOf(worldOf({ nearestBand: 300, sticky: 'subnet' }, ['c']));
    for (const [index, cluster] of before.entries()) if (cluster !== 1) expect(after[index]).toBe(cluster);
    expect(new Set(after)).toEqual(new Set([0, 2]));
  });

  it('is told as it is answered', () => {
    const snapshot = worldOf({ nearestBand: 300, sticky: 'subnet' });
    const names = ['b', 'c', 'd', 'far'];
    for (const hash of subnets.slice(0, 200)) {
      const subnet = { hash, prefix: 24 };
      const told = explain(snapshot, { name: NAME, type: TYPE.A, place: HERE, prefix: 16, subnet, dice: 0 });
      const answered = ask(snapshot, NAME, TYPE.A, { place: HERE, subnet: hash });
      expect(told.sticky?.cluster).toBe(names[answered.cluster]);
      expect(told.sticky?.share).toBe({ b: 0.6, c: 0.3, d: 0.1 }[told.sticky!.cluster]);
      expect(told.scope).toBe(24);
    }
  });

  it('leaves the subnet out of it where the nearest is alone in its band', () => {
    const snapshot = worldOf({ nearestBand: 100, sticky: 'subnet' });
    const told = ask(snapshot, NAME, TYPE.A, { place: HERE, subnet: 1 });
    expect([told.sticky, told.cluster]).toEqual([false, 0]);
    const ask1 = { name: NAME, type: TYPE.A, place: HERE, prefix: 16, subnet: { hash: 1, prefix: 24 }, dice: 0 };
    expect(explain(snapshot, ask1)).toMatchObject({ sticky: undefined, scope: 16 });
  });
});
