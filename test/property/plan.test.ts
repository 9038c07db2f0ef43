/** What a plan tells must hold for every world: it adds up, and a lost cluster has nobody. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVERYWHERE } from '../../src/core/desired/area.ts';
import type { Hostname } from '../../src/core/desired/model.ts';
import { type Outlook, outlook } from '../../src/core/plan/outlook.ts';
import { candidatesOf } from '../../src/core/snapshot/candidates.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { hostnamesLeftWithout } from '../../src/core/steering/drain-guard.ts';
import { steer } from '../../src/core/steering/steer.ts';
import { losing, mixOf, QUARTERS, withLoss, worldOf } from '../unit/core/plan/worlds.ts';
import { drained, endpoint, health, hostname, PLACES } from '../unit/core/snapshot/build.ts';

const EUROPE = { continents: ['EU'], countries: [] };
const SITES = Object.values(PLACES);
const CLUSTERS = ['c0', 'c1', 'c2'];
const STATES = ['up', 'down', 'unseen'] as const;
/** Fraction of all clients at each place of `QUARTERS`; the unknown one has none. */
const WEIGHTS = [0, 0.25, 0.5, 0.25];

const end = fc.record({
  cluster: fc.constantFrom(...CLUSTERS),
  host: fc.integer({ min: 1, max: 9 }),
  monitor: fc.constantFrom('m0', 'm1', 'm2', 'unchecked'),
  weight: fc.constantFrom(0, 20, 80),
  tier: fc.constantFrom(0, 0, 1),
  location: fc.constantFrom(...SITES),
  serves: fc.constantFrom(EVERYWHERE, EVERYWHERE, EUROPE),
  drain: fc.constantFrom({ kind: 'none' as const }, { kind: 'none' as const }, { kind: 'on' as const }),
});

const policy = fc.record({
  steering: fc.constantFrom('nearest', 'nearest', 'weighted', 'failover', 'multivalue'),
  sticky: fc.constantFrom('none', 'none', 'subnet'),
  residency: fc.constantFrom(EVERYWHERE, EVERYWHERE, EUROPE),
  answers: fc.integer({ min: 1, max: 3 }),
  ttl: fc.integer({ min: 0, max: 300 }),
  minHealthy: fc.constantFrom({ kind: 'count' as const, value: 0 }, { kind: 'fraction' as const, value: 0.5 }),
  lastResort: fc.oneof(
    fc.record({ kind: fc.constantFrom('all', 'last', 'none') }),
    fc.constant({ kind: 'addresses' as const, addresses: ['198.51.100.1', '192.0.2.1'] }),
  ),
});

const named = fc.record({
  policy,
  ends: fc.uniqueArray(end, { maxLength: 6, selector: ({ cluster, host }) => `${cluster} ${host}` }),
});

function hostnames(all: readonly { policy: object; ends: readonly { cluster: string; host: number }[] }[]): Hostname[] {
  return all.map(({ policy, ends }, index) =>
    hostname(
      `h${index}.example`,
      policy,
      ends.map(({ cluster, host, ...rest }) => endpoint(cluster, `192.0.2.${host}`, rest)),
    ),
  );
}

/** What a world is made of; the world itself is too large to be printed where a property fails. */
const recipe = fc.record({
  all: fc.array(named, { minLength: 1, maxLength: 4 }),
  states: fc.tuple(fc.constantFrom(...STATES), fc.constantFrom(...STATES), fc.constantFrom(...STATES)),
});
type Recipe = typeof recipe extends fc.Arbitrary<infer T> ? T : never;

function make({ all, states: [m0, m1, m2] }: Recipe): Snapshot {
  return worldOf(hostnames(all), { health: health({ m0, m1, m2 }) });
}

const RUNS = { numRuns: 300 };

const rate = fc.double({ min: 0.001, max: 1e6, noNaN: true });
const rates = (keys: readonly string[]) => fc.dictionary(fc.constantFrom(...keys), fc.oneof(rate, fc.constant(0)));
/** Questions per second, of some of the hostnames and from some of the places, and of others that there are not. */
const asked = fc.record({
  names: rates(['h0.example', 'h1.example', 'h2.example', 'h3.example', 'gone.example']),
  places: rates(['0', '1', '2', '3', '9']),
});

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** Plain data with numbers to nine places. */
function near(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, one) => (typeof one === 'number' ? Number(one.toFixed(9)) : one)));
}

function total(
  { clusters, nobody, lastResortAddresses }: Outlook | Outlook['worst'][number],
  world: 'before' | 'after',
) {
  return clusters.reduce((sum, one) => sum + one[world], nobody[world] + lastResortAddresses[world]);
}

