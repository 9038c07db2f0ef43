import { describe, expect, it } from 'vitest';
import { ALL_BUCKETS } from '../../../../src/core/health/slow-start.ts';
import { BUCKETS } from '../../../../src/core/steering/buckets.ts';
import { createStory, judgedBy, moment, WALL } from './monitored.ts';

const NEVER = Number.POSITIVE_INFINITY;

describe('failover-delay', () => {
  const delayed = () => createStory(judgedBy({ failoverDelayMs: 60_000 }));

  it('keeps what fell in the answers for so long, and tells how long', () => {
    const story = delayed();
    expect(story.results('+---')).toMatchObject({ state: 'up', reason: 'failover-delay', secondsToChange: 32 });
    expect(story.after(27.9).secondsToChange).toBe(32);
    expect(story.after(28).secondsToChange).toBe(16);
    expect(story.after(44).secondsToChange).toBe(8);
    expect(story.after(52).secondsToChange).toBe(4);
    expect(story.after(59.9).state).toBe('up');
    expect(story.after(60)).toMatchObject({ state: 'down', since: WALL + 100_000, secondsToChange: NEVER });
  });

  it('comes to nothing where it recovers meanwhile', () => {
    const story = delayed();
    story.results('+---');
    expect(story.results('++')).toMatchObject({ state: 'up', since: WALL + 10_000, secondsToChange: NEVER });
    expect(story.results('++++++++').state).toBe('up');
  });

  it('counts into the time to a change before it began', () => {
    expect(delayed().results('+-').secondsToChange).toBe(80);
  });

  it('is not for what was never up', () => {
    expect(delayed().results('-').state).toBe('down');
  });

  it('does not begin anew with each failure', () => {
    expect(delayed().results('+--------').state).toBe('up');
    expect(delayed().results('+---------').state).toBe('down');
  });
});

describe('failback', () => {
  it('of a duration holds what recovered until it was good for so long', () => {
    const story = createStory(judgedBy({ failback: 60_000 }));
    expect(story.results('-++')).toMatchObject({ state: 'held', reason: 'failback', since: WALL + 30_000 });
    expect(story.results('+++++').state).toBe('held');
    expect(story.after(9.9).state).toBe('held');
    expect(story.after(10)).toMatchObject({ state: 'up', since: WALL + 90_000 });
  });

  it('of a duration waits for a moment at which nothing speaks against it', () => {
    const story = createStory(judgedBy({ failback: 30_000 }));
    expect(story.results('-+++-')).toMatchObject({ state: 'held', secondsToChange: 8 });
    expect(story.results('-')).toMatchObject({ state: 'held', secondsToChange: 10 });
    expect(story.results('+').state).toBe('up');
  });

  it('counts into the time to a change while it is still down', () => {
    expect(createStory(judgedBy({ failback: 60_000 })).results('-+').secondsToChange).toBe(70);
    expect(createStory(judgedBy({ failback: 'manual' })).results('-+').secondsToChange).toBe(NEVER);
  });

  it('begins anew after a fall while it was held', () => {
    const story = createStory(judgedBy({ failback: 60_000 }));
    expect(story.results('-++++---').state).toBe('down');
    expect(story.results('+++++++').state).toBe('held');
    expect(story.results('+').state).toBe('up');
  });

  it('by hand waits for an operator, whatever comes', () => {
    const story = createStory(judgedBy({ failback: 'manual' }));
    expect(story.results('-++')).toMatchObject({ state: 'held', reason: 'operator', secondsToChange: NEVER });
    expect(story.results('+'.repeat(100)).state).toBe('held');
    expect(story.release()).toMatchObject({ state: 'up', since: WALL + 1_030_000 });
    expect(story.results('---').state).toBe('down');
    expect(story.results('++').state).toBe('held');
  });

  it('is not for what is seen for the first time', () => {
    expect(createStory(judgedBy({ failback: 'manual' })).results('+').state).toBe('up');
  });

  it('releases nobody who is down', () => {
    const story = createStory(judgedBy({ failback: 'manual' }));
    story.results('-+');
    expect(story.release().state).toBe('down');
    expect(story.results('+').state).toBe('held');
  });

  it('brings back nobody whom nobody looks at', () => {
    const story = createStory(judgedBy({ failback: 120_000 }));
    story.results('-++');
    expect(story.results('.'.repeat(20))).toMatchObject({ state: 'held', freshness: 'stale' });
    expect(story.results('+').state).toBe('up');
  });
});

