import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../../src/core/desired/model.ts';
import type { ProbeResult } from '../../../src/core/health/monitor-health.ts';
import { SUCCESS } from '../../../src/prober/probe.ts';
import { createProber } from '../../../src/prober/prober.ts';
import { JITTER_SHARE, MAX_JITTER_MS } from '../../../src/prober/rhythm.ts';
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

  it('leaves out what was missed while the process stood still, without a storm', async () => {
    const clock = createManualClock(0);
    const { prober, target, start } = proberOver(clock);
    const monitors = Array.from({ length: 50 }, (_, i) => tcp(`m${i}`));
    prober.watch(monitors);
    start();
    await clock.advance(10_000);
    const count = (): number => monitors.reduce((sum, { id }) => sum + target.startsOf(id).length, 0);
    const before = count();
    clock.setWall(clock.now() + 3_600_000);
    await clock.advance(1000);
    expect(count() - before).toBeLessThanOrEqual(7);
    await clock.advance(10_500);
    expect(count() - before).toBeGreaterThanOrEqual(50);
    expect(count() - before).toBeLessThanOrEqual(62);
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
});