describe('a plan of any world', () => {
  it('has shares that add up to 1, of all hostnames and of each', () => {
    fc.assert(
      fc.property(recipe, recipe, (before, after) => {
        const found = outlook(make(before), make(after), { listed: 100 });
        for (const world of ['before', 'after'] as const) {
          for (const one of [found, ...found.worst]) expect(total(one, world)).toBeCloseTo(1, 9);
        }
        expect(found.moved).toBeGreaterThanOrEqual(0);
        expect(found.moved).toBeLessThanOrEqual(1 + 1e-9);
      }),
      RUNS,
    );
  });

  it('has shares that add up to 1 by queries, too, whatever is asked', () => {
    fc.assert(
      fc.property(recipe, recipe, asked, (before, after, mix) => {
        const found = outlook(make(before), make(after), { listed: 100, mix: mixOf(mix.names, mix.places) });
        for (const world of ['before', 'after'] as const) {
          for (const one of [found, ...found.worst]) expect(total(one, world)).toBeCloseTo(1, 9);
        }
        expect(found.moved).toBeGreaterThanOrEqual(0);
        expect(found.moved).toBeLessThanOrEqual(1 + 1e-9);
      }),
      RUNS,
    );
  });

  it('says the same by queries that are asked as addresses are spread, for each hostname as many', () => {
    fc.assert(
      fc.property(recipe, fc.subarray(CLUSTERS), rate, (given, lost, scale) => {
        const world = make(given);
        const names = Object.fromEntries(world.model.hostnames.map(({ name }) => [name, scale]));
        const places = Object.fromEntries(WEIGHTS.map((weight, place) => [place, weight * scale]));
        const byAddresses = losing(world, lost, { listed: 100 });
        const byQueries = losing(world, lost, { listed: 100, mix: mixOf(names, places) });
        const worst = byQueries.worst.map(({ asked, ...one }) => {
          expect(asked).toBeCloseTo(1 / world.model.hostnames.length, 9);
          return one;
        });
        // Sums in another order are other by some 10⁻¹⁶, and one that is rounded at the last place by 10⁻¹².
        expect(near({ ...byQueries, worst: worst.toSorted(byName) })).toEqual(
          near({ ...byAddresses, worst: byAddresses.worst.toSorted(byName) }),
        );
      }),
      RUNS,
    );
  });

  it('does not count a hostname without questions: how it is steered is all the same', () => {
    fc.assert(
      fc.property(recipe, named, policy, asked, fc.subarray(CLUSTERS), (given, other, another, mix, lost) => {
        const idle = `h${given.all.length}.example`;
        const all: Readonly<Record<string, number>> = { ...mix.names, 'h0.example': 1 };
        const { [idle]: _none, ...names } = all;
        const plan = (last: typeof other) =>
          losing(make({ ...given, all: [...given.all, last] }), lost, { listed: 0, mix: mixOf(names, mix.places) });
        const [one, two] = [plan(other), plan({ ...other, policy: another })];
        expect(two.clusters).toEqual(one.clusters);
        expect([two.moved, two.nobody, two.lastResortAddresses]).toEqual([
          one.moved,
          one.nobody,
          one.lastResortAddresses,
        ]);
      }),
      RUNS,
    );
  });

  it('leaves a lost cluster with a share of 0, whatever the last resort', () => {
    fc.assert(
      fc.property(recipe, fc.subarray(CLUSTERS, { minLength: 1 }), (given, lost) => {
        const found = losing(make(given), lost, { listed: 100 });
        for (const { cluster, after } of found.clusters) if (lost.includes(cluster)) expect(after).toBe(0);
      }),
      RUNS,
    );
  });

  it('finds no change where nothing changes, though all is compiled anew', () => {
    fc.assert(
      fc.property(recipe, (given) => {
        const world = make(given);
        const again = worldOf(world.model.hostnames, { health: world.health });
        const found = outlook(world, again, { listed: 100 });
        expect(found).toMatchObject({
          verdict: 'fine',
          moved: 0,
          cachedSeconds: 0,
          worst: [],
          hostnames: { changed: 0 },
        });
        expect(found.affected.filter(({ count }) => count > 0)).toEqual([]);
        for (const { before, after } of [...found.clusters, found.nobody]) expect(after).toBe(before);
      }),
      RUNS,
    );
  });

  it('never sends the clients of a residency area out of it', () => {
    fc.assert(
      fc.property(recipe, recipe, (before, after) => {
        const troubles = outlook(make(before), make(after), { listed: 1 }).affected.map(({ trouble }) => trouble);
        expect(troubles).not.toContain('residency-breach');
      }),
      RUNS,
    );
  });

  it('agrees with the guard of drains on who would be left without a usable cluster', () => {
    fc.assert(
      fc.property(recipe, fc.constantFrom(...CLUSTERS), (given, lost) => {
        const world = make(given);
        const found = losing(world, [lost], { listed: 100 });
        const left = found.affected.flatMap(({ trouble, first }) => (trouble === 'no-cluster' ? first : []));
        const without = { ...world, model: drained(world.model, [lost]) };
        const guarded = new Set(hostnamesLeftWithout(world, without, world.now));
        for (const name of left) expect(guarded).toContain(name);
        const open = world.model.hostnames.filter(({ policy }) => policy.residency === EVERYWHERE);
        for (const { name } of open) expect(left.includes(name)).toBe(guarded.has(name));
      }),
      RUNS,
    );
  });

  it('has the shares that steering has, place by place', () => {
    fc.assert(
      fc.property(recipe, fc.constantFrom(...CLUSTERS), (given, lost) => {
        const world = make(given);
        const found = losing(world, [lost], { listed: 100 });
        for (const { name, clusters } of found.worst) {
          const expected = steeredShares(withLoss(world, lost), name);
          for (const { cluster, after } of clusters) expect(after).toBeCloseTo(expected.get(cluster) ?? 0, 9);
        }
      }),
      RUNS,
    );
  });
});

/** Shares by asking steering for every place, which is what the plan must not do. */
function steeredShares(world: Snapshot, name: string): ReadonlyMap<string, number> {
  const target = world.model.hostnames.findIndex((hostname) => hostname.name === name);
  const { policy } = world.model.hostnames[target]!;
  const candidates = candidatesOf(world, target);
  const shares = new Map<string, number>();
  for (const [place, client] of QUARTERS.places.entries()) {
    const { choices, addresses } = steer({ policy, candidates, client });
    if (addresses.length > 0) continue;
    const all = choices.reduce((sum, { weight }) => sum + weight, 0);
    for (const { cluster, weight } of choices) {
      shares.set(cluster, (shares.get(cluster) ?? 0) + (weight / all) * WEIGHTS[place]!);
    }
  }
  return shares;
}
