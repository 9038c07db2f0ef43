import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN_PLACE } from '../../src/core/desired/area.ts';
import type { Policy } from '../../src/core/desired/model.ts';
import { compile } from '../../src/core/snapshot/compile.ts';
import { shares } from '../../src/core/snapshot/shares.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import type { Candidate, Decision } from '../../src/core/steering/decision.ts';
import { shapeKey } from '../../src/core/steering/geography.ts';
import { steer } from '../../src/core/steering/steer.ts';
import {
  type AskOptions,
  ask,
  endpoint,
  health,
  hostname,
  input,
  model,
  PLACES,
  TYPE,
  zone,
} from '../unit/core/snapshot/build.ts';
import { at, candidate, FRANKFURT, policy, TOKYO, ZURICH } from '../unit/core/steering/world.ts';

const FROM = ['a', 'b'];
const TO = ['c', 'd'];
const LOCATIONS = [FRANKFURT, TOKYO, ZURICH];

const believed = fc.record({
  state: fc.constantFrom('up', 'up', 'up', 'down', 'held', 'unseen', 'degraded', 'unchecked'),
  drain: fc.constantFrom('none', 'none', 'none', 'override'),
  admits: fc.constantFrom(256, 256, 16, 240),
});
const written = fc.record({
  weight: fc.constantFrom(0, 1, 20, 100, 65_535),
  tier: fc.constantFrom(0, 0, 1),
  family: fc.constantFrom(4, 4, 6),
});

/** Candidates of five clusters, `e` in neither group, in the order of a model. */
const candidates: fc.Arbitrary<readonly Candidate[]> = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), believed, written), { minLength: 1, maxLength: 9 })
  .map((all) =>
    all
      .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
      .map(([cluster, state, settings], index) =>
        candidate(cluster, LOCATIONS[index % 3]!, state, {
          ...settings,
          address: settings.family === 4 ? `192.0.2.${index + 1}` : `2001:db8::${index + 1}`,
        }),
      ),
  );

const steering = fc.constantFrom('weighted', 'failover', 'multivalue', 'nearest');
const percent = fc.constantFrom(0, 1, 5, 50, 99, 100);
const answers = fc.integer({ min: 1, max: 4 });
const sticky = fc.constantFrom('none', 'subnet');
const lastResort = fc.constantFrom({ kind: 'all' as const }, { kind: 'none' as const }, { kind: 'last' as const });

const client = fc.constantFrom(UNKNOWN_PLACE, at(FRANKFURT), at(TOKYO));

const world = fc.record({ candidates, steering, percent, answers, sticky, lastResort, client });
type World = Omit<typeof world extends fc.Arbitrary<infer T> ? T : never, 'percent'> & { readonly percent: number };

function decide({ candidates: all, percent: share, client, ...settings }: World): Decision {
  const rollout = { name: 'r', percent: share, from: FROM, to: TO };
  return steer({ policy: policy({ ...settings, rollout }), candidates: all, client });
}

/** Whether steering may answer it without a last resort. */
function isUsable({ state, drain }: Candidate): boolean {
  return drain === 'none' && (state === 'up' || state === 'degraded' || state === 'unchecked');
}

/** The part of the clients, 0 to 1, that start in a group. */
function partOf({ choices, aside }: Decision, group: readonly string[]): number {
  const other = (aside?.percent ?? 0) / 100;
  return (1 - other) * startingIn(choices, group) + other * startingIn(aside?.choices ?? [], group);
}

function startingIn(choices: Decision['choices'], group: readonly string[]): number {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  const own = choices.reduce((sum, { cluster, weight }) => sum + (group.includes(cluster) ? weight : 0), 0);
  return own === 0 ? 0 : own / total;
}

