import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT_ONCE } from '../../../src/core/desired/judgement.ts';
import type { Monitor } from '../../../src/core/desired/model.ts';
import type { ProbeResult } from '../../../src/core/health/monitor-health.ts';
import { failed, SUCCESS } from '../../../src/prober/probe.ts';
import { createProber } from '../../../src/prober/prober.ts';
import { JITTER_SHARE, MAX_JITTER_MS } from '../../../src/prober/rhythm.ts';
import { createSchedule } from '../../../src/prober/schedule.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { monitorOf } from './probe-once.ts';

const tcp = (id: string, given: Partial<Monitor> = {}): Monitor =>
  monitorOf({ protocol: 'tcp', address: '192.0.2.1', port: 1, id, intervalMs: 10_000, timeoutMs: 3000, ...given });

type Target = { readonly startsOf: (id: string) => readonly number[]; durationMs: number; mostAtOnce: number };

/** A prober over in-memory targets that take `durationMs` to answer, from `brokenFrom` on for ever. */
function proberOver(
  clock: ManualClock,
  given: { jitter?: () => number; concurrency?: number; brokenFrom?: number } = {},
) {
  const starts = new Map<string, number[]>();
  const results: ProbeResult[] = [];
  let flying = 0;
  const target: Target = { startsOf: (id) => starts.get(id) ?? [], durationMs: 0, mostAtOnce: 0 };
  const prober = createProber({
    clock,
    jitter: given.jitter ?? (() => 0.5),
    concurrency: given.concurrency ?? 256,
    probes: {
      async tcp(monitor, { signal }) {
        starts.set(monitor.id, [...(starts.get(monitor.id) ?? []), clock.now()]);
        flying += 1;
        target.mostAtOnce = Math.max(target.mostAtOnce, flying);
        const broken = clock.now() >= (given.brokenFrom ?? Number.POSITIVE_INFINITY);
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true });
          if (!broken && target.durationMs === 0) resolve();
          else if (!broken) clock.after(target.durationMs, resolve);
        });
        flying -= 1;
        return SUCCESS;
      },
    },
  });
  const start = (): void => prober.start((result) => results.push(result));
  return { prober, target, results, start };
}

/** A schedule of many monitors in a process that can stand still: time goes by and no timer fires. */
function scheduleOf(clock: ManualClock) {
  const starts: number[] = [];
  let stood = 0;
  const steady = (): number => (clock.steady?.() ?? 0) + stood;
  const schedule = createSchedule({
    clock: { ...clock, steady },
    concurrency: 256,
    jitter: () => 0.5,
    onStart: () => starts.push(steady()),
    fly: async () => 'success',
  });
  return {
    starts,
    watch(count: number): void {
      schedule.replace(Array.from({ length: count }, (_, i) => tcp(`m${i}`)));
      schedule.start();
    },
    standStill(ms: number): void {
      stood += ms;
    },
    run: (ms: number) => clock.advance(ms),
    close: () => schedule.close(),
  };
}

function countBySecond(times: readonly number[]): readonly number[] {
  const [first = 0] = times;
  const counts: number[] = [];
  for (const time of times) {
    const second = Math.floor((time - first) / 1000);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

const gaps = (starts: readonly number[]): readonly number[] => starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
const jitterOf = (intervalMs: number): number => Math.min(JITTER_SHARE * intervalMs, MAX_JITTER_MS);
const anyJitter = fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 1 });
const cycle = (values: readonly number[]): (() => number) => {
  let at = 0;
  return () => values[at++ % values.length] ?? 0;
};

