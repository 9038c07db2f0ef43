import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDrillRecorder, type DrillRecorder } from '../../../src/compose/drills.ts';
import type { Drill, DrillSpec } from '../../../src/core/drill/drill.ts';
import { ALIKE, createDrillsWorld, type DrillsWorld, PROBE_MS, specOf, WITHOUT_EU } from '../core/drill/world.ts';

/** The director looks at what runs each second, in ms. */
const LOOK_MS = 1_000;

let world: DrillsWorld;
let recorder: DrillRecorder | undefined;

beforeEach(async () => {
  world = await createDrillsWorld({
    onStart(director, clock) {
      recorder?.close();
      recorder = createDrillRecorder({ director, clock, counts: () => ({ clusters: [] }), onLook: () => undefined });
      const filming = recorder;
      return (snapshot) => filming.onSnapshot(snapshot);
    },
  });
});
afterEach(() => {
  recorder?.close();
  world.close();
});

function start(parts: Partial<DrillSpec> = {}) {
  return world.director().drills.start(specOf(parts), 'ops', 'forced');
}

/** The entry of the timeline of a drill, without the number of the snapshot. */
function recovered(name = 'd'): string | undefined {
  const drill: Drill | undefined = world.drill(name);
  return drill?.timeline.find(({ kind }) => kind === 'recovered')?.detail.replace(/, snapshot \d+$/, '');
}

describe('that the answers recovered', () => {
  it('is told when they are what they were, however a drill ended', async () => {
    await start({ name: 'stopped' });
    await world.director().drills.stop('stopped', 'ops');
    await start({ name: 'completed', lengthMs: 5_000 });
    await world.clock.advance(5_000 + LOOK_MS);
    await start({ name: 'failed', action: { kind: 'fail' }, lengthMs: 40_000 });
    await world.clock.advance(40_000 + 3 * PROBE_MS);
    expect(world.shares()).toEqual(ALIKE);
    for (const name of ['stopped', 'completed', 'failed']) expect(recovered(name), name).toBe('the answers of before');
  });

  it('is told of two that overlapped, of each when nothing of it is left', async () => {
    await start({ name: 'first', lengthMs: 20_000 });
    await world.clock.advance(10_000);
    await start({ name: 'second', scope: { clusters: ['us'] }, lengthMs: 30_000 });
    await world.clock.advance(10_000 + LOOK_MS);
    expect(world.drill('first')?.state).toBe('over');
    expect(recovered('first')).toBe('the answers are as without it');
    expect(recovered('second')).toBeUndefined();
    await world.clock.advance(20_000);
    expect(world.shares()).toEqual(ALIKE);
    expect(recovered('second')).toBe('the answers are as without it');
  });

  it('is told of one that was interrupted, once nothing of it is left', async () => {
    await start({ action: { kind: 'fail' } });
    await world.clock.advance(4 * PROBE_MS);
    expect(world.shares()).toEqual(WITHOUT_EU);
    await world.restart();
    await world.clock.advance(2 * LOOK_MS);
    expect(world.drill('d')).toMatchObject({ state: 'over', end: { kind: 'interrupted' } });
    expect(recovered()).toBe('the answers are as without it');
    const { timeline } = world.drill('d')!;
    await world.restart();
    await world.clock.advance(2 * LOOK_MS);
    expect(world.drill('d')?.timeline).toEqual(timeline);
  });

  it('is told of none that changed no answers, or whose changes were not its own', async () => {
    await start({ name: 'quick', action: { kind: 'fail' }, lengthMs: 2_000 });
    await start({ name: 'blind', action: { kind: 'blind' }, lengthMs: 60_000 });
    world.kill('us');
    await world.clock.advance(60_000 + 3 * PROBE_MS);
    expect(world.drill('quick')?.state).toBe('over');
    expect(world.drill('blind')?.timeline.map(({ kind }) => kind)).toContain('decided');
    expect([recovered('quick'), recovered('blind')]).toEqual([undefined, undefined]);
  });
});