describe('flap-damping', () => {
  const damped = (longestMs = 600_000) => createStory(judgedBy({ flapDampingMs: longestMs }));
  /** Falls, and tells how many good results it takes to be back. */
  const backAfter = (story: ReturnType<typeof damped>): number => {
    expect(story.results('---').state).toBe('down');
    for (let good = 1; good < 200; good++) if (story.results('+').state === 'up') return good;
    return NEVER;
  };

  it('doubles the hold-down with each fall that comes soon', () => {
    const story = damped();
    story.results('+');
    // Rise is 2; then 2 × interval × (2^n − 1) more.
    expect([1, 2, 3, 4].map(() => backAfter(story))).toEqual([2, 4, 8, 16]);
  });

  it('goes no further than the longest hold', () => {
    const story = damped(60_000);
    story.results('+');
    expect([1, 2, 3, 4, 5].map(() => backAfter(story))).toEqual([2, 4, 6, 6, 6]);
  });

  it('says that it flaps', () => {
    const story = damped();
    story.results('+---++---');
    expect(story.results('++')).toMatchObject({ state: 'held', reason: 'flapping' });
    expect(story.belief().dueAt - moment(story.now()).steady).toBeLessThanOrEqual(20_000);
  });

  it('forgets what was calm for so long', () => {
    const story = damped(60_000);
    story.results('+');
    expect([backAfter(story), backAfter(story)]).toEqual([2, 4]);
    story.results('++++');
    expect(backAfter(story)).toBe(2);
  });

  it('counts a fall while it is held', () => {
    const story = damped();
    story.results('+---++---');
    expect(story.results('++').state).toBe('held');
    expect(backAfter(story)).toBe(8);
  });

  it('is ended by an operator', () => {
    const story = damped();
    story.results('+---++---++');
    expect(story.release().state).toBe('up');
  });

  it('yields to a longer failback', () => {
    const story = createStory(judgedBy({ flapDampingMs: 600_000, failback: 60_000 }));
    expect(story.results('+---++').reason).toBe('failback');
  });
});

describe('slow-start', () => {
  const slow = () => createStory(judgedBy({ slowStartMs: 150_000 }));

  it('counts in the buckets that steering deals', () => {
    expect(ALL_BUCKETS).toBe(BUCKETS);
  });

  it('lets what recovered have its clients back in sixteen steps', () => {
    const story = slow();
    expect(story.results('-++')).toMatchObject({ state: 'up', admits: 16, secondsToChange: 8 });
    expect(story.after(9.9).admits).toBe(16);
    expect(story.after(10).admits).toBe(32);
    expect(story.after(149.9).admits).toBe(240);
    expect(story.after(150)).not.toHaveProperty('admits');
    expect(story.after(150).secondsToChange).toBe(NEVER);
  });

  it('is not for what is seen for the first time', () => {
    expect(slow().results('+')).not.toHaveProperty('admits');
  });

  it('goes on while failures are counted, ends with a fall and begins anew', () => {
    const story = slow();
    story.results('-++');
    expect(story.results('+--').admits).toBe(64);
    expect(story.results('-')).not.toHaveProperty('admits');
    expect(story.results('++').admits).toBe(16);
  });

  it('comes after a hold', () => {
    const story = createStory(judgedBy({ slowStartMs: 150_000, failback: 'manual' }));
    expect(story.results('-++')).not.toHaveProperty('admits');
    expect(story.release().admits).toBe(16);
  });
});
