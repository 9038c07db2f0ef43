/** What a snapshot takes over from the one before must not show: it is what would be made from nothing. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVERYWHERE, type Place, UNKNOWN_PLACE } from '../../src/core/desired/area.ts';
import type { Hostname, Model } from '../../src/core/desired/model.ts';
import type { MonitorHealth } from '../../src/core/health/monitor-health.ts';
import { compile, compileBeside } from '../../src/core/snapshot/compile.ts';
import { explain } from '../../src/core/snapshot/explain.ts';
import type { PlaceTable } from '../../src/core/snapshot/place-table.ts';
import type { Snapshot, SnapshotInput } from '../../src/core/snapshot/snapshot.ts';
import { endpoint, hostname, input, model, PLACES, placesOf, TYPE, zone } from '../unit/core/snapshot/build.ts';

const EUROPE = { continents: ['EU'], countries: [] };
const SITES = Object.values(PLACES);
const CLUSTERS = ['c0', 'c1', 'c10', 'c2'];
/** Shared by several endpoints, by one, and watched by nobody. */
const MONITORS = ['m0', 'm1', 'm2', 'm3', 'm4', 'unchecked'];
/** Nobody tells the load of the other clusters. */
const LOADS = ['load c0', 'load c1'];

const end = fc.record({
  cluster: fc.constantFrom(...CLUSTERS),
  host: fc.integer({ min: 1, max: 9 }),
  monitor: fc.constantFrom(...MONITORS),
  weight: fc.constantFrom(0, 20, 80),
  tier: fc.constantFrom(0, 0, 1),
  bias: fc.constantFrom(0, 0, 5000),
  location: fc.constantFrom(...SITES),
  serves: fc.constantFrom(EVERYWHERE, EVERYWHERE, EUROPE),
  drain: fc.constantFrom(
    { kind: 'none' as const },
    { kind: 'none' as const },
    { kind: 'on' as const },
    { kind: 'until' as const, at: 10 },
    { kind: 'until' as const, at: 20 },
    { kind: 'planned' as const, from: 20_000 },
    { kind: 'planned' as const, from: 15, until: 30_000 },
  ),
});

const policy = fc.record({
  steering: fc.constantFrom('nearest', 'nearest', 'weighted', 'failover', 'multivalue'),
  sticky: fc.constantFrom('none', 'none', 'subnet'),
  nearestBand: fc.constantFrom(0, 0, 1_000, 7_000),
  residency: fc.constantFrom(EVERYWHERE, EVERYWHERE, EUROPE),
  answers: fc.integer({ min: 1, max: 3 }),
  minHealthy: fc.constantFrom({ kind: 'count' as const, value: 0 }, { kind: 'fraction' as const, value: 0.5 }),
  lastResort: fc.oneof(
    fc.record({ kind: fc.constantFrom('all', 'last', 'none') }),
    fc.constant({ kind: 'addresses' as const, addresses: ['198.51.100.1', '192.0.2.1'] }),
  ),
});

/** By a rollout; clusters that are of neither group come up, too. */
const DIVIDED = { rollout: { name: 'r', percent: 25, from: ['c0'], to: ['c1', 'c10'] } };

const named = fc.record({
  policy: fc.tuple(policy, fc.constantFrom({}, {}, { map: 'm' }, DIVIDED)).map(([all, map]) => ({ ...all, ...map })),
  ends: fc.uniqueArray(end, { maxLength: 7, selector: ({ cluster, host }) => `${cluster} ${host}` }),
});

type Named = typeof named extends fc.Arbitrary<infer T> ? T : never;

function hostnameOf(name: string, { policy, ends }: Named): Hostname {
  const endpoints = ends.map(({ cluster, host, ...rest }) => {
    const load = `load ${cluster}`;
    const own = LOADS.includes(load) ? { ...rest, load } : rest;
    return endpoint(cluster, host % 3 === 0 ? `2001:db8::${host}` : `192.0.2.${host}`, own);
  });
  return hostname(name, policy, endpoints);
}

const models = fc.array(named, { minLength: 1, maxLength: 5 }).map((all): Model => {
  return model(
    [zone('z')],
    all.map((one, index) => hostnameOf(`h${index}.z`, one)),
  );
});

