import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, EVERYWHERE, isRestricted, type Place, UNKNOWN_PLACE } from '../../src/core/desired/area.ts';
import type { Endpoint, Policy } from '../../src/core/desired/model.ts';
import { PRESET_PREFERENCES } from '../../src/core/desired/steering-chain.ts';
import { BUCKETS } from '../../src/core/steering/buckets.ts';
import {
  type Candidate,
  type Choice,
  DECISION_REASONS,
  type Decision,
  type SteerInput,
  type TraceStep,
} from '../../src/core/steering/decision.ts';
import { dependsOnPlace, geographyKey, placeKey, shapeKey } from '../../src/core/steering/geography.ts';
import { rank, steer } from '../../src/core/steering/steer.ts';

// Few values of everything, so that ties (20° either way of 0°), empty sets and collisions are common.
const COUNTRIES = [
  { country: 'DE', continent: 'EU' },
  { country: 'CH', continent: 'EU' },
  { country: 'US', continent: 'NA' },
  { country: 'JP', continent: 'AS' },
  { country: '', continent: '' },
];

const location = fc
  .tuple(fc.constantFrom(-35, 0, 47.5, 50), fc.constantFrom(-20, 0, 20, 140), fc.constantFrom(...COUNTRIES))
  .map(([lat, lon, where]) => ({ lat, lon, ...where }));

/** What map `m` says of a client; most clients are in no rule. */
const mapped = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(fc.constantFrom('a', 'b', 'c', 'nobody', '*'), { minLength: 1, maxLength: 3 })
      .map((clusters) => ({ mapped: { m: { rule: 1, text: 'asn 64500', clusters } } })),
  },
);

const place: fc.Arbitrary<Place> = fc
  .tuple(
    fc.oneof(
      { weight: 1, arbitrary: fc.constant(UNKNOWN_PLACE) },
      { weight: 5, arbitrary: location.map((where) => ({ kind: 'known' as const, ...where })) },
    ),
    mapped,
  )
  .map(([where, maps]) => ({ ...where, ...maps }));

const area = fc.oneof(
  { weight: 3, arbitrary: fc.constant(EVERYWHERE) },
  {
    weight: 1,
    arbitrary: fc.record({
      continents: fc.subarray(['EU', 'NA'], { minLength: 1 }),
      countries: fc.subarray(['CH', 'JP']),
    }),
  },
);

const address = fc.integer({ min: 1, max: 6 }).map((host) => `192.0.2.${host}`);

const settings = fc.record({
  steering: fc.constantFrom('nearest', 'weighted', 'failover', 'multivalue'),
  sticky: fc.constantFrom('none', 'subnet'),
  nearestBand: fc.constantFrom(0, 0, 500, 2_500),
  residency: area,
  answers: fc.integer({ min: 1, max: 4 }),
  ttl: fc.constantFrom(0, 3, 30),
  minHealthy: fc.oneof(
    fc.record({ kind: fc.constant('count' as const), value: fc.constantFrom(0, 0, 2, 4) }),
    fc.record({ kind: fc.constant('fraction' as const), value: fc.constantFrom(0, 0.5, 1) }),
  ),
  lastResort: fc.oneof(
    fc.record({ kind: fc.constantFrom('all', 'last', 'none') }),
    fc.record({ kind: fc.constant('addresses' as const), addresses: fc.array(address, { maxLength: 3 }) }),
  ),
});

/** The steps of an explicit chain, in any order, some of them left out; half of the policies are presets. */
const chain = fc.oneof(
  fc.constant({}),
  fc.shuffledSubarray([...PRESET_PREFERENCES]).map((preferred) => ({ preferred })),
);

const policy: fc.Arbitrary<Policy> = fc
  .tuple(settings, fc.constantFrom({}, {}, { map: 'm' }, { map: 'other' }, { stableTtl: 100 }), chain)
  .map(([all, map, list]) => ({ ...all, ...map, ...list }));

