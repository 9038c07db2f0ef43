import { describe, expect, it } from 'vitest';
import type { Drain } from '../../../../src/core/desired/model.ts';
import type { MonitorHealth } from '../../../../src/core/health/monitor-health.ts';
import { candidateOf, nextDrainChange } from '../../../../src/core/steering/candidate.ts';
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
    ['its cluster is drained', { kind: 'none' }, 'eu', 'override'],
    ['both drain it', { kind: 'on' }, 'eu', 'override'],
    ['another cluster is drained', { kind: 'none' }, 'us', 'none'],
  ])('%s', (_, drain, cluster, expected) => {
    const candidate = candidateOf(endpoint('eu', FRANKFURT, { drain }), new Map(), new Map([[cluster, ORDER]]), NOW);
    expect(candidate.drain).toBe(expected);
  });
});

function timed(at: number) {
  return endpoint('eu', FRANKFURT, { drain: { kind: 'until', at } });
}

describe('nextDrainChange', () => {
  it('is the first end that is still to come', () => {
    expect(nextDrainChange([timed(NOW - 1), timed(NOW + 900), timed(NOW + 500), timed(NOW)], NOW)).toBe(NOW + 500);
  });

  it('is never where no timed drain runs', () => {
    const on = endpoint('eu', FRANKFURT, { drain: { kind: 'on' } });
    expect(nextDrainChange([on, timed(NOW)], NOW)).toBe(Number.POSITIVE_INFINITY);
  });
});