describe('the rhythm', () => {
  it('keeps the interval on the mean and every gap within its bound, whatever the jitter', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1000, max: 60_000 }),
      fc.integer({ min: 0, max: 60_000 }),
      anyJitter,
      async (intervalMs, duration, jitter) => {
        const clock = createManualClock(1_000_000);
        const { prober, target, start, results } = proberOver(clock, { jitter: cycle(jitter) });
        target.durationMs = Math.min(duration, intervalMs / 2);
        prober.watch([tcp('a', { intervalMs, timeoutMs: intervalMs })]);
        start();
        const intervals = 20;
        await clock.advance(intervals * intervalMs);
        const starts = target.startsOf('a');
        await prober.close();
        expect(Math.abs(starts.length - intervals)).toBeLessThanOrEqual(1);
        expect(results.length).toBeGreaterThanOrEqual(starts.length - 1);
        const bound = intervalMs + 2 * jitterOf(intervalMs);
        expect(bound).toBeLessThanOrEqual(1.1 * intervalMs);
        expect(Math.max(...gaps(starts))).toBeLessThanOrEqual(bound + 0.001);
        // The first gaps are shorter: they lead to the monitor's phase.
        expect(Math.min(...gaps(starts).slice(2))).toBeGreaterThanOrEqual(
          intervalMs - 2 * jitterOf(intervalMs) - 0.001,
        );
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  it('notices a dead target within fall × interval + timeout + 1 s, whenever it dies', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1000, max: 10_000 }),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: 0, max: 4, noNaN: true }),
      anyJitter,
      async (intervalMs, timeoutShare, fall, dies, jitter) => {
        const clock = createManualClock(0);
        const timeoutMs = Math.floor(intervalMs * timeoutShare);
        const brokenFrom = 1 + dies * intervalMs;
        const { prober, results, start } = proberOver(clock, { jitter: cycle(jitter), brokenFrom });
        prober.watch([tcp('a', { intervalMs, timeoutMs })]);
        start();
        await clock.advance(brokenFrom + fall * intervalMs + timeoutMs + 1000);
        const failures = results.filter((result) => result.outcome.kind === 'failure');
        await prober.close();
        expect(failures.length).toBeGreaterThanOrEqual(fall);
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  it('spreads many monitors over the interval, after a first round at once', async () => {
    const clock = createManualClock(0);
    const { prober, target, start } = proberOver(clock);
    const monitors = Array.from({ length: 100 }, (_, i) => tcp(`m${i}`));
    prober.watch(monitors);
    start();
    await clock.advance(0);
    expect(monitors.every(({ id }) => target.startsOf(id).length === 1)).toBe(true);
    for (let second = 1; second <= 10; second++) {
      await clock.advance(1000);
      const started = monitors.filter(({ id }) => target.startsOf(id).some((at) => at > clock.now() - 1000 && at > 0));
      expect(started.length).toBeGreaterThanOrEqual(8);
      expect(started.length).toBeLessThanOrEqual(12);
    }
    await prober.close();
  });

  it('spreads 20,000 monitors, each on its interval', async () => {
    const clock = createManualClock(0);
    const schedule = scheduleOf(clock);
    schedule.watch(20_000);
    await schedule.run(10_000);
    const before = schedule.starts.length;
    await schedule.run(20_000);
    const perSecond = countBySecond(schedule.starts.slice(before));
    expect(perSecond).toHaveLength(20);
    expect(Math.min(...perSecond)).toBeGreaterThan(0.9 * 2000);
    expect(Math.max(...perSecond)).toBeLessThan(1.1 * 2000);
    await schedule.close();
  });

  it('makes no storm after the process stood still, however long', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 0, max: 9999 }), async (paused, at) => {
        const clock = createManualClock(0);
        const schedule = scheduleOf(clock);
        schedule.watch(1000);
        await schedule.run(10_000 + at);
        const before = schedule.starts.length;
        schedule.standStill(paused);
        await schedule.run(30_000);
        const after = schedule.starts.slice(before);
        const [first = 0] = after;
        // 100 a second is usual. What a moment's pause put off comes at once: a quarter of a second's at most.
        for (let second = 0; second < 30; second++) {
          const from = first + second * 1000;
          expect(after.filter((start) => start >= from && start < from + 1000).length).toBeLessThanOrEqual(2.25 * 100);
        }
        // Each goes on with its interval: three in 30 s, and one more at most that was put off.
        expect(after.length).toBeGreaterThanOrEqual(2980);
        expect(after.length).toBeLessThanOrEqual(3000 + 520);
        await schedule.close();
      }),
      { numRuns: 30 },
    );
  });

  it('goes on when the wall clock is set ahead, as if nothing was', async () => {
    const clock = createManualClock(0);
    const { prober, target, start } = proberOver(clock);
    prober.watch([tcp('a')]);
    start();
    await clock.advance(35_000);
    clock.setWall(clock.now() + 3_600_000);
    await clock.advance(30_000);
    const byElapsed = target.startsOf('a').map((at) => (at > 3_600_000 ? at - 3_600_000 : at));
    expect(Math.max(...gaps(byElapsed))).toBeLessThanOrEqual(10_000 + 0.001);
    await prober.close();
  });

  it('goes on when the wall clock is set back', async () => {
    const clock = createManualClock(10_000_000);
    const { prober, results, start } = proberOver(clock);
    prober.watch([tcp('a')]);
    start();
    await clock.advance(30_000);
    const before = results.length;
    clock.setWall(clock.now() - 3_600_000);
    await clock.advance(30_000);
    expect(results.length - before).toBeGreaterThanOrEqual(2);
    expect(results.every((result) => result.durationMs >= 0)).toBe(true);
    await prober.close();
  });

  it('is bounded where a monitor asks for no interval at all', async () => {
    const clock = createManualClock(0);
    const { prober, target, start } = proberOver(clock);
    prober.watch([tcp('a', { intervalMs: 0 })]);
    start();
    await clock.advance(1000);
    expect(target.startsOf('a').length).toBeLessThanOrEqual(12);
    await prober.close();
    expect(clock.pending()).toBe(0);
  });
});

