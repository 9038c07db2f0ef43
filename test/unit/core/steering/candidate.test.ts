import { describe, expect, it } from 'vitest';
import type { Drain } from '../../../../src/core/desired/model.ts';
import type { MonitorHealth } from '../../../../src/core/health/monitor-health.ts';
import { candidateOf } from '../../../../src/core/steering/candidate.ts';
import { endpoint, FRANKFURT } from './world.ts';

const NOW = 50_000;
const FAILING: MonitorHealth = { state: 'up', since: 7_000, contrary: 1, secondsToChange: 20 };
const ORDER = { cluster: 'eu', at: 1, by: 'ana', reason: 'upgrade' };

describe('candidateOf', () => {
  it('takes the state from its monitor', () => {
    const watched = endpoint('eu', FRANKFURT, { monitor: 'm' });
    const candidate = candidateOf(watched, new Map([['m', FAILING]]), new Map(), NOW);
    const believed = { state: 'up', drain: 'none', since: 7_000, admits: 256, secondsToChange: 20 };
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
        new Map(),
        NOW,
      );
    expect(of({ admits: 64 }, { admits: 128, secondsToChange: 8 })).toMatchObject({ admits: 64, secondsToChange: 8 });
    expect(of({}, { admits: 128, state: 'unseen' })).toMatchObject({ state: 'up', admits: 128, secondsToChange: 20 });
    expect(candidateOf(loaded, new Map([['m', FAILING]]), new Map(), NOW).admits).toBe(256);
  });

  it('is unseen without an entry, and unchecked without a monitor', () => {
    const health = new Map([['unchecked', FAILING]]);
    expect(candidateOf(endpoint('eu', FRANKFURT), health, new Map(), NOW).state).toBe('unseen');
    const unchecked = candidateOf(endpoint('eu', FRANKFURT, { monitor: 'unchecked' }), health, new Map(), NOW);
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
    const candidate = candidateOf(endpoint('eu', FRANKFURT, { drain }), new Map(), new Map([[cluster, ORDER]]), NOW);
    expect(candidate.drain).toBe(expected);
  });

  it('may change when a planned drain begins, whoever planned it', () => {
    const planned = endpoint('eu', FRANKFURT, { monitor: 'm', drain: { kind: 'planned', from: NOW + 10_000 } });
    const health = new Map([['m', FAILING]]);
    expect(candidateOf(planned, health, new Map(), NOW)).toMatchObject({ drain: 'none', secondsToChange: 8 });
    const plain = endpoint('eu', FRANKFURT, { monitor: 'm' });
    const order = (from: number) => new Map([['eu', { ...ORDER, from }]]);
    expect(candidateOf(plain, health, order(NOW + 17_000), NOW)).toMatchObject({ drain: 'none', secondsToChange: 16 });
    expect(candidateOf(plain, health, order(NOW + 90_000), NOW)).toMatchObject({ drain: 'none', secondsToChange: 20 });
    expect(candidateOf(plain, health, order(NOW), NOW)).toMatchObject({ drain: 'override', secondsToChange: 20 });
  });
});
