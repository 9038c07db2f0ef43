import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Override } from '../../src/core/orders/override.ts';
import { ALIKE, createDrillsWorld, type DrillsWorld, START, WITHOUT_EU } from './core/drill/world.ts';

const HOUR_MS = 3_600_000;
/** By then the wall clock is looked at again, in ms: nobody waits longer for a time that is set by it. */
const LOOK_AGAIN_MS = 60_000;

let world: DrillsWorld;

beforeEach(async () => {
  world = await createDrillsWorld();
});
afterEach(() => world.close());

function drain(times: Pick<Override, 'from' | 'until'>): Promise<unknown> {
  const order = { name: 'out', scope: { clusters: ['eu'] }, action: { kind: 'drain' }, at: START, ...times } as const;
  return world.director().orders.put({ ...order, reason: 'test', by: 'ops' }, 'guarded');
}

describe('a wall clock that is set ahead', () => {
  it('lets an override begin that is due by it, and end', async () => {
    expect(await drain({ from: START + HOUR_MS, until: START + 3 * HOUR_MS })).toBe('done');
    await world.clock.advance(1_000);
    expect(world.shares()).toEqual(ALIKE);
    world.clock.setWall(START + 2 * HOUR_MS);
    await world.clock.advance(LOOK_AGAIN_MS + 100);
    expect(world.shares()).toEqual(WITHOUT_EU);
    world.clock.setWall(START + 4 * HOUR_MS);
    await world.clock.advance(LOOK_AGAIN_MS + 100);
    expect(world.shares()).toEqual(ALIKE);
    expect(world.director().overrides().size).toBe(0);
  });
});

describe('a wall clock that is set back', () => {
  it('lets an override last until its time by it', async () => {
    expect(await drain({ until: START + HOUR_MS })).toBe('done');
    world.clock.setWall(START - HOUR_MS);
    await world.clock.advance(HOUR_MS + LOOK_AGAIN_MS);
    expect(world.shares()).toEqual(WITHOUT_EU);
    await world.clock.advance(HOUR_MS);
    expect(world.shares()).toEqual(ALIKE);
  });
});

describe.each([-5, 5])('a wall clock that is set by %d hours', (hours) => {
  it('moves no rollout: its steps last as long as they are said to', async () => {
    const { rollouts } = world.director();
    const plan = { kind: 'canary', steps: [50, 100], dwellMs: HOUR_MS, rollbackAfterMs: HOUR_MS } as const;
    const spec = {
      name: 'r',
      from: ['eu'],
      to: ['us'],
      plan: { ...plan, monitors: [], endpoints: 'must-be-up' },
    } as const;
    expect(await rollouts.start(spec, 'ops')).toBe('done');
    const step = (): number | undefined => rollouts.list().at(0)?.rollout.step;
    await world.clock.advance(HOUR_MS / 2);
    world.clock.setWall(world.clock.now() + hours * HOUR_MS);
    await world.clock.advance(HOUR_MS / 2 - 1_000);
    expect(step()).toBe(0);
    await world.clock.advance(1_100);
    expect(step()).toBe(1);
  });
});
