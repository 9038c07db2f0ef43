import { describe, expect, it } from 'vitest';
import { UNKNOWN_PLACE } from '../../../../src/core/desired/area.ts';
import type { Policy } from '../../../../src/core/desired/model.ts';
import type { Candidate, DecisionReason } from '../../../../src/core/steering/decision.ts';
import { MIN_TTL_S, steer } from '../../../../src/core/steering/steer.ts';
import { at, candidate, EU, FRANKFURT, policy, SWISS, shares, TOKYO, VIRGINIA, ZURICH } from './world.ts';

const eu = candidate('eu', FRANKFURT);
const us = candidate('us', VIRGINIA);
const jp = candidate('jp', TOKYO);
const WORLD = [eu, us, jp];

function down(of: Candidate, since = 1_000): Candidate {
  return { ...of, state: 'down', since };
}

function drained(of: Candidate): Candidate {
  return { ...of, drain: 'override' };
}

function changing(of: Candidate, secondsToChange: number): Candidate {
  return { ...of, secondsToChange };
}

function still(of: Candidate, stillness: number): Candidate {
  return { ...of, stillness };
}

const ROLLOUT = { name: 'r', percent: 50, from: ['eu'], to: ['us'] };

function inFrankfurt(cluster: string, address: string, believed: Partial<Candidate>): Candidate {
  return candidate(cluster, FRANKFURT, believed, { address });
}

function weighing(of: Candidate, weight: number): Candidate {
  return { ...of, endpoint: { ...of.endpoint, weight } };
}

function inTier(of: Candidate, tier: number): Candidate {
  return { ...of, endpoint: { ...of.endpoint, tier } };
}

type Story = { given: Candidate[]; settings?: Partial<Policy>; from?: Parameters<typeof at>[0] | 'unknown' };

function decide({ given, settings, from = ZURICH }: Story) {
  return steer({ policy: policy(settings), candidates: given, client: from === 'unknown' ? UNKNOWN_PLACE : at(from) });
}

