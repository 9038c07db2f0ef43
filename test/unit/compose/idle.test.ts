import { describe, expect, it } from 'vitest';
import { idleStage } from '../../../src/compose/idle.ts';
import { asked, type Drill } from '../../../src/core/drill/drill.ts';
import { createIdleBook } from '../../../src/core/health/idle-book.ts';
import type { PaceChange } from '../../../src/core/health/pace.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createDirectorFixture } from '../admin/director-fixture.ts';
import { specOf } from '../core/drill/world.ts';

const IDLE = { monitor: 'eu', pace: 'idle', intervalMs: 60_000 } as const;
const ASKED = { monitor: 'eu', pace: 'own', next: 'at-once' } as const;
const HOUR_MS = 3_600_000;

/** The stage over a director that stands still: its one monitor that is up is `eu`, of `shop`, with a TTL of 30 s. */
async function createWorld(drills: () => readonly Drill[] = () => []) {
  const clock = createManualClock(0);
  const { director } = createDirectorFixture();
  let [stood, count] = [0, 0];
  const told = { director: [] as PaceChange[], prober: [] as PaceChange[] };
  const [stage] = idleStage({
    idle: createIdleBook({ afterMs: 90_000, intervalMs: 60_000 }),
    director: {
      ...director,
      drills: { ...director.drills, list: drills },
      onPace: (changes) => void told.director.push(...changes),
    },
    prober: { pace: (changes) => void told.prober.push(...changes) },
    counting: { asked: () => ({ ofName: (hostname) => (hostname === 'shop.gslb.example' ? count : 0) }) },
    edges: { clock: { ...clock, steady: () => (clock.steady?.() ?? 0) + stood } },
  });
  await stage!.start();
  return {
    clock,
    stage: stage!,
    told,
    ask() {
      count += 1;
    },
    /** Time goes by and no timer fires. */
    standStill(ms: number) {
      stood += ms;
    },
  };
}

describe('the look at what is asked for', () => {
  it('tells director and prober alike, a second after somebody asks', async () => {
    const world = await createWorld();
    const { clock, stage, told } = world;
    await clock.advance(119_000);
    expect(told.prober).toEqual([]);
    await clock.advance(1_000);
    expect(told).toEqual({ director: [IDLE], prober: [IDLE] });
    world.ask();
    await clock.advance(1_000);
    expect(told).toEqual({ director: [IDLE, ASKED], prober: [IDLE, ASKED] });
    await stage.stop?.();
    expect(clock.pending()).toBe(0);
  });

  it('wakes what a drill is about, and keeps it awake until nothing of the drill is left', async () => {
    let drills: readonly Drill[] = [];
    const world = await createWorld(() => drills);
    const { clock, stage, told } = world;
    await clock.advance(120_000);
    expect(told.prober).toEqual([IDLE]);
    drills = [{ ...asked(specOf({ scope: { hostnames: ['shop.*'] } }), 0, 'ops'), state: 'running' }];
    await clock.advance(1_000);
    expect(told.prober).toEqual([IDLE, ASKED]);
    await clock.advance(600_000);
    drills = drills.map((drill) => ({ ...drill, state: 'over' }));
    expect(told.prober).toEqual([IDLE, ASKED]);
    await clock.advance(121_000);
    expect(told.prober).toEqual([IDLE, ASKED, IDLE]);
    await stage.stop?.();
  });

  it('takes no pause of the process for silence: nobody could ask', async () => {
    const world = await createWorld();
    const { clock, stage, told } = world;
    await clock.advance(10_000);
    world.standStill(HOUR_MS);
    await clock.advance(60_000);
    expect(told.prober).toEqual([]);
    await clock.advance(50_000);
    expect(told.prober).toEqual([IDLE]);
    await stage.stop?.();
  });

  it('is no stage at all where nobody asked for it', () => {
    const { director } = createDirectorFixture();
    const rooms = { director: { ...director, onPace: () => undefined }, prober: { pace: () => undefined } };
    const edges = { clock: createManualClock(0) };
    expect(idleStage({ idle: undefined, ...rooms, counting: { asked: () => ({ ofName: () => 0 }) }, edges })).toEqual(
      [],
    );
  });
});
