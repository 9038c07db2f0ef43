import { describe, expect, it } from 'vitest';
import { type Place, UNKNOWN_PLACE } from '../../../../src/core/desired/area.ts';
import type { Policy } from '../../../../src/core/desired/model.ts';
import type { Candidate, FilterName } from '../../../../src/core/steering/decision.ts';
import { at, candidate, EU, FRANKFURT, policy, SWISS, TOKYO, traced, VIRGINIA, ZURICH } from './world.ts';

/** What one filter said: `cluster verdict: reason`, in the order of the candidates. */
function said(filter: FilterName, candidates: Candidate[], settings: Partial<Policy> = {}, client: Place = at(ZURICH)) {
  const { steps } = traced({ policy: policy(settings), candidates, client });
  return steps
    .filter((step) => step.filter === filter)
    .map(({ candidate, verdict, reason }) => `${candidates[candidate]?.endpoint.cluster} ${verdict}: ${reason}`);
}

const eu = candidate('eu', FRANKFURT);
const us = candidate('us', VIRGINIA);

describe('residency', () => {
  const settings = { residency: EU };

  it('keeps clients from inside the area inside', () => {
    expect(said('residency', [eu, us], settings)).toEqual([
      "eu kept: the cluster is inside the client's residency area",
      "us dropped: the cluster is outside the client's residency area",
    ]);
  });

  it.each([at(TOKYO), UNKNOWN_PLACE])('holds nobody else: %o', (client) => {
    const reason = 'kept: the client is not known to be in the residency area';
    expect(said('residency', [eu, us], settings, client)).toEqual([`eu ${reason}`, `us ${reason}`]);
  });

  it('says so where none is set', () => {
    expect(said('residency', [us])).toEqual(['us kept: no residency set']);
  });
});

describe('serves', () => {
  const swiss = candidate('ch', ZURICH, {}, { serves: SWISS });

  it('admits the clients of its area', () => {
    expect(said('serves', [swiss, us])).toEqual([
      'ch kept: serves the area of the client',
      'us kept: serves everywhere',
    ]);
  });

  it.each([at(FRANKFURT), UNKNOWN_PLACE])('keeps out everybody else: %o', (client) => {
    expect(said('serves', [swiss], {}, client)).toEqual([
      'ch dropped: the client is not known to be in the area it serves',
    ]);
  });
});

