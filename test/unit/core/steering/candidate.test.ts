import { describe, expect, it } from 'vitest';
import type { Drain, Endpoint } from '../../../../src/core/desired/model.ts';
import type { MonitorHealth } from '../../../../src/core/health/monitor-health.ts';
import { endpointUnder } from '../../../../src/core/orders/laid-order.ts';
import { type DrainOrder, drainOf, type OverrideAction } from '../../../../src/core/orders/override.ts';
import { candidateOf } from '../../../../src/core/steering/candidate.ts';
import { endpoint, FRANKFURT } from './world.ts';

const NOW = 50_000;
const FAILING: MonitorHealth = { state: 'up', since: 7_000, contrary: 1, secondsToChange: 20 };
const ORDER = { cluster: 'eu', at: 1, by: 'ana', reason: 'upgrade' };

/** The endpoint under the order to drain a cluster, if it is its own. */
function under(one: Endpoint, order: Partial<DrainOrder>): Endpoint {
  const drain = drainOf({ ...ORDER, ...order });
  return drain.scope.clusters?.includes(one.cluster) === true ? endpointUnder(one, [drain], NOW) : one;
}

describe('candidateOf', () => {
  it('takes the state from its monitor', () => {
    const watched = endpoint('eu', FRANKFURT, { monitor: 'm' });
    const candidate = candidateOf(watched, new Map([['m', FAILING]]), NOW);
    const believed = { state: 'up', drain: 'none', since: 7_000, admits: 256, secondsToChange: 20, stillness: 0 };
    expect(candidate).toEqual({ endpoint: watched, ...believed });
  });

  it('takes no more than its cluster does by its load, and no more than it does itself', () => {
    const loaded = endpoint('eu', FRANKFURT, { monitor: 'm', load: 'l' });
    const of = (own: Partial<MonitorHealth>, load: Partial<MonitorHealth>) =>
      candidateOf(
        loaded,
        new Map([
          ['m', { ...FAILING, ...own }],
          ['l', { ...FAILING, ...load }],
        ]),
        NOW,
      );
    expect(of({ admits: 64 }, { admits: 128, secondsToChange: 8 })).toMatchObject({ admits: 64, secondsToChange: 8 });
    expect(of({}, { admits: 128, state: 'unseen' })).toMatchObject({ state: 'up', admits: 128, secondsToChange: 20 });
    expect(candidateOf(loaded, new Map([['m', FAILING]]), NOW).admits).toBe(256);
  });

  it('stands still as its monitor does, and not at all where a load may ask for another share', () => {
    const still: MonitorHealth = { ...FAILING, contrary: 0, stillness: 3 };
    const health = new Map([
      ['m', still],
      ['l', still],
    ]);
    const of = (settings: Parameters<typeof endpoint>[2]) =>
      candidateOf(endpoint('eu', FRANKFURT, settings), health, NOW).stillness;
    expect([of({ monitor: 'm' }), of({ monitor: 'm', load: 'l' }), of({ monitor: 'unchecked' })]).toEqual([3, 0, 0]);
    expect(candidateOf(endpoint('eu', FRANKFURT, { monitor: 'other' }), health, NOW).stillness).toBe(0);
  });

  it('is unseen without an entry, and unchecked without a monitor', () => {
    const health = new Map([['unchecked', FAILING]]);
    expect(candidateOf(endpoint('eu', FRANKFURT), health, NOW).state).toBe('unseen');
    const unchecked = candidateOf(endpoint('eu', FRANKFURT, { monitor: 'unchecked' }), health, NOW);
    expect(unchecked).toMatchObject({ state: 'unchecked', secondsToChange: Number.POSITIVE_INFINITY });
  });

  it.each<[string, Drain, string, string]>([
    ['nothing drains it', { kind: 'none' }, '', 'none'],
    ['its annotation drains it', { kind: 'on' }, '', 'annotation'],
    ['its time is not over', { kind: 'until', at: NOW + 1 }, '', 'annotation'],
    ['its time is over', { kind: 'until', at: NOW }, '', 'none'],
    ['its time has come', { kind: 'planned', from: NOW }, '', 'annotation'],
    ['its time is to come', { kind: 'planned', from: NOW + 1 }, '', 'none'],
    ['its time has come and gone', { kind: 'planned', from: 1, until: NOW }, '', 'none'],
    ['its cluster is drained', { kind: 'none' }, 'eu', 'override'],
    ['both drain it', { kind: 'on' }, 'eu', 'override'],
    ['another cluster is drained', { kind: 'none' }, 'us', 'none'],
  ])('%s', (_, drain, cluster, expected) => {
    const candidate = candidateOf(under(endpoint('eu', FRANKFURT, { drain }), { cluster }), new Map(), NOW);
    expect(candidate.drain).toBe(expected);
  });

  it('is what somebody orders it to be, whatever is measured, and its TTL does not rise meanwhile', () => {
    const still: MonitorHealth = { ...FAILING, state: 'down', contrary: 0, stillness: 3, admits: 16 };
    const watched = endpoint('eu', FRANKFURT, { monitor: 'm' });
    const of = (action: OverrideAction) => {
      const order = { name: 'o', scope: { clusters: ['*'] }, action, at: 1, by: 'ana', reason: 'x' };
      return candidateOf(endpointUnder(watched, [order], NOW), new Map([['m', still]]), NOW);
    };
    const forced = { secondsToChange: Number.POSITIVE_INFINITY, stillness: 0, since: 7_000 };
    expect(of({ kind: 'up' })).toMatchObject({ state: 'up', admits: 256, ...forced });
    expect(of({ kind: 'down' })).toMatchObject({ state: 'down', admits: 256, ...forced });
    expect(of({ kind: 'drain', percent: 75 })).toMatchObject({
      state: 'down',
      drain: 'none',
      admits: 16,
      stillness: 0,
    });
    expect(of({ kind: 'weight', weight: 5 })).toMatchObject({ state: 'down', stillness: 0, secondsToChange: 20 });
  });

  it('may change when a planned drain begins, whoever planned it', () => {
    const planned = endpoint('eu', FRANKFURT, { monitor: 'm', drain: { kind: 'planned', from: NOW + 10_000 } });
    const health = new Map([['m', FAILING]]);
    expect(candidateOf(planned, health, NOW)).toMatchObject({ drain: 'none', secondsToChange: 8 });
    const plain = endpoint('eu', FRANKFURT, { monitor: 'm' });
    const order = (from: number) => under(plain, { from });
    expect(candidateOf(order(NOW + 17_000), health, NOW)).toMatchObject({ drain: 'none', secondsToChange: 16 });
    expect(candidateOf(order(NOW + 90_000), health, NOW)).toMatchObject({ drain: 'none', secondsToChange: 20 });
    expect(candidateOf(order(NOW), health, NOW)).toMatchObject({ drain: 'override', secondsToChange: 20 });
  });
});