describe('steering with a rollout', () => {
  it('divides the clients exactly, and gives all to the other group where one has nobody', () => {
    fc.assert(
      fc.property(world, (of) => {
        const decision = decide(of);
        fc.pre(decision.reason === 'steered');
        const usable = of.candidates.filter(isUsable).map(({ endpoint }) => endpoint.cluster);
        fc.pre(usable.length > 0);
        const [hasTo, hasFrom] = [TO, FROM].map((group) => usable.some((cluster) => group.includes(cluster)));
        const share = hasTo && hasFrom ? of.percent / 100 : Number(hasTo);
        if (hasTo || hasFrom) {
          expect(Math.abs(partOf(decision, TO) - share)).toBeLessThan(1e-9);
          expect(Math.abs(partOf(decision, FROM) - (1 - share))).toBeLessThan(1e-9);
        } else expect(partOf(decision, ['e'])).toBeCloseTo(1, 9);
      }),
      { numRuns: 2000 },
    );
  });

  it('never sends anybody to who is down, held or drained while somebody is up', () => {
    fc.assert(
      fc.property(world, (of) => {
        const decision = decide(of);
        for (const { candidates: chosen } of [...decision.choices, ...(decision.aside?.choices ?? [])]) {
          for (const index of chosen) {
            const one = of.candidates[index]!;
            expect(one.drain).toBe('none');
            if (decision.reason === 'steered') expect(['down', 'held']).not.toContain(one.state);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('names clusters of one group in one answer', () => {
    fc.assert(
      fc.property(world, (of) => {
        const { choices, aside } = decide(of);
        fc.pre(aside !== undefined);
        expect(FROM).toEqual(expect.arrayContaining(choices.map(({ cluster }) => cluster)));
        expect(TO).toEqual(expect.arrayContaining(aside.choices.map(({ cluster }) => cluster)));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives every bucket of subnets to a choice there is', () => {
    fc.assert(
      fc.property(world, (of) => {
        const { buckets, choices, aside } = decide({ ...of, sticky: 'subnet' });
        for (const owner of buckets) expect(choices[owner]).toBeDefined();
        for (const owner of aside?.buckets ?? []) expect(aside?.choices[owner]).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });

  it('decides for a group as if the other were not there, whatever its share', () => {
    fc.assert(
      fc.property(world, (of) => {
        const { choices, buckets, aside } = decide(of);
        fc.pre(aside !== undefined);
        const [none, all] = [0, 100].map((share) => decide({ ...of, percent: share }));
        expect({ choices, buckets }).toEqual({ choices: none!.choices, buckets: none!.buckets });
        expect({ choices: aside.choices, buckets: aside.buckets }).toEqual({
          choices: all!.choices,
          buckets: all!.buckets,
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('is in the shape: what differs in the share is not taken for the same', () => {
    const endpoints = [candidate('a', FRANKFURT), candidate('c', TOKYO)].map(({ endpoint }) => endpoint);
    const keys = [undefined, 0, 5, 100].map((share) => {
      const rollout = share === undefined ? {} : { rollout: { name: 'r', percent: share, from: FROM, to: TO } };
      return shapeKey(policy({ steering: 'weighted', ...rollout }), endpoints);
    });
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('answers with a rollout', () => {
  const DRAWS = 4000;
  const PLACE = { unknown: 0, frankfurt: 1, tokyo: 3 };
  const answering = fc.record({
    steering,
    nearestBand: fc.constantFrom(0, 20_000),
    place: fc.constantFrom(...Object.values(PLACE)),
    share: fc.integer({ min: 1, max: 99 }),
  });

  /** Cluster a and b have weights 1 and 3, c and d the same; a and c are in Frankfurt, b and d in Tokyo. */
  function snapshotWith(settings: Partial<Policy>, share: number): Snapshot {
    const [near, far] = [PLACES['frankfurt']!, PLACES['tokyo']!];
    const endpoints = ['a', 'b', 'c', 'd'].map((cluster, index) =>
      endpoint(cluster, `192.0.2.${index + 1}`, {
        weight: index % 2 === 0 ? 1 : 3,
        location: index % 2 === 0 ? near : far,
      }),
    );
    const rollout = { name: 'r', percent: share, from: FROM, to: TO };
    const up = health({ a: 'up', b: 'up', c: 'up', d: 'up' });
    return compile(input(model([zone('z')], [hostname('h.z', { ...settings, rollout }, endpoints)]), { health: up }));
  }

  /** The cluster that one client is answered with. */
  function answered(snapshot: Snapshot, client: AskOptions): string {
    const [said] = ask(snapshot, 'h.z', TYPE.A, client).said;
    return 'abcd'[Number(said?.at(-1)) - 1] ?? 'nobody';
  }

  it('draws groups by percent, and clusters within a group as steering shares them', () => {
    fc.assert(
      fc.property(answering, ({ place, share, ...settings }) => {
        const snapshot = snapshotWith(settings, share);
        const counts: Record<string, number> = {};
        for (let draw = 0; draw < DRAWS; draw++) {
          // An even spread, as the servers go through it.
          const cluster = answered(snapshot, { place, dice: Math.imul(draw, 0x9e3779b9) });
          counts[cluster] = (counts[cluster] ?? 0) + 1;
        }
        const parts = shares(snapshot, 'h.z');
        const to = ((counts['c'] ?? 0) + (counts['d'] ?? 0)) / DRAWS;
        expect(Math.abs(to - share / 100)).toBeLessThan(0.005);
        // These shares are those of all places together.
        if (settings.steering === 'nearest') return;
        for (const [cluster, part] of parts) {
          expect(Math.abs((counts[cluster] ?? 0) / DRAWS - part), cluster).toBeLessThan(0.01);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('moves no sticky client with a step but those that come over to `to`', () => {
    const subnets = Array.from({ length: 1000 }, (_, index) => Math.imul(index + 1, 0x85ebca6b));
    fc.assert(
      fc.property(answering, percent, percent, ({ place, steering, nearestBand }, one, other) => {
        const kept = [one, other]
          .toSorted((x, y) => x - y)
          .map((share) => {
            const snapshot = snapshotWith({ steering, nearestBand, sticky: 'subnet' }, share);
            const all = subnets.map((subnet, dice) => answered(snapshot, { place, subnet, dice }));
            const to = all.filter((cluster) => TO.includes(cluster)).length / all.length;
            // Hashes of fixed subnets: the same in every run.
            expect(Math.abs(to - share / 100)).toBeLessThan(0.05);
            return all;
          });
        for (const [index, before] of kept[0]!.entries()) {
          const after = kept[1]![index]!;
          if (after !== before) expect([FROM.includes(before), TO.includes(after)]).toEqual([true, true]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
