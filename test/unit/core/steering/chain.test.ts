import { describe, expect, it } from 'vitest';
import { UNKNOWN_PLACE } from '../../../../src/core/desired/area.ts';
import type { Endpoint, Policy, Steering } from '../../../../src/core/desired/model.ts';
import { PRESET_PREFERENCES } from '../../../../src/core/desired/steering-chain.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import { stepsOf } from '../../../../src/core/steering/chain.ts';
import type { Candidate } from '../../../../src/core/steering/decision.ts';
import { shapeKey } from '../../../../src/core/steering/geography.ts';
import { steer } from '../../../../src/core/steering/steer.ts';
import * as made from '../snapshot/build.ts';
import { at, candidate, FRANKFURT, policy, shares, TOKYO, traced, VIRGINIA, ZURICH } from './world.ts';

type Settings = Partial<Policy>;

const eu = candidate('eu', FRANKFURT);
const us = candidate('us', VIRGINIA, {}, { tier: 1 });
const jp = candidate('jp', TOKYO, {}, { tier: 1 });

function changed(of: Candidate, believed: Partial<Candidate>, settings: Partial<Endpoint> = {}): Candidate {
  return { ...of, ...believed, endpoint: { ...of.endpoint, ...settings } };
}

const slow = changed(eu, { state: 'degraded' });
const idle = (of: Candidate): Candidate => changed(of, {}, { weight: 0 });

function starts(candidates: readonly Candidate[], settings: Settings, client = at(ZURICH)): string {
  return shares(steer({ policy: policy(settings), candidates, client }));
}

describe('the steps of a list', () => {
  it.each<[string, Settings, readonly Candidate[], string]>([
    ['the preset: a slow first tier before the second', {}, [slow, us, jp], 'eu 1'],
    ['degraded before tier: a healthy second tier', { preferred: ['degraded', 'tier'] }, [slow, us, jp], 'us 1'],
    [
      'degraded before tier: all slow',
      { preferred: ['degraded', 'tier'] },
      [slow, { ...us, state: 'degraded' }],
      'eu 1',
    ],
    ['no tier: the nearest', { preferred: ['degraded'] }, [changed(eu, {}, { tier: 5 }), us, jp], 'eu 1'],
    ['no degraded: the nearest, slow as it is', { preferred: ['standby'] }, [slow, us, jp], 'eu 1'],
    ['tier before standby: the standby of tier 0', {}, [idle(eu), us, jp], 'eu 1'],
    ['standby before tier: who is none', { preferred: ['standby', 'tier'] }, [idle(eu), us, jp], 'us 1'],
    ['no standby: the nearest, whatever its weight', { preferred: ['degraded'] }, [idle(eu), us], 'eu 1'],
    ['nobody is preferred', { preferred: [] }, [idle(slow), us, jp], 'eu 1'],
    ['no tier, by weight', { preferred: ['standby'], steering: 'weighted' }, [slow, us], 'eu 100, us 100'],
    [
      'no standby, by weight: weight 0 starts no answer',
      { preferred: [], steering: 'weighted' },
      [eu, idle(us)],
      'eu 100',
    ],
    ['no standby, by weight: nobody else is left', { preferred: [], steering: 'weighted' }, [idle(us)], 'us 1'],
    ['no standby, equal: as anybody else', { preferred: [], steering: 'multivalue' }, [eu, idle(us)], 'eu 1, us 1'],
  ])('act in its order: %s', (_, settings, candidates, expected) => {
    expect(starts(candidates, settings)).toBe(expected);
  });

  it('move the order of a map, and never its fence', () => {
    const client = { ...at(ZURICH), mapped: { corp: { rule: 1, text: 'asn 64500', clusters: ['jp', 'eu'] } } };
    const all = [eu, jp, changed(us, {}, { tier: 0 })];
    expect(starts(all, { map: 'corp' }, client)).toBe('jp 1');
    expect(starts(all, { map: 'corp', preferred: ['tier', 'map'] }, client)).toBe('eu 1');
    const fenced = [changed(eu, { state: 'down' }), changed(jp, { state: 'down' }), us];
    const decision = steer({ policy: policy({ map: 'corp', preferred: ['degraded'] }), candidates: fenced, client });
    expect(decision).toMatchObject({ reason: 'last-resort', choices: [{ cluster: 'eu' }] });
  });

  it('let somebody start in a band of clusters that all have weight 0', () => {
    const settings: Settings = { preferred: ['degraded'], nearestBand: 500 };
    expect(starts([idle(eu), us], settings)).toBe('eu 1');
    expect(starts([idle(eu), candidate('ch', ZURICH, {}, { weight: 3 }), us], settings)).toBe('ch 3, eu 1');
  });

  it.each<Steering>(['nearest', 'weighted', 'failover', 'multivalue'])('are traced in their order: %s', (steering) => {
    const preferred = ['degraded', 'standby', 'map', 'tier'] as const;
    const client = { ...at(ZURICH), mapped: { corp: { rule: 1, text: 'asn 64500', clusters: ['*'] } }, pinned: {} };
    for (const settings of [{ steering }, { steering, preferred }]) {
      const { steps } = traced({ policy: policy({ map: 'corp', pins: [], ...settings }), candidates: [eu], client });
      const closing = new Set(['last-resort', 'rollout', 'overflow', 'sticky']);
      expect(steps.map(({ filter }) => filter)).toEqual(stepsOf(settings).filter((step) => !closing.has(step)));
    }
  });
});