describe('health', () => {
  const down = candidate('down', TOKYO, { state: 'down' });
  const unseen = candidate('new', TOKYO, { state: 'unseen' });
  const unchecked = candidate('blind', TOKYO, { state: 'unchecked' });

  it('keeps who is up or unchecked', () => {
    expect(said('health', [eu, down, unseen, unchecked])).toEqual([
      'eu kept: up',
      'down dropped: down',
      'new dropped: unseen',
      'blind kept: unchecked',
    ]);
  });

  it('keeps who is degraded, and takes who is held for down', () => {
    const slow = candidate('slow', TOKYO, { state: 'degraded' });
    const held = candidate('held', TOKYO, { state: 'held' });
    expect(said('health', [slow, held, unseen])).toEqual([
      'slow kept: degraded',
      'held dropped: held',
      'new dropped: unseen',
    ]);
    expect(said('health', [held, unseen])).toEqual(['held dropped: held', 'new kept: unseen, and nobody is up']);
    const both = { minHealthy: { kind: 'count', value: 2 } } as const;
    expect(said('health', [eu, slow], both)).toEqual(['eu kept: up', 'slow kept: degraded']);
  });

  const unready = { condition: 'Programmed', reason: 'Gateway web/edge: Programmed is False' } as const;
  const unfit = candidate('unfit', TOKYO, {}, { unready });

  it('drops who is not ready, though it is up, and says why', () => {
    expect(said('health', [eu, unfit])).toEqual([
      'eu kept: up',
      'unfit dropped: not ready: Gateway web/edge: Programmed is False',
    ]);
    expect(said('health', [unseen, unfit])).toEqual([
      'new kept: unseen, and nobody is up',
      'unfit dropped: not ready: Gateway web/edge: Programmed is False',
    ]);
  });

  it('counts who is not ready among all, and not among the survivors', () => {
    const half = { minHealthy: { kind: 'fraction', value: 0.6 } } as const;
    expect(said('health', [eu, unfit], half)[0]).toBe('eu dropped: up, but 1 of 2 are fewer than min-healthy 60 %');
  });

  it('leaves it to the last resort whether somebody who is not ready is answered after all', () => {
    const candidates = [down, unfit];
    const decide = (kind: 'all' | 'none') =>
      traced({ policy: policy({ lastResort: { kind } }), candidates, client: at(TOKYO) }).decision;
    expect(decide('all')).toMatchObject({ reason: 'last-resort' });
    expect(decide('none')).toMatchObject({ reason: 'nobody', choices: [] });
  });

  it('keeps who is unseen where nobody is up', () => {
    expect(said('health', [down, unseen])).toEqual(['down dropped: down', 'new kept: unseen, and nobody is up']);
  });

  it('counts against min-healthy', () => {
    expect(said('health', [eu, down], { minHealthy: { kind: 'count', value: 2 } })).toEqual([
      'eu dropped: up, but 1 of 2 are fewer than min-healthy 2',
      'down dropped: down',
    ]);
    expect(said('health', [eu, us, down], { minHealthy: { kind: 'count', value: 2 } })[0]).toBe('eu kept: up');
  });

  it('measures a fraction of those inside the fences, a drained one among them', () => {
    const minHealthy = { kind: 'fraction', value: 0.5 } as const;
    const outside = candidate('out', VIRGINIA, { state: 'down' });
    const drained = candidate('drained', FRANKFURT, { drain: 'override' });
    const far = candidate('ch', ZURICH, { state: 'down' });
    expect(said('health', [drained, far, outside], { minHealthy, residency: EU })[0]).toBe('drained kept: up');
    expect(said('health', [drained, far, outside], { minHealthy })[0]).toBe(
      'drained dropped: up, but 1 of 3 are fewer than min-healthy 50 %',
    );
  });

  it('takes 7 of 25 for 28 %', () => {
    const many = Array.from({ length: 25 }, (_, i) => candidate(`c${i}`, TOKYO, { state: i < 7 ? 'up' : 'down' }));
    expect(said('health', many, { minHealthy: { kind: 'fraction', value: 0.28 } })[0]).toBe('c0 kept: up');
  });

  it('counts the unseen only where nobody is up', () => {
    const minHealthy = { kind: 'count', value: 2 } as const;
    const other = candidate('other', TOKYO, { state: 'unseen' });
    expect(said('health', [unseen, other], { minHealthy })[0]).toBe('new kept: unseen, and nobody is up');
    expect(said('health', [unseen, other, eu], { minHealthy })[2]).toMatch(/^eu dropped: up, but 1 of 3/);
  });
});

describe('drain', () => {
  it('drops who is drained and says by what', () => {
    const annotated = candidate('a', TOKYO, { drain: 'annotation' });
    const ordered = candidate('b', TOKYO, { drain: 'override' });
    expect(said('drain', [annotated, ordered, eu])).toEqual([
      'a dropped: drained by its annotation',
      'b dropped: drained by an override',
      'eu kept: not drained',
    ]);
  });
});

describe('tier', () => {
  it('keeps the lowest tier that is left', () => {
    const second = candidate('second', TOKYO, {}, { tier: 1 });
    const third = candidate('third', TOKYO, {}, { tier: 2 });
    const lost = candidate('first', TOKYO, { state: 'down' });
    expect(said('tier', [lost, second, third])).toEqual([
      'second kept: tier 1',
      'third dropped: tier 2, and tier 1 has somebody left',
    ]);
  });
});

describe('standby', () => {
  const idle = candidate('idle', TOKYO, {}, { weight: 0 });

  it('drops weight 0 where somebody has more', () => {
    expect(said('standby', [idle, eu])).toEqual([
      'idle dropped: a standby (weight 0), and somebody else is left',
      'eu kept: not a standby',
    ]);
  });

  it('keeps weight 0 where nobody else is left', () => {
    expect(said('standby', [idle, candidate('eu', FRANKFURT, { state: 'down' })])).toEqual([
      'idle kept: a standby, and nobody else is left',
    ]);
  });
});

describe('degraded', () => {
  const slow = candidate('slow', TOKYO, { state: 'degraded' });

  it('is left out where somebody better is left', () => {
    expect(said('degraded', [slow, eu])).toEqual([
      'slow dropped: degraded, and somebody better is left',
      'eu kept: not degraded',
    ]);
  });

  it('stays where nobody better is left: before the next tier, and before a standby', () => {
    const next = candidate('next', TOKYO, {}, { tier: 1 });
    const idle = candidate('idle', TOKYO, {}, { weight: 0 });
    expect(said('degraded', [slow, next, idle])).toEqual(['slow kept: degraded, and nobody better is left']);
  });
});

