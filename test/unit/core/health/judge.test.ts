import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeBetween, judge, NO_BELIEF, UNSEEN } from '../../../../src/core/health/judge.ts';
import type { MonitorHealth, ProbeResult } from '../../../../src/core/health/monitor-health.ts';
import { createStory, judgedBy, MONITOR, moment, result, WALL } from './monitored.ts';

function believedAfter(results: string, monitor = MONITOR): MonitorHealth {
  return createStory(monitor).results(results);
}

describe('judge', () => {
  it.each([
    ['', 'unseen', undefined, 0, Number.POSITIVE_INFINITY],
    ['+', 'up', 10, 0, Number.POSITIVE_INFINITY],
    ['-', 'down', 10, 0, Number.POSITIVE_INFINITY],
    ['+-', 'up', 10, 1, 20],
    ['+--', 'up', 10, 2, 10],
    ['+---', 'down', 40, 0, Number.POSITIVE_INFINITY],
    ['+--+', 'up', 10, 0, Number.POSITIVE_INFINITY],
    ['+--+--', 'up', 10, 2, 10],
    ['+----', 'down', 40, 0, Number.POSITIVE_INFINITY],
    ['+---+', 'down', 40, 1, 10],
    ['+---++', 'up', 60, 0, Number.POSITIVE_INFINITY],
    ['-+-+-+', 'down', 10, 1, 10],
  ])('after %j it is %s since %d s, %d against it, %d s to a change', (results, state, since, contrary, seconds) => {
    const health = believedAfter(results);
    expect(health).toMatchObject({ state, contrary, secondsToChange: seconds });
    expect(health.since).toBe(since === undefined ? 0 : WALL + since * 1000);
    expect(health).not.toHaveProperty('reason');
    expect(health).not.toHaveProperty('admits');
    expect(health).not.toHaveProperty('freshness');
  });

  it('may change sooner where failures are confirmed sooner, and not where successes bring it up', () => {
    const monitor = judgedBy({ retryMs: 2_000 });
    expect(believedAfter('+-', monitor).secondsToChange).toBe(4);
    expect(believedAfter('+--', monitor).secondsToChange).toBe(2);
    expect(believedAfter('-+', monitor).secondsToChange).toBe(10);
    expect(believedAfter('+-', judgedBy({ retryMs: 60_000 })).secondsToChange).toBe(20);
  });

  it('keeps the last result', () => {
    expect(believedAfter('').last).toBeUndefined();
    expect(believedAfter('+-').last).toEqual(result(false, moment(20)));
  });

  it('changes with the first result against the state where the threshold is 1', () => {
    expect(believedAfter('+-', { ...MONITOR, fall: 1 }).state).toBe('down');
    expect(believedAfter('-+', { ...MONITOR, rise: 1 }).state).toBe('up');
  });

  it('follows a threshold that was lowered in between', () => {
    const story = createStory(MONITOR);
    story.results('+-');
    const now = moment(30);
    expect(judge(story.belief(), result(false, now), { ...MONITOR, fall: 2 }, now).health.state).toBe('down');
  });

  it('tells times by the wall clock, and goes by the other one', () => {
    const story = createStory(MONITOR);
    story.results('+--');
    const now = { steady: 40_000, wall: 7 };
    expect(judge(story.belief(), result(false, now), MONITOR, now).health).toMatchObject({ state: 'down', since: 7 });
  });

  it('takes a fault of our own for no evidence, by identity', () => {
    const outcome = { kind: 'failure', failure: 'internal', detail: 'too many open files' } as const;
    for (const results of ['', '+', '+--', '-']) {
      const story = createStory(MONITOR);
      story.results(results);
      const own: ProbeResult = { ...result(false, moment(story.now() + 1)), outcome };
      expect(judge(story.belief(), own, MONITOR, moment(story.now() + 1))).toBe(story.belief());
    }
  });

  it('tells that an address may not be probed, and believes nothing by it', () => {
    const outcome = { kind: 'failure', failure: 'forbidden', detail: 'loopback' } as const;
    const told: ProbeResult = { ...result(false, moment(1)), outcome };
    const believed = judge(NO_BELIEF, told, MONITOR, moment(1));
    expect(believed.health).toEqual({ ...UNSEEN, last: told });
    expect(believed.dueAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('changes exactly when `rise` or `fall` results in a row speak against the state', () => {
    const thresholds = fc.record({ rise: fc.integer({ min: 1, max: 5 }), fall: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), thresholds, (results, { rise, fall }) => {
        const story = createStory({ ...MONITOR, rise, fall });
        let since = 0;
        for (const [i, good] of results.entries()) {
          const before = story.belief().health;
          const health = story.results(good ? '+' : '-');
          if (i === 0) {
            expect(health.state).toBe(good ? 'up' : 'down');
            continue;
          }
          const threshold = before.state === 'up' ? fall : rise;
          const run = results.slice(0, i + 1).toReversed();
          const streak = run.findIndex((each) => each === (before.state === 'up'));
          // Results from before the state began belong to the state before it.
          const against = Math.min(streak === -1 ? run.length : streak, i - since);
          expect(health.state !== before.state).toBe(against >= threshold);
          if (health.state !== before.state) since = i;
          expect(health.since).toBe(WALL + (since + 1) * 10_000);
          expect(health.contrary).toBe(against >= threshold ? 0 : against);
        }
      }),
    );
  });
});

describe('probe-forgive', () => {
  it.each([
    [1, '+--+--+--', 'up'],
    [2, '+-+-+-', 'down'],
    [2, '+--+-', 'down'],
    [2, '+--++--', 'up'],
    [3, '+-++-++-', 'down'],
    [3, '+-++-+++--', 'up'],
  ])('%d: after %s it is %s', (forgive, results, state) => {
    expect(believedAfter(results, judgedBy({ forgive })).state).toBe(state);
  });

  it('shrinks the TTL as long as failures are remembered', () => {
    const story = createStory(judgedBy({ forgive: 3 }));
    expect(story.results('+-+')).toMatchObject({ contrary: 1, secondsToChange: 20 });
    expect(story.results('+')).toMatchObject({ contrary: 1, secondsToChange: 20 });
    expect(story.results('+')).toMatchObject({ contrary: 0, secondsToChange: Number.POSITIVE_INFINITY });
  });

  it('forgives nobody who is down: only successes in a row bring it up', () => {
    expect(believedAfter('-+-+-+-+', judgedBy({ forgive: 100 })).state).toBe('down');
  });
});

describe('stale', () => {
  it('is who had no result for three intervals and a timeout; the state stands', () => {
    const story = createStory(MONITOR);
    story.results('+');
    expect(story.after(32.9)).not.toHaveProperty('freshness');
    expect(story.after(33)).toMatchObject({ state: 'up', freshness: 'stale', since: WALL + 10_000 });
    expect(story.results('....').freshness).toBe('stale');
    expect(story.results('+')).not.toHaveProperty('freshness');
  });

  it('touches no answers', () => {
    const story = createStory(MONITOR);
    const fresh = story.results('+-');
    expect(changeBetween(fresh, story.results('....'))).toBe('detail');
  });

  it('is nobody who was never seen', () => {
    expect(createStory(MONITOR).results('..........')).toBe(UNSEEN);
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

  it('sees nothing between a belief and itself, and answers in another share', () => {
    const health = believedAfter('++');
    expect(changeBetween(health, health)).toBe('nothing');
    expect(changeBetween(health, { ...health, admits: 16 })).toBe('answers');
  });
});
