import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../../src/core/desired/model.ts';
import type { PaceChange } from '../../../src/core/health/pace.ts';
import { createCalls } from '../../../src/prober/calls.ts';
import { JITTER_SHARE, MAX_JITTER_MS } from '../../../src/prober/rhythm.ts';
import { createSchedule } from '../../../src/prober/schedule.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { monitorOf } from './probe-once.ts';

const OWN_MS = 10_000;
const IDLE_MS = 60_000;

const tcp = (id: string, given: Partial<Monitor> = {}): Monitor =>
  monitorOf({ protocol: 'tcp', address: '192.0.2.1', port: 1, id, intervalMs: OWN_MS, timeoutMs: 3000, ...given });

const idle = (monitor: string): PaceChange => ({ monitor, pace: 'idle', intervalMs: IDLE_MS });
const asked = (monitor: string): PaceChange => ({ monitor, pace: 'own', next: 'at-once' });
const watched = (monitor: string): PaceChange => ({ monitor, pace: 'own', next: 'within-interval' });

/** A schedule whose flights take `flightMs` of the clock. */
function createWorld(count: number, given: { flightMs?: number; jitter?: () => number } = {}) {
  const clock = createManualClock(0);
  const starts: { readonly id: string; readonly at: number }[] = [];
  const ids = Array.from({ length: count }, (_, i) => `m${i}`);
  const schedule = createSchedule({
    clock,
    concurrency: 10_000,
    jitter: given.jitter ?? (() => 0.5),
    async fly({ id }, { signal }) {
      starts.push({ id, at: clock.now() });
      const { flightMs = 0 } = given;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (flightMs === 0) resolve();
        else clock.after(flightMs, resolve);
      });
      return 'success';
    },
  });
  const watch = (all: readonly string[]): void => schedule.replace(all.map((id) => tcp(id)));
  watch(ids);
  schedule.start();
  return {
    clock,
    schedule,
    ids,
    watch,
    /** When these began from that moment on. */
    since: (from: number, id?: string) =>
      starts.filter((start) => start.at > from && (id === undefined || start.id === id)).map(({ at }) => at),
  };
}

/** How many began in each second. */
function bySecond(times: readonly number[], from: number, seconds: number): readonly number[] {
  const counts = Array.from({ length: seconds }, () => 0);
  for (const at of times) counts[Math.floor((at - from) / 1000)]! += 1;
  return counts;
}

const gaps = (times: readonly number[]): readonly number[] => times.slice(1).map((at, i) => at - times[i]!);

