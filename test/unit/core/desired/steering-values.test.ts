import { describe, expect, test } from 'vitest';
import { steeringChain } from '../../../../src/core/desired/annotations/steering-values.ts';
import { desire } from '../../../../src/core/desired/desire.ts';
import type { Model, Policy } from '../../../../src/core/desired/model.ts';
import { chainText } from '../../../../src/core/desired/steering-chain.ts';
import { stepsOf } from '../../../../src/core/steering/chain.ts';
import { codes, declare, gateway, hostnameOf, modelOf, picture, route } from './pictures.ts';

const shop = route('shop', ['shop.gslb.example']);

type Annotations = Readonly<Record<string, string>>;

function chained(steering: string, more: Annotations = {}): Model {
  return modelOf(gateway('edge', { annotations: { steering, ...more } }), shop);
}

/** One Gateway per cluster with these annotations. */
function clusters(byCluster: Readonly<Record<string, Annotations>>): Model {
  const pictures = Object.entries(byCluster).map(([name, annotations]) =>
    picture(name, gateway('edge', { annotations }), shop),
  );
  return desire(declare({ clusters: Object.keys(byCluster) }), pictures);
}

describe('an explicit chain', () => {
  test.each<[string, Pick<Policy, 'steering' | 'preferred' | 'answers'>]>([
    ['degraded, tier, nearest', { steering: 'nearest', preferred: ['degraded', 'tier'], answers: 1 }],
    ['standby,weight', { steering: 'weighted', preferred: ['standby'], answers: 1 }],
    [' tier ,map,  equal ', { steering: 'multivalue', preferred: ['tier', 'map'], answers: 8 }],
  ])('%j is read, with the order at its end as the kind of its preset', (text, expected) => {
    const model = chained(text);
    expect(model.findings).toEqual([]);
    expect(hostnameOf(model).policy).toMatchObject(expected);
  });

  test.each([
    ['map, tier, standby, degraded, nearest', 'nearest'],
    ['map, tier, standby, degraded, weight', 'weighted'],
    ['map,tier,standby,degraded,equal', 'multivalue'],
  ])('%j is the preset %s', (text, preset) => {
    expect(hostnameOf(chained(text)).policy).toEqual(hostnameOf(chained(preset)).policy);
    const both = clusters({ a: { steering: text }, b: { steering: preset } });
    expect(both.findings).toEqual([]);
  });

  test('reads back what it is written as', () => {
    for (const text of ['degraded, tier, map, standby, equal', 'tier, weight', 'weighted', 'failover']) {
      expect(chainText(hostnameOf(chained(text)).policy)).toBe(text);
    }
  });

  test.each([
    ['health, nearest', /step 1, "health", always runs at its fixed place/, 'leave it out of the list'],
    ['tier, last-resort, weight', /step 2, "last-resort", always runs/, 'leave it out of the list'],
    ['residency', /"residency" always runs/, 'leave it out of the list'],
    ['teir, nearest', /step 1, "teir", is no step/, 'did you mean tier?'],
    ['tier, Standby, nearest', /step 2, "Standby", is no step/, 'did you mean standby?'],
    ['tier, neerest', /step 2, "neerest", is no step/, 'did you mean nearest?'],
    ['tier, geography, nearest', /"geography", is no step/, /^the steps are map, tier, standby, degraded; /],
    ['tier, degraded, tier, nearest', /step 3, "tier", stands there twice/, 'name each step once'],
    ['nearest, tier', /step 1, "nearest", is an order/, 'put one order, and at the end'],
    ['tier, weight, equal', /step 2, "weight", is an order/, 'put one order, and at the end'],
    ['tier, degraded', /no order at the end/, /^end it with nearest or weight or equal, /],
    ['tier', /no order at the end/, /`tier, nearest`/],
    ['weight', /"weight" alone is no chain/, /^expected the preset weighted or a list /],
    ['tier, weighted', /step 2, "weighted", is a preset/, 'the step of that preset is weight'],
    ['tier,, nearest', /step 2 is empty/, /^expected a list /],
    ['nearest,', /"nearest", is an order/, 'put one order, and at the end'],
    ['nearset', /"nearset" is no preset/, 'did you mean nearest?'],
  ])('%j is refused: what is wrong and where, and no answer is taken away', (text, message, suggestion) => {
    const model = chained(text, { ttl: '7' });
    const [found] = model.findings;
    expect(codes(model)).toEqual(['annotation-invalid']);
    expect(found?.message).toMatch(/^azimuth\.dev\/steering: "/);
    expect(found?.message).toMatch(message);
    expect(found?.suggestion).toMatch(suggestion);
    expect(hostnameOf(model)).toMatchObject({ policy: { steering: 'nearest', ttl: 7 }, endpoints: [{}] });
    expect(hostnameOf(model).policy.preferred).toBeUndefined();
  });

  test('no list takes a step of every chain, whichever that is', () => {
    const free = new Set(['map', 'tier', 'standby', 'degraded']);
    const fixed = stepsOf({ steering: 'nearest' }).filter((step) => !free.has(step) && step !== 'nearest');
    expect(fixed.length).toBe(10);
    for (const step of fixed) {
      expect(steeringChain(`${step}, nearest`), step).toBeUndefined();
      expect(chained(`tier, ${step}, nearest`).findings[0]?.message, step).toContain('always runs');
    }
  });

  test('hostile text is a short finding', () => {
    const model = chained(`${'x'.repeat(30)}\u001b[2J, `.repeat(60));
    expect(codes(model)).toEqual(['annotation-invalid']);
    expect(model.findings[0]?.message.length).toBeLessThan(400);
    expect(model.findings[0]?.message).not.toContain('\u001b');
  });

  test('a Route with a mistake leaves the less specific one', () => {
    const wrong = route('shop', ['shop.gslb.example'], { annotations: { steering: 'tier, drain, weight' } });
    const model = modelOf(gateway('edge', { annotations: { steering: 'degraded, tier, weight' } }), wrong);
    expect(hostnameOf(model).policy).toMatchObject({ steering: 'weighted', preferred: ['degraded', 'tier'] });
  });
});

describe('what an explicit chain makes of other settings', () => {
  test('without the step tier no failover order counts, which is said', () => {
    for (const more of [{ failover: 'eu' }, { tier: '2' }] as const) {
      const model = chained('degraded, nearest', more);
      expect(model.findings).toMatchObject([
        {
          code: 'policy-without-effect',
          message: expect.stringContaining('steering is degraded, nearest: without the step tier'),
        },
      ]);
    }
    expect(codes(chained('degraded, tier, nearest', { tier: '2' }))).toEqual([]);
  });

  test('a band and a sticky subnet are spoken of in the words that were written', () => {
    const flat = chained('tier, weight', { 'nearest-band': '300' });
    expect(flat.findings[0]?.message).toContain('steering is tier, weight: there is no nearest');
    const near = chained('tier, nearest', { sticky: 'subnet' });
    expect(near.findings[0]?.message).toContain('steering is tier, nearest: only clients');
  });

  test('clusters that want other orders of the same steps disagree, and most of them win', () => {
    const model = clusters({
      a: { steering: 'tier, degraded, nearest' },
      b: { steering: 'degraded, tier, nearest' },
      c: { steering: 'degraded,tier,nearest' },
    });
    expect(hostnameOf(model).policy.preferred).toEqual(['degraded', 'tier']);
    expect(model.findings).toMatchObject([
      { code: 'policy-conflict', message: expect.stringContaining('"tier, degraded, nearest" by') },
    ]);
  });

  test('a cluster that has none where most have is drift', () => {
    const list = { steering: 'degraded, tier, nearest' };
    expect(codes(clusters({ a: list, b: list, c: {} }))).toEqual(['drift-setting']);
  });
});
