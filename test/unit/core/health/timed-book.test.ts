import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../../../src/core/desired/model.ts';
import type { StateChange } from '../../../../src/core/health/health-book.ts';
import { createTimedBook, type Timepiece } from '../../../../src/core/health/timed-book.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { judgedBy, MONITOR, result, WALL } from './monitored.ts';

const HOUR_S = 3600;

function createWorld(monitor: Monitor, wrap: (clock: Timepiece) => Timepiece = (clock) => clock) {
  const clock = createManualClock(WALL);
  const changes: string[] = [];
  let news = 0;
  const book = createTimedBook(wrap(clock), {
    onNews: () => {
      news += 1;
    },
    onStateChange: ({ before, after }: StateChange) => changes.push(`${before.state} → ${after.state}`),
  });
  book.watch([monitor]);
  return {
    clock,
    book,
    changes,
    news: () => news,
    /** A result each 10 s. */
    results: async (signs: string): Promise<void> => {
      for (const sign of signs) {
        await clock.advance(10_000);
        if (sign !== '.') book.take(result(sign === '+', { steady: 0, wall: clock.now() }));
      }
    },
    state: () => {
      book.publish();
      return book.published.get(monitor.id);
    },
  };
}

describe('a timed book', () => {
  it('wakes by itself when a delay or a hold is over', async () => {
    const { clock, book, results, state, changes } = createWorld(judgedBy({ failoverDelayMs: 5_000, failback: 5_000 }));
    await results('+---');
    expect(state()?.state).toBe('up');
    await clock.advance(4_999);
    expect(state()?.state).toBe('up');
    await clock.advance(1);
    expect(state()?.state).toBe('down');
    await results('++');
    expect(state()?.state).toBe('held');
    await clock.advance(5_000);
    expect(state()?.state).toBe('up');
    expect(changes).toEqual(['unseen → up', 'up → down', 'down → held', 'held → up']);
    book.close();
    expect(clock.pending()).toBe(0);
  });

  it('asks for new answers with each step of a slow start, and then no more', async () => {
    const { clock, results, news, state } = createWorld(judgedBy({ slowStartMs: 15_000 }));
    await results('-++');
    const shares: unknown[] = [state()?.admits];
    for (let second = 0; second < 15; second++) {
      const before = news();
      await clock.advance(1000);
      expect(news()).toBe(before + 1);
      shares.push(state()?.admits);
    }
    expect(shares).toEqual([...Array.from({ length: 15 }, (_, i) => 16 * (i + 1)), undefined]);
    const before = news();
    await clock.advance(10_000);
    expect(news()).toBe(before);
  });

  it.each([-5, 5])('is not moved by a wall clock that is set by %d hours', async (hours) => {
    const { clock, results, state } = createWorld(judgedBy({ failback: 60_000 }));
    await results('-++');
    clock.setWall(clock.now() + hours * HOUR_S * 1000);
    await results('+++++');
    expect(state()).toMatchObject({ state: 'held' });
    expect(state()).not.toHaveProperty('freshness');
    await results('+');
    expect(state()?.state).toBe('up');
  });

  it('goes on after a wall clock that is set back where there is no other', async () => {
    const wallOnly = (clock: Timepiece): Timepiece => ({
      now: () => clock.now(),
      after: (ms, task) => clock.after(ms, task),
    });
    const { clock, results, state } = createWorld(judgedBy({ failback: 60_000 }), wallOnly);
    await results('-++');
    clock.setWall(clock.now() - 5 * HOUR_S * 1000);
    await results('++++++');
    expect(state()?.state).toBe('up');
  });

  it('tells that nothing came for a while, and makes no answers for it', async () => {
    const { results, state, news } = createWorld(MONITOR);
    await results('+');
    state();
    const before = news();
    await results('....');
    expect(state()).toMatchObject({ state: 'up', freshness: 'stale' });
    expect(news()).toBe(before);
    await results('+');
    expect(state()).not.toHaveProperty('freshness');
  });

  it('releases what is held, once', async () => {
    const { book, results, state } = createWorld(judgedBy({ failback: 'manual' }));
    await results('-++');
    expect(book.release(['none', MONITOR.id])).toEqual([MONITOR.id]);
    expect(book.release([MONITOR.id])).toEqual([]);
    expect(state()?.state).toBe('up');
  });

  it('forgets a monitor that is watched no more, and its time', async () => {
    const { clock, book, results, state, changes } = createWorld(judgedBy({ failoverDelayMs: 60_000 }));
    await results('+---');
    book.watch([]);
    await clock.advance(120_000);
    book.watch([judgedBy({ failoverDelayMs: 60_000 })]);
    expect(state()).toBeUndefined();
    expect(changes).toEqual(['unseen → up']);
  });

  it('sleeps through times that no timer can wait for', async () => {
    const { clock, results, state } = createWorld(
      judgedBy({ failback: 40 * 24 * HOUR_S * 1000 }, { intervalMs: 3_600_000 }),
    );
    await results('-++');
    expect(state()).toMatchObject({ state: 'held', secondsToChange: Number.POSITIVE_INFINITY });
    await clock.advance(1000);
    expect(clock.pending()).toBe(1);
  });
});
