import { describe, expect, it } from 'vitest';
import type { Model, NamedMonitor } from '../../../../src/core/desired/model.ts';
import { createTimedBook } from '../../../../src/core/health/timed-book.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { endpoint, hostname, model, zone } from '../snapshot/build.ts';
import { MONITOR, result, WALL } from './monitored.ts';

const HOUR = 3_600_000;
const PROBED = { ...MONITOR, intervalMs: HOUR };

const NAMED: readonly NamedMonitor[] = [
  { name: 'shop', id: 'monitor:shop', source: { kind: 'external', expiresMs: 100 * HOUR, whenExpired: 'unseen' } },
  {
    name: 'queue',
    id: 'monitor:queue',
    source: {
      kind: 'prometheus',
      gauge: { url: 'http://a', expr: 'up', intervalMs: 60_000, timeoutMs: 1000, above: 5, runs: 2, means: 'down' },
    },
  },
];

/** One hostname in three clusters: one is probed, one is told, one is asked for. */
function world(stableTtl?: number): Model {
  const ends = [PROBED.id, 'monitor:shop', 'monitor:queue'].map((monitor, i) =>
    endpoint(`c${i}`, `192.0.2.${i}`, { monitor }),
  );
  return model([zone('z')], [hostname('h.z', stableTtl === undefined ? {} : { stableTtl }, ends)]);
}

function createBook() {
  const clock = createManualClock(WALL);
  let news = 0;
  const book = createTimedBook(clock, {
    onNews: () => {
      news += 1;
    },
  });
  book.watch([PROBED], { named: NAMED });
  return {
    clock,
    book,
    news: () => news,
    probe: (good = true) => book.take(result(good, { steady: 0, wall: clock.now() })),
    push: (state: 'up' | 'down' = 'up') =>
      book.push('monitor:shop', { state, reason: '', by: 'test', expiresMs: 100 * HOUR }),
    read: (value: number) =>
      book.read({ monitor: 'monitor:queue', at: clock.now(), outcome: { kind: 'value', value } }),
    levels: () => {
      book.publish();
      return [PROBED.id, 'monitor:shop', 'monitor:queue'].map((id) => book.published.get(id)?.stillness ?? 0);
    },
  };
}

describe('a book of which somebody asks for how long monitors stood still', () => {
  it('tells it by itself, of all kinds of monitors', async () => {
    const { clock, book, news, probe, push, read, levels } = createBook();
    book.heed(world(3600));
    probe();
    push();
    read(1);
    expect(levels()).toEqual([0, 0, 0]);
    const before = news();
    await clock.advance(HOUR - 1);
    expect([levels(), news()]).toEqual([[0, 0, 0], before]);
    await clock.advance(1);
    expect([levels(), news()]).toEqual([[1, 1, 1], before + 3]);
    await clock.advance(HOUR / 2);
    probe();
    await clock.advance(HOUR / 2);
    expect(levels()).toEqual([2, 2, 2]);
    book.close();
  });

  it('forgets it with whatever speaks against the state', async () => {
    const { clock, book, probe, push, read, levels } = createBook();
    book.heed(world(3600));
    probe();
    push();
    read(1);
    await clock.advance(HOUR);
    expect(levels()).toEqual([1, 1, 1]);
    probe(false);
    push('down');
    read(9);
    expect(levels()).toEqual([0, 0, 0]);
    probe();
    push('down');
    read(1);
    await clock.advance(HOUR - 1);
    expect(levels()).toEqual([0, 0, 0]);
    await clock.advance(1);
    expect(levels()).toEqual([1, 1, 1]);
    book.close();
  });

  it('tells nothing of it and does not wake for it while nobody asks, and all of it from then on', async () => {
    const { clock, book, news, probe, push, read, levels } = createBook();
    book.heed(world());
    probe();
    push();
    read(1);
    levels();
    const before = news();
    await clock.advance(2 * HOUR);
    expect([levels(), news()]).toEqual([[0, 0, 0], before]);
    book.heed(world(3600));
    probe();
    book.advance();
    expect(levels()).toEqual([2, 2, 2]);
    book.heed(world());
    probe();
    book.advance();
    expect(levels()).toEqual([0, 0, 0]);
    book.close();
    expect(clock.pending()).toBe(0);
  });
});