/** What somebody may do to one hostname. `weight` changes no more than one endpoint. */
const edit = fc.record({
  at: fc.nat(9),
  what: fc.constantFrom('replace', 'weight', 'drain', 'address', 'add', 'remove'),
  by: named,
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

/** The model after an edit; all that is not edited is the very same. */
function edited(from: Model, { at, what, by }: Edit): Model {
  if (what === 'add') {
    const name = `n${at}.z`;
    const others = from.hostnames.filter((other) => other.name !== name);
    return { ...from, hostnames: [...others, hostnameOf(name, by)].toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  }
  const index = at % from.hostnames.length;
  if (what === 'remove') return { ...from, hostnames: from.hostnames.filter((_, other) => other !== index) };
  const before = from.hostnames[index];
  if (before === undefined) return from;
  const end = at % before.endpoints.length;
  const changes = {
    weight: { weight: 1 + at },
    drain: { drain: { kind: 'on' as const } },
    address: { address: `192.0.2.${100 + at}`, family: 4 as const },
  };
  const after =
    what === 'replace'
      ? hostnameOf(before.name, by)
      : {
          ...before,
          endpoints: before.endpoints.map((one, other) => (other === end ? { ...one, ...changes[what] } : one)),
        };
  return { ...from, hostnames: from.hostnames.with(index, after) };
}

function mapped(place: Place, clusters: readonly string[]): Place {
  return { ...place, mapped: { m: { rule: 1, text: 'asn 64500', clusters } } };
}

const places: fc.Arbitrary<PlaceTable> = fc
  .array(
    fc
      .tuple(fc.integer({ min: -80, max: 80 }), fc.integer({ min: -180, max: 179 }), fc.constantFrom(...SITES))
      .chain(([lat, lon, site]) => {
        const where: Place = { kind: 'known', ...site, lat, lon };
        return fc.constantFrom<Place>(where, mapped(where, ['c2', 'c0']), mapped(UNKNOWN_PLACE, ['c1', '*', 'c0']));
      }),
    { minLength: 1, maxLength: 12 },
  )
  .map(placesOf);

const belief: fc.Arbitrary<MonitorHealth> = fc.record(
  {
    state: fc.constantFrom('up', 'degraded', 'held', 'down', 'unseen'),
    since: fc.nat(3),
    contrary: fc.constant(0),
    secondsToChange: fc.constantFrom(Number.POSITIVE_INFINITY, 7, 12.5),
    admits: fc.constantFrom(16, 240),
  },
  { requiredKeys: ['state', 'since', 'contrary', 'secondsToChange'] },
);

/** One thing that can happen between two snapshots. */
type Step =
  | { readonly kind: 'probes'; readonly found: Readonly<Record<string, MonitorHealth>> }
  | { readonly kind: 'drains'; readonly drained: readonly string[]; readonly from: number }
  | { readonly kind: 'time'; readonly now: number }
  | { readonly kind: 'places'; readonly table: PlaceTable }
  | { readonly kind: 'model'; readonly next: Model }
  | { readonly kind: 'edits'; readonly edits: readonly Edit[] }
  | { readonly kind: 'serial'; readonly serial: number }
  | { readonly kind: 'from-older' | 'untold' };

const found = fc.dictionary(fc.constantFrom(...MONITORS, ...LOADS, 'nobody'), belief, { minKeys: 1, maxKeys: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: found.map((found): Step => ({ kind: 'probes', found })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ drained: fc.subarray(CLUSTERS), from: fc.constantFrom(0, 20_000, 30_000) })
      .map((drains): Step => ({ kind: 'drains', ...drains })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(5, 10, 15, 20, 25, 9_000, 15_000, 20_000, 29_999, 60_000)
      .map((now): Step => ({ kind: 'time', now })),
  },
  { weight: 1, arbitrary: places.map((table): Step => ({ kind: 'places', table })) },
  { weight: 1, arbitrary: models.map((next): Step => ({ kind: 'model', next })) },
  {
    weight: 6,
    arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits): Step => ({ kind: 'edits', edits })),
  },
  { weight: 1, arbitrary: fc.nat(0xffffffff).map((serial): Step => ({ kind: 'serial', serial })) },
  { weight: 1, arbitrary: fc.constantFrom<Step[]>({ kind: 'from-older' }, { kind: 'untold' }) },
);

/** What steering of every hostname for every place says, against what the table says. */
function expectAgreement(snapshot: Snapshot, dice: number): void {
  for (const { name } of snapshot.model.hostnames) {
    for (const place of snapshot.places.places.keys()) {
      for (const type of [TYPE.A, TYPE.AAAA]) {
        const told = explain(snapshot, { name, type, place, prefix: 24, subnet: { hash: dice, prefix: 24 }, dice });
        expect(told.agreement, `${name} at ${place}`).toBe('same');
        const allowed = told.candidates.filter(({ chosen }) => chosen !== 'dropped').map(({ address }) => address);
        if (told.reason === 'steered') expect(allowed).toEqual(expect.arrayContaining([...told.addresses]));
        const family = type === TYPE.A ? '.' : ':';
        const kept = told.candidates.filter((one) => one.cluster === told.sticky?.cluster && one.chosen !== 'dropped');
        const keeping = kept.map(({ address }) => address).filter((address) => address.includes(family));
        if (keeping.length > 0) expect(keeping, `${name} at ${place}`).toContain(told.addresses[0]);
      }
    }
  }
}

/** Health is one map that lives on, as the director's does. */
type Story = { now: SnapshotInput; readonly health: Map<string, MonitorHealth>; last: Snapshot; older: Snapshot };

function take(story: Story, happened: Step): void {
  const before = happened.kind === 'from-older' ? story.older : story.last;
  const changed = happened.kind === 'probes' ? Object.keys(happened.found) : [];
  if (happened.kind === 'probes') for (const [id, one] of Object.entries(happened.found)) story.health.set(id, one);
  story.now = { ...story.now, ...newsOf(happened, story.now.model) };
  story.older = story.last;
  story.last = compile(story.now, before, happened.kind === 'untold' ? undefined : new Set(changed));
}

function newsOf(happened: Step, model: Model): Partial<SnapshotInput> {
  if (happened.kind === 'edits') return { model: happened.edits.reduce(edited, model) };
  if (happened.kind === 'serial') return { serial: happened.serial };
  if (happened.kind === 'time') return { now: happened.now };
  if (happened.kind === 'places') return { places: happened.table };
  if (happened.kind === 'model') return { model: happened.next };
  if (happened.kind !== 'drains') return {};
  const order = { at: 0, ...(happened.from === 0 ? {} : { from: happened.from }), by: 'test', reason: 'test' };
  return { overrides: new Map(happened.drained.map((cluster) => [cluster, { cluster, ...order }])) };
}

describe('a snapshot made from the one before', () => {
  it('is the one made from nothing, and says what steering decides, through any run of changes', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.tuple(models, places),
        fc.array(step, { minLength: 1, maxLength: 10 }),
        fc.nat(0xffffffff),
        ([from, table], steps, dice) => {
          const health = new Map<string, MonitorHealth>();
          const now = input(from, { health, places: table, now: 0 });
          const first = compile(now);
          const story: Story = { now, health, last: first, older: first };
          for (const happened of steps) {
            const before = story.last.table;
            const kept = structuredClone(before.decisions);
            take(story, happened);
            expect(before.decisions, 'what was published').toEqual(kept);
            const fresh = compile(story.now);
            expect(story.last.table).toEqual(fresh.table);
            expect(compileBeside(story.now, story.older).table, 'beside').toEqual(fresh.table);
            expect(story.last.changesAt).toBe(fresh.changesAt);
            seen.add(story.last.table.decisions === before.decisions ? 'same' : 'new');
            expectAgreement(story.last, dice);
          }
        },
      ),
      { numRuns: 250 },
    );
    expect(seen.size).toBe(2);
  });
});

