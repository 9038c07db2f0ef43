/** How much work drills make, counted: for many hostnames each of it holds all that goes on beside. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DrillSpec } from '../../../../src/core/drill/drill.ts';
import { createDrillBook } from '../../../../src/core/drill/drill-book.ts';
import { UNSEEN } from '../../../../src/core/health/judge.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { MODEL } from '../../admin/director-fixture.ts';
import { createDrillsWorld, type DrillsWorld, PLAN, PROBE_MS, START, specOf, WITHOUT_EU } from './world.ts';

const HOUR_MS = 3_600_000;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

describe('in the director', () => {
  let world: DrillsWorld;
  /** Told after each publication. */
  let onSnapshot = (): void => {};

  beforeEach(async () => {
    onSnapshot = () => {};
    world = await createDrillsWorld({ onStart: () => () => onSnapshot() });
  });
  afterEach(() => world.close());

  const start = (parts: Partial<DrillSpec>) => world.director().drills.start(specOf(parts), 'ops', 'forced');
  const running = (): number =>
    world
      .director()
      .drills.list()
      .filter(({ state }) => state === 'running').length;

  it('drills that are due together begin in a turn each, all of them in time', async () => {
    const startAt = world.clock.now() + HOUR_MS;
    for (const name of NAMES) expect(await start({ name, startAt })).toBe('done');
    let [before, inTurn, most] = [0, 0, 0];
    onSnapshot = () => {
      // Not before the turn is over.
      queueMicrotask(() => {
        inTurn = 0;
      });
      inTurn += running() - before;
      before = running();
      most = Math.max(most, inTurn);
    };
    await world.clock.advance(HOUR_MS + 100);
    expect(running()).toBe(NAMES.length);
    expect(most).toBe(1);
    for (const name of NAMES) {
      expect(world.drill(name)?.timeline).toContainEqual({ at: startAt, kind: 'begun', detail: '100 %' });
    }
  });

  it('what is asked for at once runs when that is acknowledged, whoever else is due', async () => {
    const startAt = world.clock.now() + HOUR_MS;
    for (const name of NAMES) expect(await start({ name, startAt })).toBe('done');
    world.clock.setWall(startAt + 1_000);
    expect(await start({ name: 'now' })).toBe('done');
    expect(world.drill('now')?.state).toBe('running');
    expect(running()).toBe(1);
    await world.clock.advance(100);
    expect(running()).toBe(NAMES.length + 1);
  });

  it('looks that find nothing new leave the model what it is, and with it what was laid over it', async () => {
    await start({});
    const before = world.director().snapshot();
    world.kill('us');
    world.director().drillBook.note('d', { at: world.clock.now(), kind: 'decided', detail: 'other answers' });
    await world.clock.advance(4 * PROBE_MS);
    const after = world.director().snapshot();
    expect(world.shares()).toEqual({ jp: 100 });
    expect(after.version).not.toBe(before.version);
    expect(after.model).toBe(before.model);
    world.revive('us');
    await world.clock.advance(4 * PROBE_MS);
    expect(world.shares()).toEqual(WITHOUT_EU);
  });
});

describe('a book by itself', () => {
  /** A drill of all clusters that runs, where each look at the world takes so many ms. */
  async function bookWith({ spec, lookMs }: { readonly spec: Partial<DrillSpec>; readonly lookMs: number }) {
    const clock = createManualClock(START);
    const asked = { world: 0, model: 0 };
    let spent = 0;
    const up = { ...UNSEEN, state: 'up' } as const;
    const health = new Map(MODEL.monitors.map(({ id }) => [id, up] as const));
    const book = createDrillBook({
      clock: { ...clock, steady: () => clock.steady!() + spent },
      declaration: {},
      model() {
        asked.model += 1;
        return MODEL;
      },
      world() {
        asked.world += 1;
        spent += lookMs;
        return { model: MODEL, health, loads: new Map(), now: clock.now(), laidAt: clock.now(), version: 1 };
      },
      save: async () => undefined,
      onDue: () => undefined,
      onChange: () => undefined,
    });
    const abort = { noEndpoint: 'go-on', capacity: 'go-on', healthyShare: 0, monitors: [] } as const;
    const whole = specOf({ scope: { clusters: ['*'] }, lengthMs: 10 * HOUR_MS, abort, ...spec });
    expect(await book.start(whole, 'ops', () => PLAN)).toBe('done');
    await clock.advance(0);
    expect(book.list()[0]?.state).toBe('running');
    const fall = (id: string): void => {
      const monitor = MODEL.monitors.find((one) => one.id === id)!;
      book.onStateChange({ monitor, before: up, after: { ...UNSEEN, state: 'down' } });
    };
    return { book, clock, asked, fall };
  }

  it('does not work out whom a drill fails for each monitor that changes', async () => {
    const { book, asked, fall } = await bookWith({ spec: { action: { kind: 'fail' } }, lookMs: 0 });
    const [first, ...others] = book.effects().failing;
    expect(others.length).toBeGreaterThan(0);
    fall(first!);
    expect(book.list()[0]?.timeline.map(({ kind }) => kind)).toEqual(['planned', 'begun', 'detected']);
    asked.model = 0;
    for (const id of others) fall(id);
    expect(asked.model).toBe(0);
    book.close();
  });

  it('looks at what runs within a second when a monitor falls, though looks take long', async () => {
    const { book, clock, asked, fall } = await bookWith({ spec: {}, lookMs: 200 });
    await clock.advance(5_000);
    for (let round = 0; round < 5; round++) {
      // A look has just been: the next one is four seconds away.
      asked.world = 0;
      while (asked.world === 0) await clock.advance(1);
      await clock.advance(1_500);
      expect(asked.world).toBe(1);
      fall(MODEL.monitors[0]!.id);
      await clock.advance(1_000);
      expect(asked.world).toBe(2);
    }
    book.close();
  });

  it('spends at most a fifth of the time on it, however many fall', async () => {
    const { book, clock, asked, fall } = await bookWith({ spec: {}, lookMs: 1_000 });
    await clock.advance(30_000);
    asked.world = 0;
    for (let ms = 0; ms < 40_000; ms += 100) {
      fall(MODEL.monitors[0]!.id);
      await clock.advance(100);
    }
    // Four seconds of rest after each; a second of a look is no time of this clock.
    expect(asked.world).toBeGreaterThanOrEqual(8);
    expect(asked.world).toBeLessThanOrEqual(11);
    book.close();
  });
});
