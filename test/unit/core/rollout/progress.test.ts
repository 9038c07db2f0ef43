import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanced, dueAt, dwelling, type Guard, type Progress } from '../../../../src/core/rollout/progress.ts';
import { meet } from '../../../../src/core/rollout/reach.ts';
import { begun, ordered, percentOf, ROLLOUT_ORDERS, type RolloutSpec } from '../../../../src/core/rollout/rollout.ts';

const GOOD: Guard = { kind: 'good' };
const BAD: Guard = { kind: 'bad', what: 'it is down' };
const UNKNOWN: Guard = { kind: 'unknown' };
const SPEC: RolloutSpec = {
  name: 'r',
  from: ['a'],
  to: ['b'],
  plan: {
    kind: 'canary',
    steps: [5, 50, 100],
    dwellMs: 100,
    rollbackAfterMs: 60,
    monitors: [],
    endpoints: 'must-be-up',
  },
};

const at = (steady: number) => ({ steady, wall: 1_000_000 + steady });
const first = (): Progress => dwelling(begun(SPEC, 0, 'ops'), at(0));
/** Looks at it at these times with these guards. */
const through = (looks: readonly (readonly [number, Guard])[], from = first()): Progress =>
  looks.reduce((progress, [time, guard]) => advanced(progress, guard, at(time)), from);
const told = ({ rollout }: Progress): string => `${rollout.state} ${percentOf(rollout)}`;

describe('a canary', () => {
  it('takes a step when its dwell is over, and none before', () => {
    expect(
      told(
        through([
          [0, GOOD],
          [99, GOOD],
        ]),
      ),
    ).toBe('running 5');
    expect(
      told(
        through([
          [0, GOOD],
          [100, GOOD],
        ]),
      ),
    ).toBe('running 50');
    expect(
      told(
        through([
          [0, GOOD],
          [100, GOOD],
          [199, GOOD],
        ]),
      ),
    ).toBe('running 50');
    expect(
      told(
        through([
          [0, GOOD],
          [100, GOOD],
          [200, GOOD],
        ]),
      ),
    ).toBe('running 100');
    expect(
      told(
        through([
          [0, GOOD],
          [100, GOOD],
          [200, GOOD],
          [300, GOOD],
        ]),
      ),
    ).toBe('promoted 100');
  });

  it('takes one step at a time, however late it is looked at', () => {
    expect(
      told(
        through([
          [0, GOOD],
          [5000, GOOD],
        ]),
      ),
    ).toBe('running 50');
  });

  it('begins the dwell when it is seen first', () => {
    expect(
      told(
        through([
          [0, UNKNOWN],
          [90, UNKNOWN],
          [95, GOOD],
          [194, GOOD],
        ]),
      ),
    ).toBe('running 5');
    expect(
      told(
        through([
          [0, UNKNOWN],
          [90, UNKNOWN],
          [95, GOOD],
          [195, GOOD],
        ]),
      ),
    ).toBe('running 50');
  });

  it('holds at once, goes on with a whole dwell, and is back at 0 when it is bad for too long', () => {
    const held = through([
      [0, GOOD],
      [50, BAD],
    ]);
    expect(told(held)).toBe('held 5');
    expect(dueAt(held, BAD)).toBe(110);
    expect(
      told(
        through(
          [
            [90, GOOD],
            [189, GOOD],
          ],
          held,
        ),
      ),
    ).toBe('running 5');
    expect(
      told(
        through(
          [
            [90, GOOD],
            [190, GOOD],
          ],
          held,
        ),
      ),
    ).toBe('running 50');
    expect(told(through([[109, BAD]], held))).toBe('held 5');
    expect(told(through([[110, BAD]], held))).toBe('rolled-back 0');
    expect(
      told(
        through(
          [
            [80, UNKNOWN],
            [109, UNKNOWN],
            [110, BAD],
          ],
          held,
        ),
      ),
    ).toBe('rolled-back 0');
    expect(
      told(
        through(
          [
            [80, UNKNOWN],
            [500, UNKNOWN],
          ],
          held,
        ),
      ),
    ).toBe('held 5');
  });
});

describe('any run of results, waits and orders', () => {
  const look = fc.tuple(fc.integer({ min: 0, max: 150 }), fc.constantFrom(GOOD, GOOD, BAD, UNKNOWN));
  const order = fc.constantFrom(...ROLLOUT_ORDERS.filter((each) => each !== 'end'));

  it('never gives more to `to` while something is not up, but by an order', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(look, order), { maxLength: 40 }), (all) => {
        let progress = first();
        let time = 0;
        for (const each of all) {
          const before = percentOf(progress.rollout);
          if (typeof each === 'string') {
            const next = ordered(progress.rollout, each, time, 'ops');
            if (next !== undefined && next !== progress.rollout) progress = dwelling(next, at(time));
            continue;
          }
          const [wait, guard] = each;
          time += wait;
          const steps = [0, 5, 50, 100];
          progress = advanced(progress, guard, at(time));
          const after = percentOf(progress.rollout);
          if (guard.kind !== 'good') expect(after).toBeLessThanOrEqual(before);
          expect(steps.indexOf(after)).toBeLessThanOrEqual(steps.indexOf(before) + 1);
          expect(dueAt(progress, guard)).toBeGreaterThan(time);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('two rollouts', () => {
  it.each([
    [undefined, ['a.example'], true],
    [['a.example'], ['a.example'], true],
    [['a.example'], ['b.example'], false],
    [['*.example'], ['a.b.example'], true],
    [['*.b.example'], ['*.example'], true],
    [['*.b.example'], ['b.example'], false],
    [['*.b.example'], ['ab.example'], false],
  ] as const)('about %j and %j meet: %s', (some, others, wanted) => {
    const specs = [some, others].map((hostnames) => ({ ...SPEC, ...(hostnames === undefined ? {} : { hostnames }) }));
    expect(meet(specs[0]!, specs[1]!)).toBe(wanted);
    expect(meet(specs[1]!, specs[0]!)).toBe(wanted);
  });
});
