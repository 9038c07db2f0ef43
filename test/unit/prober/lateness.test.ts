import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../../src/core/desired/model.ts';
import { createSchedule } from '../../../src/prober/schedule.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { monitorOf } from './probe-once.ts';

const tcp = (id: string, given: Partial<Monitor> = {}): Monitor =>
  monitorOf({ protocol: 'tcp', address: '192.0.2.1', port: 1, id, intervalMs: 10_000, timeoutMs: 3000, ...given });

const monitorsOf = (count: number, given: Partial<Monitor> = {}): readonly Monitor[] =>
  Array.from({ length: count }, (_, i) => tcp(`m${i}`, given));

/** A schedule in a process that can stand still: time goes by and no timer fires. Flights last `flightMs`. */
function createWorld(given: { flightMs?: number; concurrency?: number } = {}) {
  const clock = createManualClock(0);
  let lateness: number[] = [];
  let missed = 0;
  let stood = 0;
  const steady = (): number => (clock.steady?.() ?? 0) + stood;
  const schedule = createSchedule({
    clock: { ...clock, steady },
    concurrency: given.concurrency ?? 256,
    jitter: () => 0.5,
    onStart: (lateMs) => lateness.push(lateMs),
    onMissed: (slots) => {
      missed += slots;
    },
    async fly(_, { signal }) {
      const { flightMs = 0 } = given;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (flightMs === 0) resolve();
        else clock.after(flightMs, resolve);
      });
      return 'success';
    },
  });
  return {
    schedule,
    run: (ms: number) => clock.advance(ms),
    steady,
    standStill(ms: number): void {
      stood += ms;
    },
    /** What was told since it was asked last. */
    told() {
      const all = { lateness, missed };
      lateness = [];
      missed = 0;
      return all;
    },
    begin(monitors: readonly Monitor[]): void {
      schedule.replace(monitors);
      schedule.start();
    },
  };
}

const share = (lateness: readonly number[], overMs: number): number =>
  lateness.filter((late) => late > overMs).length / lateness.length;

describe('lateness', () => {
  it('is none while all goes well', async () => {
    const world = createWorld();
    world.begin(monitorsOf(100));
    await world.run(60_000);
    const { lateness, missed } = world.told();
    expect(lateness.length).toBeGreaterThanOrEqual(600);
    expect(Math.max(...lateness)).toBeLessThan(1);
    expect(missed).toBe(0);
    await world.schedule.close();
  });

  it('shows a process that stands still most of the time, and what was left out', async () => {
    const world = createWorld();
    world.begin(monitorsOf(10, { intervalMs: 1000, timeoutMs: 500 }));
    await world.run(5000);
    world.told();
    for (let round = 0; round < 20; round++) {
      world.standStill(2000);
      await world.run(500);
    }
    const { lateness, missed } = world.told();
    // 50 s, one slot a second each.
    expect(lateness.length + missed).toBeGreaterThanOrEqual(490);
    expect(missed).toBeGreaterThanOrEqual(250);
    expect(share(lateness, 1000)).toBeGreaterThan(0.5);
    await world.schedule.close();
  });

  it('of what was put off counts from when it was first due', async () => {
    const world = createWorld();
    world.begin([tcp('a', { intervalMs: 60_000 })]);
    await world.run(60_000);
    world.told();
    world.standStill(4000);
    await world.run(50_000);
    const { lateness, missed } = world.told();
    // Four seconds late when it was looked at, and put off by as much again.
    expect(lateness.map(Math.round)).toEqual([8000]);
    expect(missed).toBe(0);
    await world.schedule.close();
  });

  it('of who is first again after slots that were left out counts from the first of them', async () => {
    const world = createWorld();
    world.begin(monitorsOf(50));
    await world.run(30_000);
    world.told();
    world.standStill(60_000);
    await world.run(11_000);
    const { lateness, missed } = world.told();
    const late = lateness.filter((lateMs) => lateMs >= 1);
    expect(late).toHaveLength(50);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(59_999);
    expect(Math.max(...late)).toBeLessThanOrEqual(70_001);
    // Six slots of each were over, or seven.
    expect(missed).toBeGreaterThanOrEqual(50 * 6);
    expect(missed).toBeLessThanOrEqual(50 * 7);
    await world.run(10_000);
    expect(Math.max(...world.told().lateness)).toBeLessThan(1);
    await world.schedule.close();
  });

  it('and what is left out are all slots that there were, whatever happens to the process', async () => {
    const event = fc.record({ standMs: fc.integer({ min: 0, max: 30_000 }), runMs: fc.integer({ min: 1, max: 8000 }) });
    const property = fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 100, max: 20_000 }),
      async (events, intervalMs) => {
        const world = createWorld();
        const count = 5;
        world.begin(monitorsOf(count, { intervalMs, timeoutMs: intervalMs }));
        for (const { standMs, runMs } of events) {
          world.standStill(standMs);
          await world.run(runMs);
        }
        await world.run(25_000);
        const { lateness, missed } = world.told();
        const slots = (count * world.steady()) / intervalMs;
        const told = lateness.length - count + missed;
        // Of each one slot may be put off, and the phase is a part of an interval.
        expect(Math.abs(told - slots)).toBeLessThanOrEqual(2 * count);
        expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
        await world.schedule.close();
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  it('counts slots for which a probe stands that still waits for room', async () => {
    // One at a time of 250 ms each: four a second, where twenty are due.
    const world = createWorld({ flightMs: 250, concurrency: 1 });
    world.begin(monitorsOf(20, { intervalMs: 1000 }));
    await world.run(30_000);
    const { lateness, missed } = world.told();
    expect(share(lateness, 1000)).toBeGreaterThan(0.9);
    expect(lateness.length + missed).toBeGreaterThan(550);
    expect(lateness.length + missed).toBeLessThan(650);
    expect(missed).toBeGreaterThan(400);
    await world.schedule.close();
  });
});

describe('lateness in the first round', () => {
  it('is none of those who wait in a queue that goes on as it should', async () => {
    // 500 a second, where 200 are usual.
    const world = createWorld({ flightMs: 100, concurrency: 50 });
    world.begin(monitorsOf(2000));
    await world.run(20_000);
    const { lateness, missed } = world.told();
    expect(lateness.length).toBeGreaterThan(2000);
    expect(Math.max(...lateness)).toBeLessThan(1);
    expect(missed).toBe(0);
    await world.schedule.close();
  });

  it('shows a round that hangs', async () => {
    // 16 at most, half a second and longer each, where 100 a second are usual.
    const world = createWorld({ flightMs: 3000, concurrency: 1 });
    world.begin(monitorsOf(1000));
    await world.run(30_000);
    const { lateness, missed } = world.told();
    expect(share(lateness, 1000)).toBeGreaterThan(0.5);
    expect(missed).toBeGreaterThan(1000);
    await world.schedule.close();
  });

  it('is none of those that come later', async () => {
    const world = createWorld();
    world.begin(monitorsOf(10));
    await world.run(60_000);
    world.told();
    world.schedule.replace([...monitorsOf(10), tcp('new')]);
    await world.run(0);
    expect(world.told()).toEqual({ lateness: [0], missed: 0 });
    await world.schedule.close();
  });
});