describe('the pace of a monitor', () => {
  it('is another interval from the next slot on, and leaves all others alone', async () => {
    const { clock, schedule, since } = createWorld(2);
    await clock.advance(25_000);
    schedule.pace([idle('m0')]);
    await clock.advance(300_000);
    const slow = since(25_000, 'm0');
    expect(slow).toHaveLength(5);
    expect(slow[0]).toBeLessThanOrEqual(25_000 + IDLE_MS);
    expect(gaps(slow).map(Math.round)).toEqual([IDLE_MS, IDLE_MS, IDLE_MS, IDLE_MS]);
    expect(new Set(gaps(since(0, 'm1')).slice(1).map(Math.round))).toEqual(new Set([OWN_MS]));
    await schedule.close();
    expect(clock.pending()).toBe(0);
  });

  it('of many who become idle together is spread over their interval', async () => {
    const { clock, schedule, ids, since } = createWorld(600);
    await clock.advance(25_000);
    schedule.pace(ids.map(idle));
    await clock.advance(120_000);
    const perSecond = bySecond(since(25_000), 25_000, 121);
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(13);
    expect(Math.min(...perSecond.slice(0, 120))).toBeGreaterThanOrEqual(7);
    await schedule.close();
  });

  it('is its own again, beginning at once, where somebody asks', async () => {
    const { clock, schedule, since } = createWorld(3);
    await clock.advance(25_000);
    schedule.pace([idle('m0')]);
    await clock.advance(70_000);
    schedule.pace([asked('m0')]);
    await clock.advance(60_000);
    const [first, ...rest] = since(94_999, 'm0');
    expect(first).toBe(95_000);
    expect(rest[0]! - first!).toBeLessThanOrEqual(OWN_MS);
    expect(gaps(rest).every((gap) => Math.abs(gap - OWN_MS) < 0.001)).toBe(true);
    await schedule.close();
  });

  it('is its own again within that interval, where nobody does', async () => {
    const { clock, schedule, ids, since } = createWorld(600);
    await clock.advance(25_000);
    schedule.pace(ids.map(idle));
    await clock.advance(5_000);
    schedule.pace(ids.map(watched));
    await clock.advance(OWN_MS);
    const times = since(30_000);
    expect(times.length).toBeGreaterThanOrEqual(600);
    for (const id of ids) expect(since(30_000, id).length).toBeGreaterThanOrEqual(1);
    // As spread as ever, beside those that an idle slot made a little early.
    expect(Math.max(...bySecond(times, 30_000, 11))).toBeLessThanOrEqual(90);
    await schedule.close();
  });

  it('of a thousand that are asked for together is no storm, and keeps nobody waiting', async () => {
    const { clock, schedule, ids, since } = createWorld(2000);
    await clock.advance(25_000);
    const half = ids.slice(0, 1000);
    schedule.pace(half.map(idle));
    await clock.advance(30_000);
    schedule.pace(half.map(asked));
    await clock.advance(OWN_MS);
    const perSecond = bySecond(since(55_000), 55_000, 11);
    // 100 a second of those who were never idle, 200 that were called, and from then on their own again.
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(430);
    for (const id of half) expect(since(54_999, id)[0]).toBeLessThanOrEqual(55_000 + 5_000);
    await schedule.close();
  });

  it('is asked for again at the end of a flight that is under way', async () => {
    const { clock, schedule, since } = createWorld(1, { flightMs: 4_000 });
    await clock.advance(25_000);
    schedule.pace([idle('m0')]);
    await clock.advance(60_000);
    const [last = 0] = since(25_000, 'm0');
    await clock.advance(last + IDLE_MS + 1000 - clock.now());
    schedule.pace([asked('m0')]);
    await clock.advance(5_000);
    expect(since(last, 'm0').slice(0, 2)).toEqual([last + IDLE_MS, last + IDLE_MS + 4_000]);
    await schedule.close();
  });

  it('stays over a change of the others, and ends with the monitor', async () => {
    const { clock, schedule, watch, since } = createWorld(2);
    await clock.advance(25_000);
    schedule.pace([idle('m0'), idle('m1'), idle('nobody')]);
    watch(['m0', 'm2']);
    watch(['m0', 'm1', 'm2']);
    await clock.advance(120_000);
    expect(since(25_000, 'm0')).toHaveLength(2);
    expect(since(25_000, 'm1').length).toBeGreaterThanOrEqual(12);
    await schedule.close();
    schedule.pace([asked('m0')]);
    expect(clock.pending()).toBe(0);
  });

  it('never lets a gap be longer than the interval in force when it began, or when it changed', async () => {
    const change = fc.record({
      afterMs: fc.integer({ min: 1, max: 90_000 }),
      to: fc.constantFrom(idle, asked, watched),
    });
    const jitter = fc.double({ min: 0, max: 0.999_999, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), jitter, async (changes, share) => {
        const { clock, schedule, since } = createWorld(3, { jitter: () => share });
        let [intervalMs, from] = [OWN_MS, 0];
        const check = (): void => {
          const latest = Math.max(from, ...since(-1, 'm0'));
          const slack = 2 * Math.min(JITTER_SHARE * intervalMs, MAX_JITTER_MS) + 1;
          expect(clock.now() - latest).toBeLessThanOrEqual(intervalMs + slack);
        };
        for (const { afterMs, to } of changes) {
          await clock.advance(afterMs);
          check();
          const next = to('m0');
          schedule.pace([next]);
          [intervalMs, from] = [next.pace === 'idle' ? IDLE_MS : OWN_MS, clock.now()];
        }
        await clock.advance(2 * IDLE_MS);
        check();
        await schedule.close();
        expect(clock.pending()).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});

describe('calls', () => {
  it('are at once for a few, then one after the other at the usual rate', () => {
    const calls = createCalls();
    calls.refill(2000);
    const times = Array.from({ length: 1010 }, () => calls.next(5_000));
    expect(times.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 5_000));
    expect(times.at(-1)).toBeCloseTo(5_500, 5);
    expect(calls.next(60_000)).toBe(60_000);
  });

  it('are a hundred a second where that is less', () => {
    const calls = createCalls();
    calls.refill(1);
    const times = Array.from({ length: 110 }, () => calls.next(0));
    expect(times.at(-1)).toBeCloseTo(1000, 5);
  });
});
