import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GaugeSpec } from '../../../../src/core/desired/model.ts';
import {
  type GaugeReading,
  type GaugeStanding,
  gauged,
  NEVER_READ,
} from '../../../../src/core/health/external-gauge.ts';

const SPEC: GaugeSpec = {
  url: 'http://192.0.2.9:9090',
  expr: 'load',
  above: 0.9,
  runs: 2,
  means: 'down',
  intervalMs: 15_000,
  timeoutMs: 5_000,
};
const NEVER = Number.POSITIVE_INFINITY;

/** `+` is a good number, `-` a bad one, `?` none; one a second, the first at 1000. */
function standingAfter(signs: string, spec = SPEC): GaugeStanding {
  return Array.from(signs).reduce((before, sign, index) => {
    const outcome: GaugeReading['outcome'] =
      sign === '?'
        ? { kind: 'failure', failure: 'timeout', detail: '' }
        : { kind: 'value', value: sign === '+' ? 0.9 : 0.91 };
    const at = 1000 * (index + 1);
    return gauged(before, { monitor: 'monitor:a', at, outcome }, spec, { steady: at, wall: at });
  }, NEVER_READ);
}

describe('a gauge', () => {
  it.each([
    ['', 'unseen', 0, NEVER],
    ['+', 'up', 1000, NEVER],
    ['-', 'down', 1000, NEVER],
    ['+-', 'up', 1000, 15],
    ['+--', 'down', 3000, NEVER],
    ['+-+-', 'up', 1000, 15],
    ['+--+', 'down', 3000, 15],
    ['+--++', 'up', 5000, NEVER],
    ['?', 'unseen', 0, NEVER],
    ['+??', 'up', 1000, NEVER],
    ['+???', 'unseen', 0, NEVER],
    ['+??+??', 'up', 1000, NEVER],
    ['-????', 'unseen', 0, NEVER],
    ['+???-', 'down', 5000, NEVER],
    ['+-?-', 'down', 4000, NEVER],
  ])('after %j it is %s since %d, %d s to a change', (signs, state, since, secondsToChange) => {
    expect(standingAfter(signs).health).toMatchObject({ state, since, secondsToChange });
  });

  it.each([
    [{ above: 1 }, 1, 'up'],
    [{ above: 1 }, 1.1, 'down'],
    [{ above: 1 }, NEVER, 'down'],
    [{ below: 1 }, 1, 'up'],
    [{ below: 1 }, 0.9, 'down'],
    [{ below: 1 }, -NEVER, 'down'],
    [{ below: 1, means: 'degraded' }, 0, 'degraded'],
  ] as const)('with %j, %d is %s', (more, value, state) => {
    const { above, ...rest } = SPEC;
    const reading = { monitor: 'monitor:a', at: 1, outcome: { kind: 'value', value } } as const;
    expect(gauged(NEVER_READ, reading, { ...rest, ...more }, { steady: 1, wall: 1 }).health.state).toBe(state);
    expect(above).toBe(0.9);
  });

  it('is never bad without as many bad numbers in a row as it takes, and questions without a number make nothing bad', () => {
    const signs = fc.array(fc.constantFrom('+', '-', '?'), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(signs, fc.integer({ min: 1, max: 4 }), (all, runs) => {
        for (let length = 1; length <= all.length; length++) {
          const seen = all.slice(0, length);
          const now = standingAfter(seen.join(''), { ...SPEC, runs });
          const before = standingAfter(seen.slice(0, -1).join(''), { ...SPEC, runs });
          if (now.health.state === before.health.state) continue;
          const last = seen.at(-1);
          if (last === '?') expect(now.health.state).toBe('unseen');
          else expect(now.health.state).toBe(last === '+' ? 'up' : 'down');
          if (last === '?' || before.health.state === 'unseen') continue;
          const numbers = seen.filter((sign) => sign !== '?');
          expect(numbers.slice(-runs).every((sign) => sign === last)).toBe(true);
        }
      }),
    );
  });
});
