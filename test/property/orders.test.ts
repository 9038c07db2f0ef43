/** What people order holds in the answers, whatever is written, measured and ordered besides. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVERYWHERE } from '../../src/core/desired/area.ts';
import type { Endpoint, Hostname, Model } from '../../src/core/desired/model.ts';
import { createOrderOverlay } from '../../src/core/orders/overlay.ts';
import type { Override, OverrideAction } from '../../src/core/orders/override.ts';
import type { Scope, Selection } from '../../src/core/orders/scope.ts';
import { swayOf } from '../../src/core/orders/sway.ts';
import { compile } from '../../src/core/snapshot/compile.ts';
import { explain } from '../../src/core/snapshot/explain.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { endpoint, health, hostname, input, model, PLACES, zone } from '../unit/core/snapshot/build.ts';

const NOW = 1_000_000;
const RUNS = { numRuns: 150 };
const CLUSTERS = ['c0', 'c1', 'c10', 'd2'];
const GATEWAYS = ['infra/public', 'infra/inner'];
const EUROPE = { continents: ['EU'], countries: [] };

const end = fc.record({
  cluster: fc.constantFrom(...CLUSTERS),
  gateway: fc.constantFrom(...GATEWAYS),
  host: fc.integer({ min: 1, max: 4 }),
  monitor: fc.constantFrom('m0', 'm1', 'm2', 'm3', 'unchecked'),
  weight: fc.constantFrom(0, 20, 80),
  tier: fc.constantFrom(0, 0, 1),
  location: fc.constantFrom(...Object.values(PLACES)),
  drain: fc.constantFrom({ kind: 'none' as const }, { kind: 'none' as const }, { kind: 'on' as const }),
});
const policy = fc.record({
  steering: fc.constantFrom('nearest', 'weighted', 'failover', 'multivalue'),
  sticky: fc.constantFrom('none', 'subnet'),
  residency: fc.constantFrom(EVERYWHERE, EVERYWHERE, EUROPE),
  answers: fc.integer({ min: 1, max: 3 }),
  minHealthy: fc.constantFrom({ kind: 'count' as const, value: 0 }, { kind: 'count' as const, value: 2 }),
  lastResort: fc.record({ kind: fc.constantFrom('all', 'last', 'none') }),
});
const named = fc.record({
  policy,
  ends: fc.uniqueArray(end, { maxLength: 6, selector: ({ cluster, host }) => `${cluster} ${host}` }),
});

const models = fc.array(named, { minLength: 1, maxLength: 3 }).map((all): Model => {
  const hostnames = all.map(({ policy: own, ends }, index) => {
    const endpoints = ends.map(({ cluster, host, ...rest }) =>
      endpoint(cluster, `192.0.${CLUSTERS.indexOf(cluster)}.${host}`, rest),
    );
    return hostname(`h${index}.z`, own, endpoints);
  });
  return model([zone('z')], hostnames);
});

const state = fc.constantFrom('up', 'up', 'degraded', 'held', 'down', 'unseen');
const beliefs = fc.record({ m0: state, m1: state, m2: state, m3: state }).map((states) => health(states));

const patterns = (...all: readonly string[]) => fc.subarray([...all], { minLength: 1 });
const selection: fc.Arbitrary<Selection> = fc.record(
  {
    clusters: patterns('*', 'c*', 'c1', 'c1*', '*2', 'c0'),
    gateways: patterns('infra/*', '*/public', 'infra/inner', 'nobody/*'),
    hostnames: patterns('h*.z', 'h0.z', '*1.z'),
  },
  { requiredKeys: [] },
);
const scope: fc.Arbitrary<Scope> = fc
  .tuple(selection, fc.option(selection, { nil: undefined }))
  .map(([meant, except]) => (except === undefined ? meant : { ...meant, except }));
const action = fc.constantFrom<OverrideAction>(
  { kind: 'up' },
  { kind: 'down' },
  { kind: 'drain' },
  { kind: 'drain', percent: 30 },
  { kind: 'weight', weight: 7 },
  { kind: 'weight', weight: 0 },
);
const order = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    scope,
    action,
    at: fc.nat(3),
    from: fc.constantFrom(undefined, undefined, NOW - 5, NOW, NOW + 5),
    until: fc.constantFrom(undefined, undefined, NOW, NOW + 1, NOW + 50),
  })
  .map(
    ({ from, until, ...rest }): Override => ({
      ...rest,
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
      by: 'test',
      reason: 'test',
    }),
  );
const orders = fc.uniqueArray(order, { maxLength: 5, selector: ({ name }) => name });
const world = fc.record({ written: models, beliefs, orders });
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function made({ written, beliefs: believed, orders: all }: World): Snapshot {
  const laid = createOrderOverlay().lay(written, new Map(all.map((one) => [one.name, one])), NOW);
  return compile({ ...input(laid), health: believed, now: NOW });
}

/** By a matcher of its own: a regular expression. */
function matches(list: readonly string[] | undefined, text: string): boolean {
  const escaped = (one: string): string => one.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return list === undefined || list.some((one) => new RegExp(`^${escaped(one)}$`).test(text));
}

