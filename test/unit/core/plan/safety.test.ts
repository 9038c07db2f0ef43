import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Blackout, brokenRules, DEFAULT_SAFETY, looksAhead, WEEKDAYS } from '../../../../src/core/plan/safety.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** A Sunday, midnight UTC. */
const SUNDAY = Date.UTC(2026, 0, 4);

const blackedOut = (blackouts: readonly Blackout[], now: number): boolean =>
  brokenRules({ ...DEFAULT_SAFETY, blackouts }, { drills: 0, now }).some(({ rule }) => rule === 'blackout');

describe('rules of safety', () => {
  it('need no look ahead by default', () => {
    expect(looksAhead(DEFAULT_SAFETY)).toBe(false);
    expect(looksAhead({ ...DEFAULT_SAFETY, minClusters: 2 })).toBe(true);
    expect(looksAhead({ ...DEFAULT_SAFETY, maxMoved: 0.99 })).toBe(true);
  });

  it('a blackout over midnight belongs to the day on which it begins', () => {
    const night: Blackout = { days: ['fri'], from: 22 * 60, to: 6 * 60 };
    const at = (day: number, hour: number): boolean => blackedOut([night], SUNDAY + day * DAY + hour * 60 * MINUTE);
    expect([at(5, 21), at(5, 22), at(6, 5), at(6, 6), at(4, 23), at(5, 5)]).toEqual([
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('a blackout holds for as many minutes of the week as it says', () => {
    const time = fc.integer({ min: 0, max: 1440 });
    fc.assert(
      fc.property(fc.subarray([...WEEKDAYS], { minLength: 1 }), time, time, (days, from, to) => {
        fc.pre(from !== to && from < 1440);
        const window: Blackout = { days, from, to };
        let minutes = 0;
        for (let minute = 0; minute < 7 * 1440; minute++) {
          if (blackedOut([window], SUNDAY + minute * MINUTE)) minutes += 1;
        }
        const length = from < to ? to - from : 1440 - from + to;
        // What goes over midnight may run into the next one, which counts once.
        expect(minutes).toBe(days.length * length);
      }),
      { numRuns: 15 },
    );
  });
});
