import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../../../src/core/desired/model.ts';
import { changeBetween, judge, UNSEEN } from '../../../../src/core/health/judge.ts';
import type { MonitorHealth, ProbeResult } from '../../../../src/core/health/monitor-health.ts';

const MONITOR: Monitor = {
  id: 'tcp 192.0.2.1:443',
  protocol: 'tcp',
  address: '192.0.2.1',
  port: 443,
  host: '',
  path: '',
  expect: { kind: 'status', ranges: [] },
  intervalMs: 10_000,
  timeoutMs: 3_000,
  rise: 2,
  fall: 3,
};

function result(good: boolean, at: number): ProbeResult {
  const outcome = good
    ? ({ kind: 'success' } as const)
    : ({ kind: 'failure', failure: 'refused', detail: 'connection refused' } as const);
  return { monitor: MONITOR.id, at, durationMs: 5, outcome };
}

/** Judges one result per character, `+` or `-`, a second apart, the first at 1000. */
function believedAfter(results: string, monitor = MONITOR): MonitorHealth {
  return Array.from(results).reduce(
    (health, sign, i) => judge(health, result(sign === '+', (i + 1) * 1000), monitor),
    UNSEEN,
  );
}

describe('judge', () => {
  it.each([
    ['', 'unseen', 0, 0, Number.POSITIVE_INFINITY],
    ['+', 'up', 1000, 0, Number.POSITIVE_INFINITY],
    ['-', 'down', 1000, 0, Number.POSITIVE_INFINITY],
    ['+-', 'up', 1000, 1, 20],
    ['+--', 'up', 1000, 2, 10],
    ['+---', 'down', 4000, 0, Number.POSITIVE_INFINITY],
    ['+--+', 'up', 1000, 0, Number.POSITIVE_INFINITY],
    ['+--+--', 'up', 1000, 2, 10],
    ['+----', 'down', 4000, 0, Number.POSITIVE_INFINITY],
    ['+---+', 'down', 4000, 1, 10],
    ['+---++', 'up', 6000, 0, Number.POSITIVE_INFINITY],
    ['-+-+-+', 'down', 1000, 1, 10],
  ])('after %j it is %s since %d, %d against it, %d s to a change', (results, state, since, contrary, seconds) => {
    expect(believedAfter(results)).toMatchObject({ state, since, contrary, secondsToChange: seconds });
  });

  it('keeps the last result', () => {
    expect(believedAfter('').last).toBeUndefined();
    expect(believedAfter('+-').last).toEqual(result(false, 2000));
  });

  it('changes with the first result against the state where the threshold is 1', () => {
    expect(believedAfter('+-', { ...MONITOR, fall: 1 }).state).toBe('down');
    expect(believedAfter('-+', { ...MONITOR, rise: 1 }).state).toBe('up');
  });

  it('follows a threshold that was lowered in between', () => {
    expect(judge(believedAfter('+-'), result(false, 9000), { ...MONITOR, fall: 2 }).state).toBe('down');
  });

  it('goes by the order of the results, not by the wall clock, which may be set back', () => {
    const health = believedAfter('+--');
    const after = judge(health, result(false, 7), MONITOR);
    expect(after).toMatchObject({ state: 'down', since: 7 });
  });

  it('takes a fault of our own for no evidence, by identity', () => {
    const own: ProbeResult = {
      ...result(false, 9000),
      outcome: { kind: 'failure', failure: 'internal', detail: 'too many open files' },
    };
    for (const health of [UNSEEN, believedAfter('+'), believedAfter('+--'), believedAfter('-')]) {
      expect(judge(health, own, MONITOR)).toBe(health);
    }
  });

  it('changes exactly when `rise` or `fall` results in a row speak against the state', () => {
    const thresholds = fc.record({ rise: fc.integer({ min: 1, max: 5 }), fall: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), thresholds, (results, { rise, fall }) => {
        const monitor = { ...MONITOR, rise, fall };
        let health = UNSEEN;
        for (const [i, good] of results.entries()) {
          const before = health;
          health = judge(before, result(good, i), monitor);
          if (i === 0) {
            expect(health.state).toBe(good ? 'up' : 'down');
            continue;
          }
          const threshold = before.state === 'up' ? fall : rise;
          const run = results.slice(0, i + 1).toReversed();
          const streak = run.findIndex((each) => each === (before.state === 'up'));
          // Results from before the state began belong to the state before it.
          const against = Math.min(streak === -1 ? run.length : streak, i - before.since);
          expect(health.state !== before.state).toBe(against >= threshold);
          expect(health.since).toBe(health.state === before.state ? before.since : i);
          expect(health.contrary).toBe(against >= threshold ? 0 : against);
        }
      }),
    );
  });
});

describe('changeBetween', () => {
  it.each([
    ['+', '++', 'detail'],
    ['+', '+-', 'answers'],
    ['+-', '+-+', 'answers'],
    ['+--', '+---', 'answers'],
    ['', '+', 'answers'],
  ])('from %j to %j: %s', (before, later, change) => {
    expect(changeBetween(believedAfter(before), believedAfter(later))).toBe(change);
  });

  it('sees nothing between a belief and itself', () => {
    const health = believedAfter('++');
    expect(changeBetween(health, health)).toBe('nothing');
  });
});
