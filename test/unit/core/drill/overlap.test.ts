import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asked, type Drill, type DrillState } from '../../../../src/core/drill/drill.ts';
import { othersRunning, peakWith } from '../../../../src/core/drill/overlap.ts';
import { specOf } from './world.ts';

const NOW = 1_000_000;
const MINUTE = 60_000;

function drill(name: string, startAt: number, lengthMs: number, state: DrillState = 'planned'): Drill {
  return { ...asked(specOf({ name, startAt, lengthMs }), NOW - MINUTE, 'test'), state };
}

describe('the peak of drills', () => {
  it('is the most at any one time, not all that meet the new one', () => {
    const others = [drill('a', NOW + 39 * MINUTE, 10 * MINUTE), drill('b', NOW + 99 * MINUTE, 10 * MINUTE)];
    expect(peakWith(specOf({ startAt: NOW + 34 * MINUTE, lengthMs: 90 * MINUTE }), others, NOW)).toBe(2);
    const meeting = drill('c', NOW + 45 * MINUTE, MINUTE);
    expect(peakWith(specOf({ lengthMs: 90 * MINUTE }), [...others, meeting], NOW)).toBe(3);
  });

  it('counts none that begins when another one ends, and none that rolls back', () => {
    const first = drill('a', NOW - MINUTE, MINUTE + 10, 'running');
    expect(peakWith(specOf({ startAt: NOW + 10 }), [first], NOW)).toBe(1);
    expect(peakWith(specOf(), [first], NOW)).toBe(2);
    const back = drill('a', NOW - MINUTE, 2 * MINUTE, 'rolling-back');
    expect(peakWith(specOf(), [back], NOW)).toBe(1);
    expect(peakWith(specOf({ startAt: NOW + 1 }), [back], NOW)).toBe(1);
    expect(peakWith(specOf(), [drill('a', NOW, MINUTE, 'over')], NOW)).toBe(1);
  });

  it('is that of counting every moment', () => {
    const span = fc.record({ from: fc.integer({ min: -20, max: 40 }), length: fc.integer({ min: 1, max: 30 }) });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 8 }), span, (all, own) => {
        const drills = all.map(({ from, length }, index) => drill(`d${index}`, NOW + from, length));
        const begin = Math.max(0, own.from);
        let most = 0;
        for (let at = begin; at < begin + own.length; at++) {
          most = Math.max(most, all.filter(({ from, length }) => from <= at && at < from + length).length);
        }
        expect(peakWith(specOf({ startAt: NOW + own.from, lengthMs: own.length }), drills, NOW)).toBe(most + 1);
      }),
    );
  });

  it('goes by when one really began, and counts one that runs on because the clock was set', () => {
    const begun = { at: NOW + 30_000, kind: 'begun', detail: '' } as const;
    const late = { ...drill('a', NOW, MINUTE, 'running'), timeline: [begun] };
    const next = specOf({ startAt: NOW + MINUTE });
    expect(peakWith(next, [late], NOW + 30_000)).toBe(2);
    expect(peakWith(next, [{ ...late, timeline: [{ ...begun, at: NOW + 1_000 }] }], NOW + 30_000)).toBe(1);
    const [other, later] = [drill('b', NOW, MINUTE), NOW + 3_600_000];
    expect([othersRunning(other, [late], later), peakWith(specOf(), [late], later)]).toEqual([1, 2]);
  });

  it('of those that run tells those whose time is not over', () => {
    const all = [drill('a', NOW - MINUTE, MINUTE, 'running'), drill('b', NOW - MINUTE, MINUTE + 1, 'running')];
    expect(othersRunning(drill('c', NOW, MINUTE), all, NOW)).toBe(1);
    expect(othersRunning(drill('b', NOW, MINUTE), all, NOW)).toBe(0);
  });
});