function fits({ clusters, gateways, hostnames }: Selection, name: string, { cluster, gateway }: Endpoint): boolean {
  return matches(clusters, cluster) && matches(gateways, gateway) && matches(hostnames, name);
}

/** The orders in force about an endpoint, the newest first. */
function about(all: readonly Override[], { name }: Hostname, one: Endpoint): readonly Override[] {
  return all
    .filter(({ from = 0, until = Number.POSITIVE_INFINITY }) => from <= NOW && NOW < until)
    .filter(({ scope: meant }) => fits(meant, name, one) && !(meant.except && fits(meant.except, name, one)))
    .toSorted((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1));
}

/** What becomes of every endpoint for every place and some dice. */
function told(snapshot: Snapshot, { name }: Hostname) {
  return [...snapshot.places.places.keys()].flatMap((place) =>
    [0, 0x7fff_ffff, 0xffff_ffff].map((dice) =>
      explain(snapshot, { name, type: 1, place, prefix: 24, subnet: { hash: dice, prefix: 24 }, dice }),
    ),
  );
}

describe('orders in the answers', () => {
  it('nobody drained is ever answered; who is down by order is answered by the last resort alone', () => {
    fc.assert(
      fc.property(world, (given) => {
        const snapshot = made(given);
        for (const hostnameOf of given.written.hostnames) {
          const find = (address: string) => hostnameOf.endpoints.find((one) => one.address === address)!;
          for (const { reason, addresses, agreement } of told(snapshot, hostnameOf)) {
            expect(agreement).toBe('same');
            for (const own of addresses.map((address) => about(given.orders, hostnameOf, find(address)))) {
              const isDrained = own.some(({ action: { kind, ...part } }) => kind === 'drain' && !('percent' in part));
              expect(isDrained).toBe(false);
              const decides = own.find(({ action: { kind } }) => kind === 'up' || kind === 'down');
              if (decides?.action.kind === 'down') expect(reason).toBe('last-resort');
            }
          }
        }
      }),
      RUNS,
    );
  });

  it('every endpoint goes by the newest order about it, and what is measured and written is shown beside', () => {
    fc.assert(
      fc.property(world, (given) => {
        const [bent, plain] = [made(given), made({ ...given, orders: [] })];
        for (const hostnameOf of given.written.hostnames) {
          const [after] = told(bent, hostnameOf);
          const [before] = told(plain, hostnameOf);
          for (const [index, one] of hostnameOf.endpoints.entries()) {
            const [is, was] = [after!.candidates[index]!, before!.candidates[index]!];
            const own = about(given.orders, hostnameOf, one);
            const decides = own.find(({ action: { kind } }) => kind === 'up' || kind === 'down');
            expect(is.measured).toBe(was.state);
            expect(is.state).toBe(decides?.action.kind ?? was.state);
            const weighs = own.flatMap(({ action: a }) => (a.kind === 'weight' ? [a.weight] : []))[0] ?? one.weight;
            expect([is.weight, is.writtenWeight ?? is.weight]).toEqual([weighs, one.weight]);
            expect(is.orders).toEqual(expect.arrayContaining(own.map(({ name }) => name)));
          }
        }
      }),
      RUNS,
    );
  });

  it('what an order is said to be about is what fits it, and it is shadowed where a newer one contradicts it', () => {
    fc.assert(
      fc.property(world, (given) => {
        const sway = swayOf(made(given).model, given.orders, NOW);
        for (const one of given.orders.filter(({ from = 0, until = Infinity }) => from <= NOW && NOW < until)) {
          const isState = ({ action: { kind } }: Override): boolean => kind === 'up' || kind === 'down';
          const isRival = (other: Override): boolean =>
            isState(one) ? isState(other) : one.action.kind === 'weight' && other.action.kind === 'weight';
          const lists = given.written.hostnames.flatMap((hostnameOf) =>
            hostnameOf.endpoints.map((each) => about(given.orders, hostnameOf, each)),
          );
          const meant = lists.filter((own) => own.includes(one));
          const under = meant.filter((own) => own.find(isRival) !== one && own.some(isRival));
          const { endpoints = 0, shadowed = 0 } = sway.get(one.name) ?? {};
          expect([endpoints, shadowed]).toEqual([meant.length, under.length]);
        }
      }),
      RUNS,
    );
  });
});
