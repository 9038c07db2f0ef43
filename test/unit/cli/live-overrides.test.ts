import { describe, expect, it } from 'vitest';
import { liveOverrides } from '../../../src/cli/live-overrides.ts';
import { drainOf, type Override } from '../../../src/core/orders/override.ts';

const NOW = Date.UTC(2026, 0, 1);

function all(...orders: readonly Override[]): ReadonlyMap<string, Override> {
  return new Map(orders.map((order) => [order.name, order]));
}

function order(name: string, more: Partial<Override> = {}): Override {
  const base = { name, scope: { clusters: ['*'] }, action: { kind: 'down' as const }, at: NOW };
  return { ...base, by: 'ops', reason: 'work', ...more };
}

describe('the overrides below the live table', () => {
  it('are told in a line each, the newest first; drains of clusters have a state of their own', () => {
    const drain = drainOf({ cluster: 'eu', at: NOW, by: 'ops', reason: 'x' });
    const part = order('part', { action: { kind: 'drain', percent: 25 }, at: NOW + 1, until: NOW + 1000 });
    expect(liveOverrides(all(order('m'), drain, part), NOW)).toEqual([
      'override part  drain 25 %  until 2026-01-01T00:00:01.000Z  by ops: work',
      'override m  down  by ops: work',
    ]);
    expect(liveOverrides(all(order('later', { from: NOW + 1000 })), NOW)).toEqual([
      'override later  down planned  from 2026-01-01T00:00:01.000Z  by ops: work',
    ]);
  });

  it('are no more than a few', () => {
    const many = Array.from({ length: 9 }, (_, index) => order(`o${index}`));
    expect(liveOverrides(all(...many), NOW).slice(5)).toEqual(['and 4 more overrides']);
  });
});