describe('flights', () => {
  it('are one at a time for a monitor, and a late one is followed at once by the one that waited', async () => {
    const clock = createManualClock(0);
    const { prober, target, start } = proberOver(clock);
    target.durationMs = 2500;
    prober.watch([tcp('a', { intervalMs: 1000, timeoutMs: 5000 })]);
    start();
    await clock.advance(20_000);
    expect(target.mostAtOnce).toBe(1);
    expect(gaps(target.startsOf('a')).every((gap) => gap === 2500)).toBe(true);
    await prober.close();
  });

  it('are bounded over all monitors, and none is lost', async () => {
    const clock = createManualClock(0);
    const { prober, target, results, start } = proberOver(clock, { concurrency: 7 });
    target.durationMs = 50;
    prober.watch(Array.from({ length: 100 }, (_, i) => tcp(`m${i}`, { intervalMs: 60_000 })));
    start();
    await clock.advance(1000);
    expect(target.mostAtOnce).toBe(7);
    expect(new Set(results.map((result) => result.monitor)).size).toBe(100);
    await prober.close();
  });

  it('that wait for their turn stand for all that came due meanwhile', async () => {
    const clock = createManualClock(0);
    const starts = new Map<string, number>();
    const prober = createProber({
      clock,
      concurrency: 1,
      jitter: () => 0.5,
      probes: {
        async tcp({ id }) {
          starts.set(id, (starts.get(id) ?? 0) + 1);
          if (id.startsWith('slow')) {
            await new Promise<void>((resolve) => {
              clock.after(25_000, resolve);
            });
          }
          return SUCCESS;
        },
      },
    });
    // As many slow ones as there is room for.
    const slow = Array.from({ length: 16 }, (_, i) => tcp(`slow${i}`, { intervalMs: 600_000, timeoutMs: 60_000 }));
    prober.watch([...slow, ...Array.from({ length: 50 }, (_, i) => tcp(`m${i}`))]);
    prober.start(() => undefined);
    await clock.advance(24_999);
    expect([...starts.keys()]).toEqual(slow.map(({ id }) => id));
    await clock.advance(1);
    const others = [...starts].filter(([id]) => id.startsWith('m'));
    expect(others).toHaveLength(50);
    expect(others.every(([, count]) => count === 1)).toBe(true);
    await prober.close();
  });

  it('that only wait for silent servers leave room for the others', async () => {
    const clock = createManualClock(0);
    const begun = new Map<string, number>();
    const lateness: number[] = [];
    const prober = createProber({
      clock,
      concurrency: 10,
      jitter: () => 0.5,
      onStart: (lateMs) => lateness.push(lateMs),
      probes: {
        async tcp({ id }, { signal }) {
          begun.set(id, (begun.get(id) ?? 0) + 1);
          if (!id.startsWith('dead')) return SUCCESS;
          await new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => resolve(), { once: true });
          });
          return SUCCESS;
        },
      },
    });
    // 100 dead ones of 3 s each are 30 s of flights in 10 s: three times what ten can hold.
    prober.watch(Array.from({ length: 200 }, (_, i) => tcp(`${i % 2 === 0 ? 'dead' : 'well'}${i}`)));
    prober.start(() => undefined);
    await clock.advance(20_000);
    lateness.length = 0;
    begun.clear();
    await clock.advance(30_000);
    expect(begun.size).toBe(200);
    expect([...begun.values()].every((count) => count >= 2)).toBe(true);
    expect(Math.max(...lateness)).toBeLessThanOrEqual(500);
    await prober.close();
  });
});