const endpoint: fc.Arbitrary<Endpoint> = fc.record({
  cluster: fc.constantFrom('a', 'ab', 'b', 'c', 'd'),
  gateway: fc.constant('infra/public'),
  address,
  family: fc.constantFrom(4, 6),
  monitor: fc.constant('m'),
  weight: fc.constantFrom(0, 0, 20, 80),
  tier: fc.constantFrom(0, 0, 1),
  bias: fc.constantFrom(0, 0, -3_000, 1_000),
  serves: area,
  drain: fc.constant({ kind: 'none' as const }),
  location,
});

/** A candidate without its endpoint. */
const belief = fc.record({
  state: fc.constantFrom('up', 'up', 'up', 'down', 'unseen', 'unchecked', 'degraded', 'held'),
  drain: fc.constantFrom('none', 'none', 'none', 'annotation', 'override'),
  since: fc.constantFrom(0, 10, 20),
  admits: fc.constantFrom(256, 256, 256, 16, 240),
  secondsToChange: fc.constantFrom(Number.POSITIVE_INFINITY, 2, 12.5, 40),
  stillness: fc.constantFrom(0, 1, 7),
});

type Belief = Omit<Candidate, 'endpoint'>;

/** Endpoints as the model orders them, with two unrelated sets of beliefs about them. */
const hostname = fc.array(endpoint, { maxLength: 8 }).chain((endpoints) =>
  fc.record({
    policy,
    endpoints: fc.constant(
      endpoints.toSorted((a, b) => compare(a.cluster, b.cluster) || compare(a.address, b.address)),
    ),
    beliefs: fc.array(belief, { minLength: endpoints.length, maxLength: endpoints.length }),
    otherBeliefs: fc.array(belief, { minLength: endpoints.length, maxLength: endpoints.length }),
  }),
);

const input: fc.Arbitrary<SteerInput> = fc
  .tuple(hostname, place)
  .map(([{ policy, endpoints, beliefs }, client]) => ({ policy, client, candidates: believing(endpoints, beliefs) }));

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function believing(endpoints: readonly Endpoint[], beliefs: readonly Belief[]): Candidate[] {
  return endpoints.map((endpoint, i) => ({ endpoint, ...beliefs[i]! }));
}

function answered({ candidates }: SteerInput, { choices }: Decision): Candidate[] {
  return choices.flatMap((choice) => choice.candidates.map((index) => candidates[index]!));
}

function isAdmitted(world: SteerInput, candidate: Candidate): boolean {
  if (!isInside(world, candidate)) return false;
  const order = mapOf(world);
  const named = world.candidates.filter((each) => isInside(world, each) && order.includes(each.endpoint.cluster));
  return order.includes('*') || named.length === 0 || named.includes(candidate);
}

function isUsable(world: SteerInput, candidate: Candidate): boolean {
  return candidate.drain === 'none' && isAdmitted(world, candidate);
}

/** The clusters that the hostname's map names for the client. */
function mapOf({ policy, client }: SteerInput): readonly string[] {
  return policy.map === 'm' ? (client.mapped?.['m']?.clusters ?? []) : [];
}

/** How late a cluster comes in the map: those behind `*`, too, and nobody before all. */
function turnOf(world: SteerInput, { endpoint }: Candidate): number {
  const order = mapOf(world);
  const own = order.indexOf(endpoint.cluster);
  return own >= 0 ? own : order.indexOf('*') >= 0 ? order.indexOf('*') : order.length;
}

function isInside({ policy, client }: SteerInput, { endpoint }: Candidate): boolean {
  const resident = isRestricted(policy.residency) && contains(policy.residency, client);
  if (resident && !contains(policy.residency, endpoint.location)) return false;
  return !isRestricted(endpoint.serves) || contains(endpoint.serves, client);
}

function isUp({ state }: Candidate): boolean {
  return state === 'up' || state === 'degraded' || state === 'unchecked';
}

/** The same with a preset in the place of its list. */
function asPreset(world: SteerInput): SteerInput {
  const { preferred: _, ...policy } = world.policy;
  return { ...world, policy };
}

/** What each preferring step of the chain makes of a candidate: the smallest is kept. */
function rankOf(world: SteerInput, candidate: Candidate): number[] {
  const { endpoint, state } = candidate;
  const by = {
    map: turnOf(world, candidate),
    tier: endpoint.tier,
    standby: Number(endpoint.weight === 0),
    degraded: Number(state === 'degraded'),
  };
  return (world.policy.preferred ?? PRESET_PREFERENCES).map((step) => by[step]);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const step = a.findIndex((rank, index) => rank !== b[index]);
  return step < 0 ? 0 : a[step]! - b[step]!;
}