describe('nearest', () => {
  it('gives the distance, and the bias apart from it', () => {
    const drawn = candidate('us', VIRGINIA, {}, { bias: -500 });
    const pushed = candidate('jp', TOKYO, {}, { bias: 250 });
    expect(said('nearest', [eu, drawn, pushed], {}, at(FRANKFURT))).toEqual([
      'eu kept: 0 km',
      'us kept: 6553 km − 500 km bias',
      'jp kept: 9333 km + 250 km bias',
    ]);
  });

  it('has no distance for an unknown place and shows the weights instead', () => {
    expect(said('nearest', [eu], {}, UNKNOWN_PLACE)).toEqual(['eu kept: the place of the client is unknown']);
    expect(said('weight', [eu], {}, UNKNOWN_PLACE)).toEqual(['eu kept: weight 100']);
  });
});

describe('weight', () => {
  it('tells the weights', () => {
    expect(said('weight', [eu, us], { steering: 'weighted' })).toEqual(['eu kept: weight 100', 'us kept: weight 100']);
    const idle = candidate('idle', TOKYO, {}, { weight: 0 });
    expect(said('weight', [idle], { steering: 'weighted' })).toEqual(['idle kept: all weights are 0: equal shares']);
  });
});

describe('sticky', () => {
  const settings: Partial<Policy> = { steering: 'weighted', sticky: 'subnet' };

  it('tells how many buckets of subnets each has', () => {
    const rare = candidate('rare', TOKYO, {}, { weight: 50 });
    expect(said('sticky', [eu, rare, us], settings)).toEqual([
      'eu kept: has 102 of the 256 buckets that client subnets fall into',
      'rare kept: has 52 of the 256 buckets that client subnets fall into',
      'us kept: has 102 of the 256 buckets that client subnets fall into',
    ]);
  });

  it('is silent where it is not asked for, where one cluster is left and where the nearest starts', () => {
    expect(said('sticky', [eu, us], { steering: 'weighted' })).toEqual([]);
    expect(said('sticky', [eu, candidate('us', VIRGINIA, { state: 'down' })], settings)).toEqual([]);
    expect(said('sticky', [eu, us], { steering: 'nearest', sticky: 'subnet' })).toEqual([]);
  });
});

describe('last resort', () => {
  const early = candidate('early', TOKYO, { state: 'down', since: 10 });
  const late = candidate('late', TOKYO, { state: 'down', since: 20 });
  const drained = candidate('drained', TOKYO, { state: 'down', since: 30, drain: 'override' });
  const all = [early, late, drained];

  it.each<[Policy['lastResort'], string[]]>([
    [
      { kind: 'all' },
      [
        'early kept: nobody is eligible, and the last resort is `all`',
        'late kept: nobody is eligible, and the last resort is `all`',
        'drained dropped: drained',
      ],
    ],
    [
      { kind: 'last' },
      [
        'early dropped: others were up later',
        'late kept: nobody is eligible, and the last resort is `last`',
        'drained dropped: drained',
      ],
    ],
    [
      { kind: 'none' },
      [
        'early dropped: the last resort is to name nobody',
        'late dropped: the last resort is to name nobody',
        'drained dropped: drained',
      ],
    ],
    [
      { kind: 'addresses', addresses: ['203.0.113.9'] },
      [
        'early dropped: the last resort names addresses of its own',
        'late dropped: the last resort names addresses of its own',
        'drained dropped: drained',
      ],
    ],
  ])('%o', (lastResort, steps) => {
    expect(said('last-resort', all, { lastResort })).toEqual(steps);
  });

  it('is silent while somebody is eligible', () => {
    expect(said('last-resort', [eu, ...all])).toEqual([]);
  });
});

describe('answers', () => {
  it('tells the shares', () => {
    const third = candidate('third', TOKYO, {}, { weight: 50 });
    expect(said('answers', [eu, third], { steering: 'weighted' })).toEqual([
      'eu kept: 66.7 % of the answers start here',
      'third kept: 33.3 % of the answers start here',
    ]);
  });

  it('leaves out whom no answer reaches', () => {
    const jp = candidate('jp', TOKYO);
    expect(said('answers', [eu, us, jp], { answers: 2 })).toEqual([
      'eu kept: 100 % of the answers start here',
      'us kept: follows where an answer has room',
      'jp dropped: answers are full before it',
    ]);
  });
});