describe('confirmations', () => {
  const RETRIED = { ...AT_ONCE, retryMs: 1000 };

  /** Monitors that succeed until `dies`; `starts` of each from then on. */
  function dyingWorld(count: number, dies: number, given: Partial<Monitor> = {}) {
    const clock = createManualClock(0);
    const starts = new Map<string, number[]>();
    const prober = createProber({
      clock,
      jitter: () => 0.5,
      probes: {
        async tcp({ id }) {
          if (clock.now() < dies) return SUCCESS;
          starts.set(id, [...(starts.get(id) ?? []), clock.now()]);
          return failed('refused', '');
        },
      },
    });
    prober.watch(Array.from({ length: count }, (_, i) => tcp(`m${i}`, { judgement: RETRIED, fall: 3, ...given })));
    prober.start(() => undefined);
    return { clock, prober, starts };
  }

  it('come after a failure of what is up until the verdict, and leave the rhythm alone', async () => {
    const { clock, prober, starts } = dyingWorld(1, 35_000);
    await clock.advance(80_000);
    const [first = 0, ...rest] = starts.get('m0') ?? [];
    expect(rest.slice(0, 4).map((at) => at - first)).toEqual([1000, 2000, 10_000, 20_000]);
    await prober.close();
    expect(clock.pending()).toBe(0);
  });

  it('are made of nothing that was never up', async () => {
    const { clock, prober, starts } = dyingWorld(1, 0);
    await clock.advance(60_000);
    expect(gaps(starts.get('m0') ?? []).every((gap) => gap > 1000.1)).toBe(true);
    await prober.close();
  });

  it('do not come in the place of a usual probe that is as soon', async () => {
    const { clock, prober, starts } = dyingWorld(1, 35_000, { judgement: { ...AT_ONCE, retryMs: 60_000 } });
    await clock.advance(100_000);
    expect(new Set(gaps(starts.get('m0') ?? []).map(Math.round))).toEqual(new Set([10_000]));
    await prober.close();
  });

  it('of very many are a tenth of the usual probes at most', async () => {
    const { clock, prober, starts } = dyingWorld(2000, 35_000, { fall: 100 });
    await clock.advance(65_000);
    // 200 a second for 30 s, and a tenth of that; a burst of 20 besides.
    const count = [...starts.values()].flat().length;
    expect(count).toBeGreaterThan(6000 + 500);
    expect(count).toBeLessThanOrEqual(6000 + 600 + 20 + 5);
    await prober.close();
  });

  it('end with the monitor', async () => {
    const { clock, prober, starts } = dyingWorld(1, 35_000);
    while (starts.size === 0) await clock.advance(100);
    prober.watch([]);
    await clock.advance(30_000);
    expect(starts.get('m0')).toHaveLength(1);
    await prober.close();
  });
});