describe('the share of a cluster by its load', () => {
  it('stays when something else is heard of an endpoint of it', () => {
    const up: MonitorHealth = { state: 'up', since: 1, contrary: 0, secondsToChange: Number.POSITIVE_INFINITY };
    const endpoints = CLUSTERS.slice(0, 2).map((cluster, host) =>
      endpoint(cluster, `192.0.2.${host + 1}`, { monitor: `m${host}`, load: `load ${cluster}` }),
    );
    const made = model([zone('z')], [hostname('h.z', { steering: 'weighted' }, endpoints)]);
    const world = (of: Partial<MonitorHealth>, admits = 64) =>
      input(made, {
        health: new Map([
          ['m0', { ...up, ...of }],
          ['m1', up],
          ['load c0', { ...up, admits }],
        ]),
      });
    const next = world({ secondsToChange: 7 });
    const continued = compile(next, compile(world({})), new Set(['m0']));
    expect(continued.table.decisions).toEqual(compile(next).table.decisions);
    expect(continued.table.decisions).not.toEqual(compile(world({})).table.decisions);
    // Rows are remembered by how endpoints stand: none may be remembered as that of another share.
    const whole = world({ secondsToChange: 7 }, 256);
    const after = compile(whole, continued, new Set(['load c0']));
    expect(after.table.decisions).toEqual(compile(whole).table.decisions);
  });
});
