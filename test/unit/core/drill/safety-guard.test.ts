import { describe, expect, it } from 'vitest';
import { createSafetyGuard } from '../../../../src/core/drill/safety-guard.ts';
import type { Override } from '../../../../src/core/orders/override.ts';
import { DEFAULT_SAFETY, type SafetyRules } from '../../../../src/core/plan/safety.ts';

const NOW = Date.UTC(2026, 0, 4);
const ORDER: Override = {
  name: 'm',
  scope: { clusters: ['*'] },
  action: { kind: 'down' },
  at: NOW,
  by: 'test',
  reason: 'test',
};

function guardOf(rules: Partial<SafetyRules>) {
  let looked = 0;
  const stage = () => {
    looked += 1;
    throw new Error('this test has no world');
  };
  const guard = createSafetyGuard({ rules: { ...DEFAULT_SAFETY, ...rules }, stage, now: () => NOW });
  return { guard, looked: () => looked };
}

describe('the guard of the rules of safety', () => {
  it('works nothing out ahead where no rule could be broken by it', () => {
    const { guard, looked } = guardOf({});
    expect([guard.ofOrder(ORDER), guard.ofRollouts(new Map())]).toEqual([[], []]);
    const blackout = guardOf({ blackouts: [{ days: ['sun'], from: 0, to: 1440 }] });
    expect(blackout.guard.ofOrder(ORDER)).toMatchObject([{ rule: 'blackout' }]);
    expect(blackout.guard.ofOrder({ ...ORDER, from: NOW + 86_400_000 })).toEqual([]);
    expect([looked(), blackout.looked()]).toEqual([0, 0]);
  });

  it('looks ahead where one could', () => {
    expect(() => guardOf({ maxMoved: 0.5 }).guard.ofOrder(ORDER)).toThrow('no world');
    expect(() => guardOf({ minClusters: 2 }).guard.ofRollouts(new Map())).toThrow('no world');
  });
});
