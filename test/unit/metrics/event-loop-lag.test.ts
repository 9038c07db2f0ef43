import { expect, it } from 'vitest';
import { lagsOf } from '../../../src/metrics/event-loop-lag.ts';
import { eventually } from '../../support/eventually.ts';
import { createMetricsFixture } from './metrics-fixture.ts';

const NAME = 'azimuth_event_loop_lag_seconds';
/** How long nothing goes on, in ms. */
const STALL_MS = 700;

/** How many looks were late by more than so many seconds, and how many there were. */
async function looks(lines: () => Promise<readonly string[]>, seconds: number) {
  const page = await lines();
  const value = (start: string) => Number(page.find((line) => line.startsWith(start))?.split(' ')[1]);
  const all = value(`${NAME}_count`);
  return { all, late: all - value(`${NAME}_bucket{le="${seconds}"}`) };
}

it('a stall is in the lag of the event loop, once for each look that was due in it, and no scrape takes it out', async () => {
  const { metrics, lines } = createMetricsFixture();
  const end = metrics.watchEventLoop();
  try {
    await eventually(async () => expect((await looks(lines, 0.5)).all).toBeGreaterThan(3));
    const before = await looks(lines, 0.25);
    const until = performance.now() + STALL_MS;
    while (performance.now() < until);
    // Whatever else holds this machine up only adds: looks were due at least at 600, 500, 400 and 300 ms before the end.
    await eventually(async () => expect((await looks(lines, 0.25)).late).toBeGreaterThanOrEqual(before.late + 3));
    const after = await looks(lines, 0.25);
    expect((await looks(lines, 0.25)).late).toBeGreaterThanOrEqual(after.late);
  } finally {
    end();
  }
});

it('it has not the period of the timer in it, as the looks of the library have', async () => {
  const { metrics, lines } = createMetricsFixture();
  const end = metrics.watchEventLoop();
  try {
    // The best look of twenty: others may be late on a machine that is busy.
    await eventually(async () => {
      const { all, late } = await looks(lines, 0.05);
      expect(all).toBeGreaterThan(20);
      expect(late).toBeLessThan(all);
    });
  } finally {
    end();
  }
});

it('ends when it is told to', async () => {
  const [ended, other] = [createMetricsFixture(), createMetricsFixture()];
  const end = ended.metrics.watchEventLoop();
  await eventually(async () => expect((await looks(ended.lines, 10)).all).toBeGreaterThan(0));
  end();
  const { all } = await looks(ended.lines, 10);
  const endOther = other.metrics.watchEventLoop();
  await eventually(async () => expect((await looks(other.lines, 10)).all).toBeGreaterThan(2));
  endOther();
  expect((await looks(ended.lines, 10)).all).toBe(all);
});

it.each([
  [0, [0]],
  [99, [99]],
  [100, [100, 0]],
  [250, [250, 150, 50]],
])('looks that were due within %d ms were late by %j', (ms, lags) => {
  expect(lagsOf(ms)).toEqual(lags);
});

it('one stall is told of within bounds', () => {
  expect(lagsOf(86_400_000)).toHaveLength(600);
});