describe('a list that equals a preset', () => {
  it.each<Steering>(['nearest', 'weighted', 'failover', 'multivalue'])(
    'steers as %s, and is of its shape',
    (steering) => {
      const candidates = [slow, us, idle(jp)];
      const endpoints = candidates.map(({ endpoint }) => endpoint);
      const [preset, list] = [policy({ steering }), policy({ steering, preferred: [...PRESET_PREFERENCES] })];
      expect(steer({ policy: list, candidates, client: at(ZURICH) })).toEqual(
        steer({ policy: preset, candidates, client: at(ZURICH) }),
      );
      expect(shapeKey(list, endpoints)).toBe(shapeKey(preset, endpoints));
    },
  );

  it('shares its row of the answer table with the preset', () => {
    const endpoints = ['eu', 'us'].map((name, host) => made.endpoint(name, `192.0.2.${host + 1}`));
    const hostnames = [
      made.hostname('a.z', { steering: 'weighted' }, endpoints),
      made.hostname('b.z', { steering: 'failover', preferred: [...PRESET_PREFERENCES] }, endpoints),
      made.hostname('c.z', { steering: 'weighted', preferred: ['degraded'] }, endpoints),
    ];
    const { rowOf } = compile(made.input(made.model([made.zone('z')], hostnames))).table.decisions;
    expect(rowOf[1]).toBe(rowOf[0]);
    expect(rowOf[2]).not.toBe(rowOf[0]);
  });

  it('is of another shape than any other list', () => {
    const endpoints = [eu.endpoint, us.endpoint];
    const lists: Settings[] = [{}, { preferred: [] }, { preferred: ['tier'] }, { preferred: ['tier', 'map'] }];
    const keys = [...lists, { preferred: ['map', 'tier'] as const }].map((one) => shapeKey(policy(one), endpoints));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('sticky clients of a list', () => {
  const settings: Settings = { steering: 'weighted', sticky: 'subnet' };

  function owners(candidates: readonly Candidate[], preferred: Policy['preferred']): readonly string[] {
    const more = preferred === undefined ? {} : { preferred };
    const decision = steer({ policy: policy({ ...settings, ...more }), candidates, client: UNKNOWN_PLACE });
    return decision.buckets.map((choice) => decision.choices[choice]!.cluster);
  }

  it('keep their clusters across tiers, where tiers do not count', () => {
    const later = changed(jp, {}, { tier: 2 });
    const before = owners([eu, later, us], ['standby']);
    const after = owners([changed(eu, { state: 'down' }), later, us], ['standby']);
    const back = owners([eu, later, us], ['standby']);
    expect(new Set(before)).toEqual(new Set(['eu', 'us', 'jp']));
    for (const [bucket, cluster] of before.entries()) if (cluster !== 'eu') expect(after[bucket]).toBe(cluster);
    expect(back).toEqual(before);
  });

  it('keep a place for a cluster of the tier in use alone, where they do', () => {
    const away = changed(us, { state: 'down' });
    const third = candidate('uk', FRANKFURT, {}, { tier: 1 });
    const only = owners([slow, jp, third], ['degraded', 'tier']);
    const beside = owners([slow, jp, third, away], ['degraded', 'tier']);
    expect(new Set(only)).toEqual(new Set(['jp', 'uk']));
    // Were the first tier among the peers of the second, its buckets would be dealt on.
    expect(new Set(beside)).toEqual(new Set(['jp', 'uk']));
    const whole = owners([slow, jp, third, us], ['degraded', 'tier']);
    for (const [bucket, cluster] of whole.entries()) if (cluster !== 'us') expect(beside[bucket]).toBe(cluster);
  });

  it('have no cluster of which only an endpoint of weight 0 is up', () => {
    const away = candidate('us', VIRGINIA, { state: 'down' }, { address: '192.0.2.9' });
    const left = candidate('us', VIRGINIA, {}, { weight: 0 });
    const all = [eu, changed(jp, {}, { tier: 0 }), left, away];
    for (const preferred of [undefined, []]) expect(new Set(owners(all, preferred))).toEqual(new Set(['eu', 'jp']));
  });

  it('have no cluster of weight 0 beside others, with or without the step standby', () => {
    for (const preferred of [undefined, ['standby'], []] as const) {
      const all = [eu, idle(changed(us, {}, { tier: 0 })), changed(jp, {}, { tier: 0 })];
      expect(new Set(owners(all, preferred))).toEqual(new Set(['eu', 'jp']));
    }
  });
});

describe('clients that are left over', () => {
  it('go to whom the list prefers next', () => {
    const half = changed(eu, { admits: 128 });
    const settings: Settings = { steering: 'weighted', preferred: ['tier'] };
    expect(starts([half, us], settings)).toBe('eu 32768, us 32768');
    // Where tiers do not count both start, and nobody is left over.
    expect(starts([half, us], { ...settings, preferred: ['degraded'] })).toBe('eu 800, us 1600');
    // Weight 0 takes nothing: it is not who takes all.
    const aside = candidate('uk', FRANKFURT, {}, { weight: 0 });
    expect(starts([half, aside, us], settings)).toBe('eu 32768, uk 0, us 32768');
  });

  it('go to weight 0 where all are equal and the list has no standby', () => {
    const half = changed(eu, { admits: 128 });
    const settings: Settings = { steering: 'multivalue', preferred: ['tier'] };
    expect(starts([half, idle(us)], settings)).toBe('eu 32768, us 32768');
    expect(starts([half, idle(us)], { ...settings, preferred: ['tier', 'standby'] })).toBe('eu 8');
  });
});
