import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN_PLACE } from '../../src/core/desired/area.ts';
import { BUCKETS } from '../../src/core/steering/buckets.ts';
import type { Candidate, Decision } from '../../src/core/steering/decision.ts';
import { shapeKey } from '../../src/core/steering/geography.ts';
import { steer } from '../../src/core/steering/steer.ts';
import { candidate, FRANKFURT, policy, TOKYO, ZURICH } from '../unit/core/steering/world.ts';

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

const world = fc.record({ candidates, steering, percent, answers, sticky, lastResort });
type World = Omit<typeof world extends fc.Arbitrary<infer T> ? T : never, 'percent'> & { readonly percent: number };

function decide({ candidates: all, percent: share, ...settings }: World): Decision {
  const rollout = { name: 'r', percent: share, from: FROM, to: TO };
  return steer({ policy: policy({ ...settings, rollout }), candidates: all, client: UNKNOWN_PLACE });
}

/** Whether steering may answer it without a last resort. */
function isUsable({ state, drain }: Candidate): boolean {
  return drain === 'none' && (state === 'up' || state === 'degraded' || state === 'unchecked');
}

/** The part of the clients, 0 to 1, that start in a group. */
function partOf({ choices }: Pick<Decision, 'choices'>, group: readonly string[]): number {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  return choices.reduce((sum, { cluster, weight }) => sum + (group.includes(cluster) ? weight : 0), 0) / total;
}

/** Bucket → cluster, also where one has all of them. */
function owners(of: World): readonly string[] {
  const { buckets, choices } = decide({ ...of, sticky: 'subnet' });
  const start = choices.findIndex(({ weight }) => weight > 0);
  return Array.from({ length: BUCKETS }, (_, bucket) => choices[buckets[bucket] ?? start]?.cluster ?? '');
}

describe('steering with a rollout', () => {
  it('divides the clients within a point, and gives all to the other group where one has nobody', () => {
    fc.assert(
      fc.property(world, (of) => {
        const decision = decide(of);
        fc.pre(decision.reason === 'steered');
        const usable = of.candidates.filter(isUsable).map(({ endpoint }) => endpoint.cluster);
        fc.pre(usable.length > 0);
        const [hasTo, hasFrom] = [TO, FROM].map((group) => usable.some((cluster) => group.includes(cluster)));
        const wanted = of.steering === 'nearest' && of.percent < 100 ? 0 : of.percent / 100;
        const share = hasTo && hasFrom ? wanted : Number(hasTo);
        if (hasTo || hasFrom) {
          expect(Math.abs(partOf(decision, TO) - share)).toBeLessThanOrEqual(0.01);
          expect(Math.abs(partOf(decision, FROM) - (1 - share))).toBeLessThanOrEqual(0.01);
        } else expect(partOf(decision, ['e'])).toBe(1);
      }),
      { numRuns: 2000 },
    );
  });

  it('is exact where the draws of the table can be', () => {
    const all = ['a', 'b', 'c'].map((cluster) => candidate(cluster, FRANKFURT, {}, { weight: 100 }));
    const settings = { candidates: all, steering: 'weighted', answers: 1, sticky: 'none' } as const;
    for (const share of [1, 5, 50, 99] as const) {
      const decision = decide({ ...settings, percent: share, lastResort: { kind: 'all' } });
      expect(partOf(decision, TO)).toBe(share / 100);
    }
  });

  it('never sends anybody to who is down, held or drained while somebody is up', () => {
    fc.assert(
      fc.property(world, (of) => {
        const decision = decide(of);
        for (const { candidates: chosen } of decision.choices) {
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
        const { choices } = decide(of);
        for (const { cluster, candidates: chosen } of choices) {
          if (of.answers === 1 || partOf({ choices }, TO) % 1 === 0) continue;
          const counts = { 4: 0, 6: 0 };
          const side = (name: string): boolean => TO.includes(name);
          for (const index of chosen) {
            const { endpoint } = of.candidates[index]!;
            expect(side(endpoint.cluster)).toBe(side(cluster));
            counts[endpoint.family] += 1;
          }
          expect(Math.max(counts[4], counts[6])).toBeGreaterThanOrEqual(of.answers);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('gives every bucket of subnets to a choice there is', () => {
    fc.assert(
      fc.property(world, (of) => {
        const { buckets, choices } = decide({ ...of, sticky: 'subnet' });
        for (const owner of buckets) expect(choices[owner]).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });

  it('moves no sticky client with a step but those that come over to `to`', () => {
    fc.assert(
      fc.property(world, percent, (of, later) => {
        const [before, after] = [of.percent, later].toSorted((a, b) => a - b);
        const [first, second] = [before!, after!].map((share) => owners({ ...of, percent: share }));
        for (const [bucket, cluster] of second!.entries()) {
          if (cluster !== first![bucket])
            expect([FROM.includes(first![bucket]!), TO.includes(cluster)]).toEqual([true, true]);
        }
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
