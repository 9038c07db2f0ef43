import { describe, expect, it } from 'vitest';
import type { NamedMonitor } from '../../../../src/core/desired/model.ts';
import { createTimedBook } from '../../../../src/core/health/timed-book.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { cluster } from '../desired/pictures.ts';

const NAMED: readonly NamedMonitor[] = [
  {
    name: 'pushed',
    id: 'pushed',
    source: { kind: 'load', cluster: 'eu', from: { kind: 'external', expiresMs: 60_000 } },
  },
  {
    name: 'asked',
    id: 'asked',
    source: {
      kind: 'load',
      cluster: 'us',
      from: {
        kind: 'prometheus',
        gauge: { url: 'http://192.0.2.5:9090', expr: 'load', intervalMs: 10_000, timeoutMs: 1_000 },
      },
    },
  },
];

function createWorld(capacity = '1000') {
  const clock = createManualClock(1_800_000_000_000);
  let news = 0;
  const book = createTimedBook(clock, {
    onNews: () => {
      news += 1;
    },
  });
  const clusters = ['eu', 'us'].map((name) => cluster(name, 'DE', { capacity }));
  book.watch([], { named: NAMED, clusters });
  return {
    clock,
    book,
    news: () => news,
    push: (rate: number) => book.report('pushed', { rate, by: 'jobs', expiresMs: 60_000 }),
    /** A number, or none, each 10 s. */
    numbers: async (...values: readonly (number | undefined)[]): Promise<void> => {
      for (const value of values) {
        await clock.advance(10_000);
        const failure = { kind: 'failure', failure: 'timeout', detail: '' } as const;
        const outcome = value === undefined ? failure : ({ kind: 'value', value } as const);
        book.read({ monitor: 'asked', at: clock.now(), outcome });
      }
    },
    of: (id: string) => {
      book.publish();
      return book.published.get(id);
    },
  };
}

describe('the load of a cluster', () => {
  it('sheds at once what is over the capacity, and says when the next change may come', async () => {
    const { clock, push, of } = createWorld();
    push(900);
    expect(of('pushed')).toMatchObject({ state: 'up', load: { rate: 900, capacity: 1000 } });
    expect(of('pushed')?.admits).toBeUndefined();
    await clock.advance(20_000);
    push(2_000);
    // The next report is as far off as this one was.
    expect(of('pushed')).toMatchObject({ admits: 128, secondsToChange: 16, load: { rate: 2000, capacity: 1000 } });
    await clock.advance(20_000);
    push(950);
    expect(of('pushed')).toMatchObject({ admits: 128, secondsToChange: Number.POSITIVE_INFINITY });
  });

  it('asks for new answers only where they are other ones, and shows the newest load all the same', async () => {
    const { clock, push, news, of, book } = createWorld();
    push(500);
    of('pushed');
    const before = news();
    await clock.advance(10_000);
    push(600);
    expect(news()).toBe(before);
    expect(book.published.get('pushed')?.load).toEqual({ rate: 600, capacity: 1000 });
  });

  it('goes back to all by itself in steps when it is not pushed any more, and wakes for each of them', async () => {
    const { clock, book, push, of } = createWorld();
    push(1_500);
    expect(of('pushed')?.admits).toBe(170);
    await clock.advance(59_999);
    expect(of('pushed')).toMatchObject({ state: 'up', admits: 170 });
    await clock.advance(1);
    expect(of('pushed')).toMatchObject({ state: 'unseen', admits: 170, secondsToChange: 8 });
    const shares: unknown[] = [];
    for (let step = 0; step < 6; step++) {
      await clock.advance(10_000);
      shares.push(of('pushed')?.admits);
    }
    expect(shares).toEqual([186, 202, 218, 234, 250, undefined]);
    expect(of('pushed')?.secondsToChange).toBe(Number.POSITIVE_INFINITY);
    expect(clock.pending()).toBe(0);
    book.close();
  });

  it('is believed for two questions without a number, and with the third is lost', async () => {
    const { numbers, of } = createWorld();
    await numbers(2_000, undefined, undefined);
    expect(of('asked')).toMatchObject({ state: 'up', admits: 128 });
    await numbers(undefined);
    expect(of('asked')).toMatchObject({ state: 'unseen', admits: 128 });
    await numbers(undefined, undefined);
    expect(of('asked')?.admits).toBe(160);
    await numbers(1_000);
    expect(of('asked')).toMatchObject({ state: 'up', admits: 176 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('a number of %d is none', async (value) => {
    const { numbers, of } = createWorld();
    await numbers(2_000, value, value, value);
    expect(of('asked')).toMatchObject({ state: 'unseen', admits: 128 });
  });

  it('means nothing without a capacity', async () => {
    const { push, of } = createWorld('none');
    push(1e9);
    expect(of('pushed')?.admits).toBeUndefined();
    expect(of('pushed')?.load).toBeUndefined();
  });

  it('is forgotten with its monitor, and goes on from where it was with another capacity', async () => {
    const { clock, book, push, of } = createWorld();
    push(2_000);
    book.watch([], { named: NAMED, clusters: [cluster('eu', 'DE', { capacity: '4000' })] });
    expect(of('pushed')?.admits).toBe(128);
    await clock.advance(10_000);
    push(2_000);
    await clock.advance(10_000);
    push(2_000);
    expect(of('pushed')).toMatchObject({ admits: 144, load: { rate: 2000, capacity: 4000 } });
    book.watch([], {});
    expect(of('pushed')).toBeUndefined();
    expect(book.loads.size).toBe(0);
  });
});
