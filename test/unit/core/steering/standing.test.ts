import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRAINED, standingOf } from '../../../../src/core/steering/standing.ts';
import { steer } from '../../../../src/core/steering/steer.ts';
import { at, candidate, FRANKFURT, policy, VIRGINIA } from './world.ts';

const seconds = fc.oneof(
  fc.constant(Number.POSITIVE_INFINITY),
  fc.constant(Number.MAX_VALUE),
  fc.double({ min: 0, max: 90_000, noNaN: true }),
  fc.constantFrom(4.4, 4.6, 7, 7.4, 7.6, 86_400, 86_401),
);
const belief = fc.record({
  state: fc.constantFrom('up', 'degraded', 'held', 'down', 'unseen', 'unchecked'),
  drain: fc.constantFrom('none', 'annotation', 'override'),
  admits: fc.constantFrom(1, 16, 240, 256, 256),
  secondsToChange: seconds,
  stillness: fc.integer({ min: 0, max: 7 }),
});
/** Two that differ in one thing at most: else hardly any have equal words. */
const twins = fc
  .tuple(belief, belief, fc.constantFrom('state', 'drain', 'admits', 'secondsToChange', 'stillness'))
  .map(([one, other, what]) => [one, { ...one, [what]: other[what] }] as const);

describe('standingOf', () => {
  it('of equal words: equal decisions', () => {
    fc.assert(
      fc.property(twins, belief, fc.constantFrom(30, 675, 86_400), ([one, other], neighbour, ttl) => {
        fc.pre(standingOf(one) === standingOf(other));
        const [first, second] = [one, other].map((believed) => {
          const candidates = [candidate('a', FRANKFURT, believed), candidate('b', VIRGINIA, neighbour)];
          return steer({ policy: policy({ ttl, stableTtl: 86_400 }), candidates, client: at(VIRGINIA) });
        });
        const { choices, ...rest } = first!;
        expect(second).toEqual({ choices, ...rest });
      }),
      { numRuns: 300 },
    );
  });

  it('tells states, drains, whole seconds and how long it stood still apart', () => {
    const up = { state: 'up', drain: 'none', admits: 256, secondsToChange: 7, stillness: 0 } as const;
    const words = [up, { ...up, state: 'down' }, { ...up, state: 'unseen' }, { ...up, state: 'unchecked' }] as const;
    const more = [
      { ...up, drain: 'override' },
      { ...up, secondsToChange: 8 },
      { ...up, admits: 255 },
      { ...up, stillness: 1 },
      { ...up, stillness: 7 },
      { ...up, secondsToChange: Number.POSITIVE_INFINITY },
      { ...up, secondsToChange: Number.POSITIVE_INFINITY, stillness: 7, admits: 1 },
    ] as const;
    expect(new Set([...words, { ...up, state: 'degraded' } as const, ...more].map(standingOf)).size).toBe(12);
    expect(standingOf({ ...up, state: 'held' })).toBe(standingOf({ ...up, state: 'down' }));
    expect(standingOf({ ...up, drain: 'annotation' })).toBe(standingOf(up) | DRAINED);
  });
});