describe('presets', () => {
  const weighted = { steering: 'weighted' } as const;
  const failover = { steering: 'failover' } as const;
  const tiers = [inTier(eu, 0), inTier(us, 1), inTier(jp, 1)];

  it.each<[string, Story, string]>([
    ['nearest: a European', { given: WORLD }, 'eu 1'],
    ['nearest: a Virginian', { given: WORLD, from: VIRGINIA }, 'us 1'],
    ['nearest: three addresses', { given: WORLD, settings: { answers: 3 } }, 'eu 1, us 0, jp 0'],
    ['nearest: the next one takes over', { given: [down(eu), us, jp] }, 'us 1'],
    ['nearest: a drained one gets none', { given: [drained(eu), us, jp] }, 'us 1'],
    ['nearest: a standby waits, near as it is', { given: [weighing(eu, 0), us, jp] }, 'us 1'],
    ['nearest: a standby steps in', { given: [weighing(eu, 0), down(us), down(jp)] }, 'eu 1'],
    ['nearest: tiers come first', { given: tiers, from: TOKYO }, 'eu 1'],
    ['nearest: near in the second tier', { given: [down(tiers[0]!), tiers[1]!, tiers[2]!], from: TOKYO }, 'jp 1'],
    ['nearest: from nowhere by weight', { given: [eu, weighing(us, 7), jp], from: 'unknown' }, 'eu 100, jp 100, us 7'],
    [
      'nearest: from nowhere, all standby',
      { given: [weighing(eu, 0), weighing(us, 0)], from: 'unknown' },
      'eu 1, us 1',
    ],
    ['nearest: the same place, by name', { given: [candidate('b', TOKYO), candidate('a', TOKYO)] }, 'a 1'],
    ['weighted', { given: [weighing(eu, 80), weighing(us, 20)], settings: weighted }, 'eu 80, us 20'],
    ['weighted: one lost', { given: [down(weighing(eu, 80)), weighing(us, 20)], settings: weighted }, 'us 20'],
    ['weighted: weight 0 waits', { given: [eu, weighing(us, 0)], settings: weighted }, 'eu 100'],
    ['weighted: only weight 0', { given: [weighing(jp, 0), weighing(us, 0)], settings: weighted }, 'jp 1, us 1'],
    ['failover: the first tier', { given: tiers, settings: failover }, 'eu 100'],
    ['failover: the second', { given: [down(tiers[0]!), ...tiers.slice(1)], settings: failover }, 'jp 100, us 100'],
    ['failover: all lost stays first', { given: tiers.map((each) => down(each)), settings: failover }, 'eu 100'],
    ['multivalue', { given: [weighing(eu, 9), us, down(jp)], settings: { steering: 'multivalue' } }, 'eu 1, us 1'],
  ])('%s', (_, story, expected) => {
    expect(shares(decide(story))).toBe(expected);
  });

  it('takes the nearest endpoint and the greatest weight for a cluster', () => {
    const near = candidate('two', ZURICH, {}, { weight: 5, address: '192.0.2.2' });
    const far = candidate('two', ZURICH, {}, { weight: 70, bias: 9_000, address: '192.0.2.3' });
    expect(decide({ given: [eu, near, far] }).choices).toEqual([{ cluster: 'two', weight: 1, candidates: [1, 2] }]);
    expect(shares(decide({ given: [near, far], settings: weighted }))).toBe('two 70');
    expect(shares(decide({ given: [down(near), far, eu], from: ZURICH }))).toBe('eu 1');
  });

  it('lets a bias below zero draw clients', () => {
    const drawing = candidate('us', VIRGINIA, {}, { bias: -10_000 });
    expect(shares(decide({ given: [eu, drawing] }))).toBe('us 1');
  });

  it('goes on to the next cluster until one family is full', () => {
    const six = candidate('a', ZURICH, {}, { family: 6, address: '2001:db8::1' });
    const four = candidate('b', FRANKFURT);
    const settings = { answers: 2 };
    expect(shares(decide({ given: [six, four, us, jp], settings }))).toBe('a 1, b 0, us 0');
  });
});

describe('clusters that take less than all of their clients', () => {
  const taking = (of: Candidate, admits: number): Candidate => ({ ...of, admits });
  const starts = (story: Story): Record<string, number> => {
    const { choices } = decide(story);
    const total = choices.reduce((sum, { weight }) => sum + weight, 0);
    return Object.fromEntries(choices.map(({ cluster, weight }) => [cluster, Math.round((1000 * weight) / total)]));
  };
  const failover = { steering: 'failover' } as const;

  it('leave the rest to the next tier', () => {
    const given = [taking(eu, 192), inTier(us, 1), inTier(jp, 2)];
    expect(starts({ given, settings: failover })).toEqual({ eu: 750, us: 250 });
  });

  it('leave to a tier no more than it takes, and the one after it what that leaves', () => {
    const given = [taking(eu, 128), inTier(taking(us, 128), 1), inTier(jp, 2)];
    expect(starts({ given, settings: failover })).toEqual({ eu: 500, us: 250, jp: 250 });
  });

  it('keep what nobody takes: where all are over their capacity, the first is not emptied into the next', () => {
    const given = [taking(eu, 16), inTier(taking(us, 16), 1)];
    expect(starts({ given, settings: failover })).toEqual({ eu: 941, us: 59 });
  });

  it('have their weights where all of them take as little', () => {
    const given = [weighing(taking(eu, 16), 30), weighing(taking(us, 16), 10)];
    expect(starts({ given, settings: { steering: 'weighted' } })).toEqual({ eu: 750, us: 250 });
  });
});