/** A decision with endpoints in place of their indexes, in any order. */
function byEndpoint(world: SteerInput) {
  const decision = steer(world);
  const choices = decision.choices.map(({ candidates, ...choice }) => ({
    ...choice,
    endpoints: new Set(candidates.map((index) => world.candidates[index])),
  }));
  return { ...decision, choices };
}

const RUNS = { numRuns: 3_000 };

describe('whoever is answered', () => {
  it('is inside the fences and not drained', () => {
    fc.assert(
      fc.property(input, (world) => {
        for (const candidate of answered(world, steer(world))) {
          expect(candidate.drain).toBe('none');
          expect(isAdmitted(world, candidate)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('is down only by the last resort, and unseen only where nobody inside the fences is up', () => {
    fc.assert(
      fc.property(input, (world) => {
        const decision = steer(world);
        const anyUp = world.candidates.some((candidate) => isUp(candidate) && isAdmitted(world, candidate));
        for (const candidate of answered(world, decision)) {
          if (decision.reason === 'last-resort') continue;
          expect(isUp(candidate) || (candidate.state === 'unseen' && !anyUp)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('is somebody, where anybody is up, admitted and not drained, unless too few are', () => {
    fc.assert(
      fc.property(input, (world) => {
        const usable = world.candidates.some((each) => isUp(each) && each.drain === 'none' && isAdmitted(world, each));
        fc.pre(usable && world.policy.minHealthy.value === 0);
        const decision = steer(world);
        expect(decision.reason).toBe('steered');
        expect(decision.choices.some(({ weight }) => weight > 0)).toBe(true);
      }),
      RUNS,
    );
  });

  it('of a preset never has weight 0 beside somebody of the same tier who has more and is as eligible', () => {
    fc.assert(
      fc.property(input.map(asPreset), (world) => {
        const decision = steer(world);
        fc.pre(decision.reason === 'steered');
        const named = answered(world, decision);
        const believed = named.some(isUp) ? isUp : (each: Candidate) => each.state === 'unseen';
        for (const candidate of named.filter((each) => each.endpoint.weight === 0)) {
          const better = world.candidates.find(
            (each) =>
              each.endpoint.weight > 0 &&
              turnOf(world, each) === turnOf(world, candidate) &&
              each.endpoint.tier <= candidate.endpoint.tier &&
              each.drain === 'none' &&
              believed(each) &&
              isAdmitted(world, each),
          );
          expect(better).toBeUndefined();
        }
      }),
      RUNS,
    );
  });

  it('is as much to be preferred as anybody who is as eligible, step by step in the order of the chain', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(input, (any) => {
        // Those who start slowly leave clients to those behind them.
        const candidates = any.candidates.map((each) => ({ ...each, admits: 256 }));
        const world: SteerInput = { ...any, candidates };
        const decision = steer(world);
        if (decision.reason !== 'steered') return;
        const named = answered(world, decision);
        const believed = named.some(isUp) ? isUp : (each: Candidate) => each.state === 'unseen';
        const eligible = world.candidates.filter(
          (each) => each.drain === 'none' && believed(each) && isAdmitted(world, each),
        );
        const ranks = eligible.map((each) => rankOf(world, each));
        const best = ranks.toSorted(compareRanks)[0]!;
        for (const candidate of named) expect(rankOf(world, candidate)).toEqual(best);
        const [first = 'none'] = world.policy.preferred ?? [];
        if (ranks.some((each) => compareRanks(each, best) > 0)) seen.set(first, (seen.get(first) ?? 0) + 1);
      }),
      RUNS,
    );
    for (const step of ['none', ...PRESET_PREFERENCES]) expect(seen.get(step), step).toBeGreaterThan(10);
  });

  it('of a preset is never behind somebody in the order of the map who is as eligible', () => {
    let mapped = 0;
    fc.assert(
      fc.property(input.map(asPreset), (any) => {
        // Those who start slowly leave clients to those behind them.
        const candidates = any.candidates.map((each) => ({ ...each, admits: 256 }));
        const world: SteerInput = { ...any, candidates, policy: { ...any.policy, map: 'm' } };
        const decision = steer(world);
        if (decision.reason !== 'steered' || mapOf(world).length === 0) return;
        mapped += 1;
        const named = answered(world, decision);
        const believed = named.some(isUp) ? isUp : (each: Candidate) => each.state === 'unseen';
        const eligible = world.candidates.filter(
          (each) => each.drain === 'none' && believed(each) && isAdmitted(world, each),
        );
        const first = Math.min(...eligible.map((each) => turnOf(world, each)));
        for (const candidate of named) expect(turnOf(world, candidate)).toBe(first);
      }),
      RUNS,
    );
    expect(mapped).toBeGreaterThan(100);
  });

  it('is of the pinned cluster where that is eligible; elsewhere a pin makes no difference', () => {
    const seen = { pinned: 0, other: 0 };
    fc.assert(
      fc.property(input, fc.constantFrom('a', 'b', 'c', 'd', 'nobody'), (any, cluster) => {
        // Those who start slowly leave clients to those behind them.
        const world: SteerInput = { ...any, candidates: any.candidates.map((each) => ({ ...each, admits: 256 })) };
        const without = steer(world);
        const client = { ...world.client, pinned: { 'p@1': { name: 'p', cluster } } };
        const decision = steer({ ...world, client, policy: { ...world.policy, pins: ['other@1', 'p@1'] } });
        expect(decision.reason).toBe(without.reason);
        for (const each of answered(world, decision)) {
          expect([isAdmitted(world, each), each.drain]).toEqual([true, 'none']);
        }
        const own = world.candidates.filter((each) => each.endpoint.cluster === cluster);
        if (!own.some((each) => isUp(each) || each.state === 'unseen')) expect(decision).toEqual(without);
        if (without.reason !== 'steered') return;
        const believed = world.candidates.some((each) => isUsable(world, each) && isUp(each))
          ? isUp
          : (each: Candidate) => each.state === 'unseen';
        const isEligible = own.some((each) => isUsable(world, each) && believed(each));
        if (isEligible) expect(decision.choices.map((choice) => choice.cluster)).toEqual([cluster]);
        else expect(decision).toEqual(without);
        seen[isEligible ? 'pinned' : 'other'] += 1;
      }),
      RUNS,
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
  });

  it('is named once, and every cluster once', () => {
    fc.assert(
      fc.property(input, (world) => {
        const { choices } = steer(world);
        const indexes = choices.flatMap(({ candidates }) => candidates);
        expect(new Set(indexes).size).toBe(indexes.length);
        expect(new Set(choices.map(({ cluster }) => cluster)).size).toBe(choices.length);
        for (const { cluster, candidates } of choices) {
          expect(candidates.length).toBeGreaterThan(0);
          for (const index of candidates) expect(world.candidates[index]?.endpoint.cluster).toBe(cluster);
        }
      }),
      RUNS,
    );
  });
});

describe('an answer with nobody', () => {
  it('is a refusal of the fences where they leave none, or where somebody would be eligible without them', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(input, (world) => {
        const { reason } = steer(world);
        seen.add(reason);
        if (reason !== 'residency' && reason !== 'nobody') return;
        const { map: _map, ...policy } = world.policy;
        const open: SteerInput = {
          ...world,
          policy: { ...policy, residency: EVERYWHERE },
          candidates: world.candidates.map((one) => ({ ...one, endpoint: { ...one.endpoint, serves: EVERYWHERE } })),
        };
        const isBarred = world.candidates.length > 0 && !world.candidates.some((one) => isAdmitted(world, one));
        expect(reason === 'residency').toBe(isBarred || steer(open).reason === 'steered');
      }),
      RUNS,
    );
    expect(seen.size).toBe(DECISION_REASONS.length);
  });
});

describe('a decision', () => {
  it('has a reason that fits, and a TTL within the policy', () => {
    fc.assert(
      fc.property(input, (world) => {
        const { reason, choices, addresses, ttl } = steer(world);
        const isNobody = choices.length === 0 && addresses.length === 0;
        expect(reason === 'nobody' || reason === 'residency').toBe(isNobody);
        expect(choices.length === 0 || addresses.length === 0).toBe(true);
        const { ttl: usual, stableTtl = usual } = world.policy;
        // One that moves keeps it down; where all stand still it may be higher, and only where that is asked for.
        const highest = world.candidates.some(({ stillness }) => stillness > 0) ? stableTtl : usual;
        expect(Number.isInteger(ttl) && ttl >= Math.min(5, usual) && ttl <= (usual > 0 ? highest : 0)).toBe(true);
      }),
      RUNS,
    );
  });

  it('is the same with and without a trace, which has a word on each candidate and the last word right', () => {
    fc.assert(
      fc.property(input, (world) => {
        const last = new Map<number, TraceStep>();
        const decision = steer(world, (step) => last.set(step.candidate, step));
        expect(steer(world)).toEqual(decision);
        const named = new Set(decision.choices.flatMap(({ candidates }) => candidates));
        for (const index of world.candidates.keys()) {
          expect(last.get(index)?.reason).toBeTruthy();
          expect(last.get(index)?.verdict).toBe(named.has(index) ? 'kept' : 'dropped');
        }
      }),
      RUNS,
    );
  });

  it('names the same endpoints whatever the order of the candidates', () => {
    const shuffled = input.chain((world) =>
      fc.tuple(fc.constant(world), fc.shuffledSubarray([...world.candidates], { minLength: world.candidates.length })),
    );
    fc.assert(
      fc.property(shuffled, ([world, candidates]) => {
        expect(byEndpoint({ ...world, candidates })).toEqual(byEndpoint(world));
      }),
      RUNS,
    );
  });

  it('of a client whose cluster stays does not move when another endpoint fails', () => {
    fc.assert(
      fc.property(input, fc.nat(7), (world, failing) => {
        const nearest: SteerInput = {
          ...world,
          policy: {
            ...world.policy,
            steering: 'nearest',
            nearestBand: 0,
            answers: 1,
            minHealthy: { kind: 'count', value: 0 },
          },
        };
        const before = steer(nearest);
        fc.pre(nearest.client.kind === 'known' && before.reason === 'steered' && failing < world.candidates.length);
        fc.pre(before.choices.every(({ candidates }) => !candidates.includes(failing)));
        const candidates = nearest.candidates.with(failing, { ...nearest.candidates[failing]!, state: 'down' });
        expect(steer({ ...nearest, candidates }).choices).toEqual(before.choices);
      }),
      RUNS,
    );
  });
});

describe('the buckets of a sticky decision', () => {
  it('are all owned by a choice, whose weight is their number', () => {
    fc.assert(
      fc.property(input, (world) => {
        const { buckets, choices } = steer({ ...world, policy: { ...world.policy, sticky: 'subnet' } });
        if (buckets.length === 0) return;
        const counts = choices.map((_, choice) => buckets.filter((owner) => owner === choice).length);
        expect(counts).toEqual(choices.map(({ weight }) => weight));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(BUCKETS);
      }),
      RUNS,
    );
  });

  it('lie with the same choices as without: sticky drops nobody and brings nobody in', () => {
    fc.assert(
      fc.property(input, (any) => {
        // Where all start slowly, others keep clients that are not sticky.
        const world = { ...any, candidates: any.candidates.map((each) => ({ ...each, admits: 256 })) };
        const by = (sticky: Policy['sticky']) => rank({ ...world, policy: { ...world.policy, sticky } });
        const names = ({ choices }: Decision) => choices.map(({ cluster, candidates }) => ({ cluster, candidates }));
        expect(names(by('subnet'))).toEqual(names(by('none')));
      }),
      RUNS,
    );
  });

  it('stay where they are when one more endpoint goes down that leaves its tier in use', () => {
    fc.assert(
      fc.property(hostname, place, fc.nat(), ({ policy, endpoints, beliefs }, client, pick) => {
        // By distance nothing is dealt.
        fc.pre(endpoints.length > 0 && (policy.steering !== 'nearest' || client.kind === 'unknown'));
        const sticky: Policy = { ...policy, sticky: 'subnet', minHealthy: { kind: 'count', value: 0 } };
        const before = believing(endpoints, beliefs);
        const after = before.map((each, i) =>
          i === pick % before.length ? { ...each, state: 'down' as const } : each,
        );
        const [was, is] = [before, after].map((candidates) => rank({ policy: sticky, candidates, client }));
        fc.pre(was!.reason === 'steered' && is!.reason === 'steered');
        fc.pre(was!.buckets.length > 0 && is!.buckets.length > 0 && tierOf(was!, before) === tierOf(is!, after));
        // Without the step `standby` a cluster may be left with weight 0 alone, and answers only behind others.
        const isActive = (choice: Choice): boolean => choice.candidates.some((i) => endpoints[i]!.weight > 0);
        const starting = is!.choices.some(isActive) ? is!.choices.filter(isActive) : is!.choices;
        const still = new Set(starting.map(({ cluster }) => cluster));
        const moved = was!.buckets.filter((owner, bucket) => {
          const { cluster } = was!.choices[owner]!;
          return still.has(cluster) && is!.choices[is!.buckets[bucket]!]!.cluster !== cluster;
        });
        expect(moved).toEqual([]);
      }),
      RUNS,
    );
  });
});

/** Which tier is in use, and whether by its standbys. */
function tierOf({ choices }: Decision, candidates: readonly Candidate[]): string {
  const { tier, weight } = candidates[choices[0]!.candidates[0]!]!.endpoint;
  return `${tier} ${weight > 0}`;
}

describe('classes', () => {
  it('of places: one key, one decision, whatever the states', () => {
    fc.assert(
      fc.property(hostname, place, place, ({ policy, endpoints, beliefs }, one, other) => {
        fc.pre(placeKey({ policy, endpoints }, one) === placeKey({ policy, endpoints }, other));
        const candidates = believing(endpoints, beliefs);
        expect(steer({ policy, candidates, client: other })).toEqual(steer({ policy, candidates, client: one }));
      }),
      RUNS,
    );
  });

  it('of places: there is one only where the place does not matter', () => {
    fc.assert(
      fc.property(hostname, fc.array(place, { maxLength: 5 }), ({ policy, endpoints, beliefs }, places) => {
        fc.pre(!dependsOnPlace(policy, endpoints));
        expect(geographyKey(policy, endpoints)).toBe('');
        const candidates = believing(endpoints, beliefs);
        for (const client of places) {
          expect(steer({ policy, candidates, client })).toEqual(steer({ policy, candidates, client: UNKNOWN_PLACE }));
        }
      }),
      RUNS,
    );
  });

  it('of geographies: one key, one classifier', () => {
    fc.assert(
      fc.property(hostname, policy, place, (one, policy, client) => {
        // The same sites under another policy of the same order, the other way round.
        const { map: _, ...settings } = policy;
        const twin = {
          policy: {
            ...settings,
            steering: one.policy.steering,
            nearestBand: one.policy.nearestBand,
            residency: one.policy.residency,
            ...(one.policy.map === undefined ? {} : { map: one.policy.map }),
          },
          endpoints: one.endpoints.toReversed().map((each) => ({ ...each, weight: 7, address: '198.51.100.1' })),
        };
        expect(geographyKey(twin.policy, twin.endpoints)).toBe(geographyKey(one.policy, one.endpoints));
        expect(placeKey(twin, client)).toBe(placeKey(one, client));
      }),
      RUNS,
    );
  });

  it('of shapes: one key, one decision for equal states', () => {
    fc.assert(
      fc.property(hostname, fc.array(address, { minLength: 8, maxLength: 8 }), place, (one, addresses, client) => {
        const { policy, endpoints, beliefs, otherBeliefs } = one;
        const renumbered = endpoints.map((each, i) => ({ ...each, address: addresses[i]!, monitor: 'another' }));
        fc.pre(shapeKey(policy, renumbered) === shapeKey(policy, endpoints));
        for (const states of [beliefs, otherBeliefs]) {
          expect(steer({ policy, candidates: believing(renumbered, states), client })).toEqual(
            steer({ policy, candidates: believing(endpoints, states), client }),
          );
        }
      }),
      RUNS,
    );
  });
});
