import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../../../src/core/desired/model.ts';
import { createTimedBook } from '../../../../src/core/health/timed-book.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { judgedBy, MONITOR, result, WALL } from './monitored.ts';

const IDLE = [{ monitor: MONITOR.id, pace: 'idle', intervalMs: 60_000 }] as const;
const OWN = [{ monitor: MONITOR.id, pace: 'own', next: 'at-once' }] as const;

function createWorld(monitor: Monitor = MONITOR, controls: readonly string[] = []) {
  const clock = createManualClock(WALL);
  let news = 0;
  const book = createTimedBook(clock, {
    onNews: () => {
      news += 1;
    },
    breaker: {
      share: 1,
      windowMs: 10_000,
      atLeast: 4,
      longestMs: 900_000,
      controls,
      model: () => ({ hostnames: [] }),
    },
  });
  book.watch([monitor]);
  return {
    clock,
    book,
    news: () => news,
    result: (sign: '+' | '-') => book.take(result(sign === '+', { steady: 0, wall: clock.now() })),
    health: () => {
      book.publish();
      return book.published.get(monitor.id);
    },
  };
}

describe('what is believed of an idle monitor', () => {
  it('says so, is old after three of the longer intervals and not before, and makes no answers', async () => {
    const { clock, book, result, health, news } = createWorld();
    result('+');
    health();
    const before = news();
    await clock.advance(8_000);
    book.pace(IDLE);
    expect(health()).toMatchObject({ state: 'up', pace: 'idle' });
    // 3 × 60 s and the timeout of 3 s.
    await clock.advance(182_000);
    expect(health()).not.toHaveProperty('freshness');
    await clock.advance(1_000);
    expect(health()).toMatchObject({ state: 'up', pace: 'idle', freshness: 'stale' });
    result('+');
    expect(health()).not.toHaveProperty('freshness');
    await clock.advance(182_000);
    expect(health()).not.toHaveProperty('freshness');
    expect(news()).toBe(before);
  });

  it('goes by the own interval again from then on, also where no result comes', async () => {
    const { clock, book, result, health } = createWorld();
    result('+');
    book.pace(IDLE);
    await clock.advance(60_000);
    book.pace(OWN);
    expect(health()).not.toHaveProperty('pace');
    await clock.advance(32_000);
    expect(health()).not.toHaveProperty('freshness');
    await clock.advance(2_000);
    expect(health()).toMatchObject({ state: 'up', freshness: 'stale' });
    // What is old is not made new by another pace.
    book.pace(IDLE);
    expect(health()).toMatchObject({ freshness: 'stale', pace: 'idle' });
  });

  it('shortens the TTL by its own interval from the first failure on: that is how it is probed from there', async () => {
    const { book, result, health } = createWorld();
    result('+');
    book.pace(IDLE);
    expect(health()?.secondsToChange).toBe(Number.POSITIVE_INFINITY);
    result('-');
    expect(health()).toMatchObject({ state: 'up', contrary: 1, secondsToChange: 20 });
    result('-');
    result('-');
    expect(health()).toMatchObject({ state: 'down' });
  });

  it('keeps holds and what else goes by time', async () => {
    const { clock, book, result, health } = createWorld(judgedBy({ failback: 100_000 }));
    for (const sign of ['-', '+', '+'] as const) result(sign);
    expect(health()).toMatchObject({ state: 'held' });
    book.pace(IDLE);
    await clock.advance(99_999);
    expect(health()).toMatchObject({ state: 'held' });
    await clock.advance(1);
    expect(health()).toMatchObject({ state: 'up' });
  });

  it('is kept over results and forgotten with the monitor; those that are not watched are passed over', () => {
    const { book, result, health } = createWorld();
    result('+');
    book.pace([...IDLE, { monitor: 'nobody', pace: 'idle', intervalMs: 60_000 }]);
    health();
    expect([...book.published.keys()]).toEqual([MONITOR.id]);
    result('+');
    expect(health()).toMatchObject({ pace: 'idle' });
    book.watch([]);
    book.watch([MONITOR]);
    result('+');
    expect(health()).not.toHaveProperty('pace');
  });

  it('shows its pace as it is while a verdict is withheld, and keeps it when that is taken back', () => {
    const control = 'control:tcp://192.0.2.9:1';
    const { book, result: take, health, clock } = createWorld({ ...MONITOR, fall: 1 }, [control]);
    take('+');
    book.pace(IDLE);
    for (let i = 0; i < 3; i++) book.control({ ...result(false, { steady: 0, wall: clock.now() }), monitor: control });
    expect(book.breaker().state).toBe('blind');
    take('-');
    expect(health()).toMatchObject({ state: 'up', pace: 'idle', withheld: { state: 'down' } });
    book.pace(OWN);
    expect(health()).toMatchObject({ state: 'up', withheld: { state: 'down' } });
    expect(health()).not.toHaveProperty('pace');
    book.pace(IDLE);
    take('+');
    take('+');
    expect(health()).toMatchObject({ state: 'up', pace: 'idle' });
    expect(health()).not.toHaveProperty('withheld');
  });
});