describe('sticky', () => {
  const settings: Partial<Policy> = { steering: 'weighted', sticky: 'subnet' };

  /** Bucket → cluster. */
  function owners(given: Candidate[], more: Partial<Policy> = {}, from: Story['from'] = 'unknown'): readonly string[] {
    const { buckets, choices } = decide({ given, settings: { ...settings, ...more }, from });
    return buckets.map((choice) => choices[choice]!.cluster);
  }

  function count(all: readonly string[]): Record<string, number> {
    return Object.fromEntries([...new Set(all)].toSorted().map((one) => [one, all.filter((o) => o === one).length]));
  }

  it('gives each cluster its share of the buckets, and says that share', () => {
    const given = [weighing(eu, 60), weighing(us, 20), weighing(jp, 20)];
    expect(count(owners(given))).toEqual({ eu: 154, jp: 51, us: 51 });
    expect(shares(decide({ given, settings }))).toBe('eu 154, jp 51, us 51');
  });

  it('moves the clients of a cluster that fails or drains, and nobody else', () => {
    const before = owners(WORLD);
    for (const gone of [down(us), drained(us)]) {
      const after = owners([eu, gone, jp]);
      expect(after).not.toContain('us');
      expect(after.map((owner, bucket) => (before[bucket] === 'us' ? 'us' : owner))).toEqual(before);
    }
  });

  it('keeps the place of a cluster whose heavier endpoint is down', () => {
    const pair = [inFrankfurt('eu', '192.0.2.1', {}), inFrankfurt('eu', '192.0.2.2', {})];
    const [heavy, light] = [weighing(pair[0]!, 200), weighing(pair[1]!, 1)];
    const before = owners([heavy, light, us]);
    expect(owners([down(heavy), light, us])).toEqual(before);
  });

  it('shares within the tier in use, whoever of it is down', () => {
    const given = [inTier(eu, 0), inTier(us, 1), inTier(jp, 1), inTier(candidate('uk', ZURICH), 1)];
    const second = owners([down(given[0]!), ...given.slice(1)], { steering: 'failover' });
    expect(count(second)).toEqual({ jp: 85, uk: 86, us: 85 });
    const third = owners([down(given[0]!), down(given[1]!), ...given.slice(2)], { steering: 'failover' });
    expect(third.map((owner, bucket) => (second[bucket] === 'us' ? 'us' : owner))).toEqual(second);
  });

  it('leaves standbys without a bucket until they are all that is left, then shares equally', () => {
    const given = [weighing(eu, 100), weighing(us, 0), weighing(jp, 0)];
    expect(decide({ given, settings }).buckets).toEqual([]);
    expect(count(owners([down(given[0]!), ...given.slice(1)]))).toEqual({ jp: 128, us: 128 });
  });

  it('starts several addresses where the bucket is, all clusters alike', () => {
    const more = { steering: 'multivalue', answers: 2 } as const;
    expect(count(owners([weighing(eu, 5), us, jp], more))).toEqual({ eu: 85, jp: 86, us: 85 });
  });

  it('holds for clients of unknown place under nearest, and there alone', () => {
    expect(count(owners(WORLD, { steering: 'nearest' }))).toEqual({ eu: 85, jp: 86, us: 85 });
    expect(owners(WORLD, { steering: 'nearest' }, ZURICH)).toEqual([]);
  });

  it('is nothing where one cluster has everything', () => {
    const given = [weighing(eu, 65_535), weighing(us, 1)];
    expect(decide({ given, settings })).toMatchObject({ buckets: [] });
    expect(shares(decide({ given, settings }))).toBe('eu 256');
  });
});

describe('fences', () => {
  it('no last resort opens the residency', () => {
    const story = { given: [down(eu), us], settings: { residency: EU } };
    expect(shares(decide(story))).toBe('eu 1');
    expect(decide({ ...story, given: [drained(eu), us] })).toMatchObject({ reason: 'residency', choices: [] });
    expect(shares(decide({ ...story, from: TOKYO }))).toBe('us 1');
  });

  it('no last resort opens `serves`', () => {
    const swiss = candidate('ch', ZURICH, {}, { serves: SWISS });
    expect(decide({ given: [swiss], from: FRANKFURT })).toMatchObject({ reason: 'residency', choices: [] });
    expect(shares(decide({ given: [swiss, down(us)], from: FRANKFURT }))).toBe('us 1');
    expect(shares(decide({ given: [swiss, down(us)] }))).toBe('ch 1');
  });
});

