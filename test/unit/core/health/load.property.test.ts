import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  controlled,
  isMoving,
  LARGEST_STEP,
  LEAST_SHARE,
  type LoadControl,
  UNLOADED,
} from '../../../../src/core/health/load.ts';

const ALL = 256;
/** Long enough for every way from a sixteenth back to all, where each step has to be waited for. */
const REPORTS = 400;

/**
 * A cluster whose clients would fill it to `demand` (1: to its capacity). What it has follows what it is sent, `lag` of the
 * difference from report to report as resolvers ask again, and a report is of what it had one report before.
 */
function simulate(demand: (report: number) => number, lag: number, reports = REPORTS, start: LoadControl = UNLOADED) {
  let control = start;
  let load = (demand(0) * control.share) / ALL;
  let late = load;
  return Array.from({ length: reports }, (_, report) => {
    control = controlled(control, late);
    late = load;
    load += lag * ((demand(report) * control.share) / ALL - load);
    return { control, load };
  });
}

/** How often the direction of a share changes. */
function turns(shares: readonly number[]): number {
  const moves = shares.slice(1).flatMap((share, index) => Math.sign(share - shares[index]!) || []);
  return moves.slice(1).filter((move, index) => move !== moves[index]).length;
}

const lags = fc.double({ min: 0.2, max: 1, noNaN: true });
const demands = fc.double({ min: 0, max: 12, noNaN: true });

describe('the control of a load', () => {
  it('comes to rest, within the capacity and without shedding more than it has to', () => {
    fc.assert(
      fc.property(demands, lags, (demand, lag) => {
        const run = simulate(() => demand, lag);
        const end = run.at(-1)!;
        const shares = run.map(({ control }) => control.share);
        expect(new Set(shares.slice(-100)).size).toBe(1);
        expect(end.load).toBeLessThanOrEqual(1.001);
        expect(end.control.share === ALL || end.load >= 0.84).toBe(true);
        // One cut too deep that is taken back, at most.
        expect(turns(shares)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it('comes to rest after the demand jumped, up or down', () => {
    fc.assert(
      fc.property(demands, demands, lags, (before, after, lag) => {
        const run = simulate((report) => (report < REPORTS ? before : after), lag, 2 * REPORTS);
        const end = run.at(-1)!;
        expect(new Set(run.slice(-100).map(({ control }) => control.share)).size).toBe(1);
        expect(end.load).toBeLessThanOrEqual(1.001);
        expect(end.control.share === ALL || end.load >= 0.84).toBe(true);
        expect(turns(run.slice(REPORTS).map(({ control }) => control.share))).toBeLessThanOrEqual(2);
      }),
      { numRuns: 300 },
    );
  });

  it('never leaves its bounds, and never goes the wrong way, whatever is reported', () => {
    const ratios = fc.array(
      fc.double({ min: 0, max: 1e18, noNaN: true }).map((one) => one % 4),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(ratios, (all) => {
        let control = UNLOADED;
        for (const ratio of all) {
          const { share: before } = control;
          control = controlled(control, ratio);
          const { share } = control;
          expect(Number.isInteger(share) && share >= LEAST_SHARE && share <= ALL).toBe(true);
          if (ratio > 1) expect(share).toBeLessThanOrEqual(before);
          else if (ratio < 0.85) expect(share).toBeGreaterThanOrEqual(before);
          else expect(share).toBe(before);
          expect(share - before).toBeLessThanOrEqual(LARGEST_STEP);
        }
      }),
    );
  });

  it('sheds at once what is over, cuts the same load once, and what comes on top of it at once as well', () => {
    const first = controlled(UNLOADED, 1.25);
    expect(first.share).toBe(204);
    expect(isMoving(first)).toBe(true);
    // The report right after was measured before the cut.
    expect(controlled(first, 1.25).share).toBe(204);
    expect(controlled(first, 2.5).share).toBe(102);
    // It falls: the cut is at work.
    expect(controlled(controlled(first, 1.25), 1.1).share).toBe(204);
    // It stays: the cut was not enough.
    expect(controlled(controlled(first, 1.25), 1.24).share).toBe(164);
  });

  it('keeps a sixteenth, goes back a sixteenth at most, and does not go back before the last step is seen', () => {
    const least = controlled(UNLOADED, 1_000);
    expect(least.share).toBe(LEAST_SHARE);
    expect(controlled(least, 0).share).toBe(LEAST_SHARE);
    const seen = controlled(least, 0);
    expect(controlled(seen, 0).share).toBe(32);
    // This one was measured before the step.
    expect(controlled(controlled(seen, 0), 0).share).toBe(32);
    // Close to room it goes back no farther than that takes.
    expect(controlled(controlled({ ...UNLOADED, share: 128 }, 0.86), 0.84).share).toBe(140);
  });

  it('does not wait for ever for a load that never settles', () => {
    let control: LoadControl = { ...UNLOADED, share: 64, waited: 0 };
    for (let report = 0; report < 10; report++) control = controlled(control, report % 2 === 0 ? 0.3 : 0.5);
    expect(control.share).toBeGreaterThan(64);
  });
});