describe('nobody', () => {
  const here = { residency: EU } as const;
  const speechless = { ...here, lastResort: { kind: 'none' } } as const;
  const addresses = { ...here, lastResort: { kind: 'addresses', addresses: ['203.0.113.9'] } } as const;

  it.each<[string, Story, DecisionReason]>([
    ['is a refusal where the fences leave none', { given: [us, jp], settings: here }, 'residency'],
    ['is one even where those outside are out, too', { given: [down(us), drained(jp)], settings: here }, 'residency'],
    ['is one where who is inside is drained', { given: [drained(eu), us], settings: here }, 'residency'],
    ['is one where who is inside is down for good', { given: [down(eu), us], settings: speechless }, 'residency'],
    ['is none where nobody is eligible anywhere', { given: [down(eu), down(us)], settings: speechless }, 'nobody'],
    ['is none where all are drained', { given: [drained(eu), drained(us)], settings: here }, 'nobody'],
    ['is none for those whom no fence stops', { given: [drained(eu)], settings: here }, 'nobody'],
    ['is none for clients from elsewhere', { given: [drained(eu)], settings: here, from: TOKYO }, 'nobody'],
    ['is somebody where addresses are said', { given: [us], settings: addresses }, 'last-resort'],
    ['is somebody where the last resort keeps within', { given: [down(eu), us], settings: here }, 'last-resort'],
  ])('%s', (_, story, reason) => {
    expect(decide(story).reason).toBe(reason);
  });
});

describe('last resort', () => {
  const lost = [down(eu, 10), down(us, 30), down(jp, 20)];

  it.each<[string, Candidate[], Policy['lastResort'], DecisionReason, string]>([
    ['all: near as ever', lost, { kind: 'all' }, 'last-resort', 'eu 1'],
    ['all: but the drained', [drained(lost[0]!), lost[1]!], { kind: 'all' }, 'last-resort', 'us 1'],
    ['all: but all are drained', lost.map(drained), { kind: 'all' }, 'nobody', ''],
    ['all: the up are drained', [drained(eu), down(us)], { kind: 'all' }, 'last-resort', 'us 1'],
    ['last', lost, { kind: 'last' }, 'last-resort', 'us 1'],
    ['last: but the drained', [lost[0]!, drained(lost[1]!), lost[2]!], { kind: 'last' }, 'last-resort', 'jp 1'],
    ['last: but all are drained', lost.map(drained), { kind: 'last' }, 'nobody', ''],
    ['none', lost, { kind: 'none' }, 'nobody', ''],
    ['no endpoints at all', [], { kind: 'all' }, 'nobody', ''],
  ])('%s', (_, given, lastResort, reason, expected) => {
    const decision = decide({ given, settings: { lastResort } });
    expect(decision.reason).toBe(reason);
    expect(shares(decision)).toBe(expected);
    expect(decision.addresses).toEqual([]);
  });

  it('brings everybody back where too few are up', () => {
    const settings: Partial<Policy> = { steering: 'multivalue', minHealthy: { kind: 'fraction', value: 0.5 } };
    const decision = decide({ given: [eu, down(us), down(jp)], settings });
    expect(decision.reason).toBe('last-resort');
    expect(shares(decision)).toBe('eu 1, jp 1, us 1');
  });

  it('`last` prefers who is up still over who went down since', () => {
    const settings: Partial<Policy> = { minHealthy: { kind: 'count', value: 2 }, lastResort: { kind: 'last' } };
    expect(shares(decide({ given: [{ ...us, since: 5 }, down(eu, 99)], settings }))).toBe('us 1');
  });

  it('says its own addresses', () => {
    const settings = { lastResort: { kind: 'addresses', addresses: ['203.0.113.9', '2001:db8::9'] } } as const;
    expect(decide({ given: lost, settings })).toMatchObject({
      reason: 'last-resort',
      choices: [],
      addresses: ['203.0.113.9', '2001:db8::9'],
    });
    expect(decide({ given: WORLD, settings })).toMatchObject({ reason: 'steered', addresses: [] });
  });

  it('leaves out addresses that are drained or fenced off, not those that are down', () => {
    const outside = candidate('us', VIRGINIA, { state: 'down' }, { address: '192.0.2.3' });
    const given = [
      inFrankfurt('a', '192.0.2.1', { state: 'down' }),
      inFrankfurt('b', '192.0.2.2', { state: 'up', drain: 'annotation' }),
      outside,
    ];
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const settings = { residency: EU, lastResort: { kind: 'addresses', addresses } } as const;
    expect(decide({ given, settings }).addresses).toEqual(['192.0.2.1']);
    expect(decide({ given: given.slice(1), settings }).addresses).toEqual(['192.0.2.1']);
    const barred = { ...settings, lastResort: { kind: 'addresses', addresses: addresses.slice(1) } } as const;
    expect(decide({ given, settings: barred })).toMatchObject({ reason: 'nobody', addresses: [] });
  });
});

describe('TTL', () => {
  it.each<[string, Story, number]>([
    ['is the policy’s while nothing changes', { given: WORLD }, 30],
    ['shrinks before a change', { given: [changing(eu, 20), us] }, 20],
    ['takes the soonest change, of others too', { given: [changing(eu, 20), changing(down(us), 10)] }, 10],
    ['is in whole seconds', { given: [changing(eu, 7.4)] }, 7],
    ['has a floor', { given: [changing(eu, 0.5)] }, MIN_TTL_S],
    ['never exceeds the policy, by the floor', { given: [changing(eu, 0.5)], settings: { ttl: 2 } }, 2],
    ['never exceeds the policy', { given: [changing(eu, 20)], settings: { ttl: 15 } }, 15],
    ['may be 0', { given: [changing(eu, 20)], settings: { ttl: 0 } }, 0],
    ['stays as it is without a stable one', { given: [still(eu, 7)] }, 30],
    ['rises', { given: [still(eu, 1)], settings: { stableTtl: 3600 } }, 60],
    ['doubles with each level', { given: [still(eu, 5)], settings: { stableTtl: 3600 } }, 960],
    ['rises no higher than it may', { given: [still(eu, 7)], settings: { stableTtl: 3600 } }, 3600],
    ['rises as far as the least still', { given: [still(eu, 5), still(us, 2)], settings: { stableTtl: 3600 } }, 120],
    [
      'rises while some are down for long',
      { given: [still(eu, 5), down(still(us, 2))], settings: { stableTtl: 3600 } },
      120,
    ],
    ['waits for those who fell', { given: [still(eu, 5), down(us)], settings: { stableTtl: 3600 } }, 30],
    ['does not rise while the last resort speaks', { given: [down(still(eu, 7))], settings: { stableTtl: 3600 } }, 30],
    ['does not rise in a rollout', { given: [still(eu, 7)], settings: { stableTtl: 3600, rollout: ROLLOUT } }, 30],
    ['shrinks from above', { given: [changing(still(eu, 7), 64)], settings: { stableTtl: 3600 } }, 64],
    ['rises without the drained', { given: [still(eu, 1), drained(us)], settings: { stableTtl: 3600 } }, 60],
    ['rises without the fenced off', { given: [still(eu, 1), us], settings: { stableTtl: 3600, residency: EU } }, 60],
    ['does not wait for the drained', { given: [eu, changing(drained(us), 10)] }, 30],
    ['does not wait for the fenced off', { given: [eu, changing(us, 10)], settings: { residency: EU } }, 30],
  ])('%s', (_, story, ttl) => {
    expect(decide(story).ttl).toBe(ttl);
  });
});
