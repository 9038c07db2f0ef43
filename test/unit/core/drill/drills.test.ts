import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Drill, DrillSpec } from '../../../../src/core/drill/drill.ts';
import { ALIKE, API, createDrillsWorld, type DrillsWorld, PROBE_MS, SHOP, START, specOf, WITHOUT_EU } from './world.ts';

let world: DrillsWorld;

beforeEach(async () => {
  world = await createDrillsWorld();
});
afterEach(() => world.close());

function start(parts: Partial<DrillSpec> = {}, mode: 'guarded' | 'forced' = 'guarded') {
  return world.director().drills.start(specOf(parts), 'ops', mode);
}

function kinds(drill: Drill | undefined): readonly string[] {
  return drill?.timeline.map(({ kind }) => kind) ?? [];
}

const abort = specOf().abort;

describe('a drill that drains', () => {
  it('begins at once, ends after its time and leaves nothing', async () => {
    expect(world.shares()).toEqual(ALIKE);
    expect(await start()).toBe('done');
    expect(world.drill('d')).toMatchObject({ state: 'running', by: 'ops' });
    expect(world.shares()).toEqual(WITHOUT_EU);
    await world.clock.advance(599_000);
    expect(world.shares()).toEqual(WITHOUT_EU);
    await world.clock.advance(1_100);
    expect(world.shares()).toEqual(ALIKE);
    await world.clock.advance(1_000);
    expect(world.drill('d')).toMatchObject({ state: 'over', end: { kind: 'completed' } });
    expect(kinds(world.drill('d'))).toEqual(['planned', 'begun', 'ended', 'rolled-back']);
    expect(world.saved().get('d')).toBe(world.drill('d'));
    world.close();
    expect(world.clock.pending()).toBe(0);
  });

  it('goes by its ramp, and is over in time whatever the steps', async () => {
    await start({ ramp: { steps: [50, 75, 100], everyMs: 60_000 }, lengthMs: 150_000 });
    expect(world.shares()).toEqual({ eu: 20, jp: 40, us: 40 });
    await world.clock.advance(60_100);
    expect(world.shares()).toEqual({ eu: 11, jp: 44, us: 44 });
    await world.clock.advance(60_100);
    expect(world.shares()).toEqual(WITHOUT_EU);
    await world.clock.advance(30_000);
    expect(world.shares()).toEqual(ALIKE);
  });

  it('is in the answers from the moment at which its step is shown', async () => {
    await start({ ramp: { steps: [50, 100], everyMs: 60_000 }, lengthMs: 120_000 });
    const wanted = [{ eu: 20, jp: 40, us: 40 }, WITHOUT_EU];
    const seen = new Set<number>();
    await world.clock.advance(59_900);
    for (let ms = 0; ms < 1_300; ms++) {
      const step = world.drill('d')!.step;
      seen.add(step);
      expect(world.shares(), `${ms} ms`).toEqual(wanted[step]);
      await world.clock.advance(1);
    }
    expect([...seen]).toEqual([0, 1]);
  });

  it('begins when it is planned to, by the wall clock', async () => {
    await start({ startAt: START + 3_600_000 });
    await world.clock.advance(3_590_000);
    expect(world.drill('d')?.state).toBe('planned');
    expect(world.shares()).toEqual(ALIKE);
    await world.clock.advance(10_100);
    expect(world.drill('d')?.state).toBe('running');
    expect(world.shares()).toEqual(WITHOUT_EU);
  });

  it('is stopped by a person, and a planned one never begins then', async () => {
    await start();
    expect(await world.director().drills.stop('d', 'eve')).toBe('done');
    expect(world.shares()).toEqual(ALIKE);
    expect(world.drill('d')).toMatchObject({ state: 'over', end: { kind: 'stopped', why: 'by eve' } });
    await start({ name: 'later', startAt: START + 3_600_000 });
    await world.director().drills.stop('later', 'eve');
    await world.clock.advance(3_700_000);
    expect(kinds(world.drill('later'))).toEqual(['planned', 'ended']);
  });
});

describe('a drill that fails', () => {
  it('goes through the thresholds, and comes back through them', async () => {
    await start({ action: { kind: 'fail' } });
    expect(world.shares()).toEqual(ALIKE);
    await world.clock.advance(3 * PROBE_MS);
    expect(world.shares()).toEqual(WITHOUT_EU);
    expect(kinds(world.drill('d'))).toEqual(['planned', 'begun', 'detected']);
    await world.director().drills.stop('d', 'ops');
    expect(world.drill('d')?.state).toBe('rolling-back');
    await world.clock.advance(PROBE_MS);
    expect(world.shares()).toEqual(WITHOUT_EU);
    expect(world.drill('d')?.state).toBe('rolling-back');
    await world.clock.advance(PROBE_MS + 1100);
    expect(world.shares()).toEqual(ALIKE);
    expect(world.drill('d')?.state).toBe('over');
  });

  it('is over though its cluster fails by itself by then', async () => {
    await start({ action: { kind: 'fail' } });
    await world.clock.advance(3 * PROBE_MS);
    world.kill('eu');
    await world.director().drills.stop('d', 'ops');
    await world.clock.advance(PROBE_MS + 1100);
    expect(world.drill('d')?.state).toBe('over');
    expect(world.shares()).toEqual(WITHOUT_EU);
  });

  it('is refused where nothing but what others need is probed', async () => {
    // Of both hostnames one monitor watches each gateway only where they are alike; so they are another each here.
    const refused = await start({ action: { kind: 'fail' }, scope: { clusters: ['nowhere'] } });
    expect(refused).toMatchObject({ code: 'drill-nothing' });
  });
});

describe('a drill of a weight', () => {
  it('goes there step by step', async () => {
    await start({ action: { kind: 'weight', weight: 200 }, ramp: { steps: [50, 100], everyMs: 60_000 } });
    expect(world.shares()).toEqual({ eu: 43, jp: 29, us: 29 });
    await world.clock.advance(60_100);
    expect(world.shares()).toEqual({ eu: 50, jp: 25, us: 25 });
  });
});

describe('a drill that blinds', () => {
  it('keeps the last picture that came meanwhile, and shows it when it ends', async () => {
    await start({ action: { kind: 'blind' } });
    world.ask('eu', [API]);
    world.ask('us', [SHOP]);
    await world.clock.advance(5_000);
    expect(world.shares(API)).toEqual({ eu: 50, jp: 50 });
    expect(world.shares(SHOP)).toEqual(ALIKE);
    await world.director().drills.stop('d', 'ops');
    await world.clock.advance(100);
    expect(world.shares(SHOP)).toEqual(WITHOUT_EU);
  });
});

describe('clusters that a drill cuts off', () => {
  const cutOff = () => [...world.director().drillBook.effects().blinded];

  it('are known with the step from which each was', async () => {
    const ramp = { steps: [34, 100], everyMs: 60_000 };
    await start({ action: { kind: 'blind' }, scope: { clusters: ['*'] }, ramp, abort }, 'forced');
    const began = world.clock.now();
    // 34 % of three are one and a little: no more than that.
    expect(cutOff()).toEqual([['eu', began]]);
    await world.clock.advance(60_100);
    expect(new Map(cutOff())).toEqual(
      new Map([
        ['eu', began],
        ['jp', began + 60_000],
        ['us', began + 60_000],
      ]),
    );
    await world.director().drills.stop('d', 'ops');
    expect(cutOff()).toEqual([]);
  });
});

describe('what breaks a drill off', () => {
  it('is a hostname without anybody, and neither one that had nobody before nor a new one', async () => {
    world.ask('jp', []);
    world.ask('us', [SHOP]);
    await world.clock.advance(100);
    // Only `eu` has it, which is drained by force.
    const abortOff = { ...abort, noEndpoint: 'go-on' } as const;
    await start({ name: 'quiet', abort: abortOff }, 'forced');
    await world.clock.advance(5_000);
    expect(world.drill('quiet')?.state).toBe('running');
    await world.director().drills.stop('quiet', 'ops');
    await start({}, 'forced');
    await world.clock.advance(1_100);
    expect(world.drill('d')?.end).toEqual({
      kind: 'aborted',
      why: `no-endpoint: ${API} has no usable endpoint left`,
    });
    expect(world.shares(API)).toEqual({ eu: 100 });

    await world.clock.advance(1_100);
    const scope = { clusters: ['eu'], hostnames: ['*'], except: { hostnames: [API] } };
    expect(await start({ name: 'new', scope })).toBe('done');
    world.ask('eu', [SHOP, 'new.gslb.example']);
    await world.clock.advance(5_000);
    expect(world.drill('new')?.state).toBe('running');
  });

  it('is too small a share of usable endpoints', async () => {
    await start({ abort: { ...abort, healthyShare: 0.5 } });
    await world.clock.advance(5_000);
    expect(world.drill('d')?.state).toBe('running');
    world.kill('us');
    await world.clock.advance(4 * PROBE_MS);
    expect(world.drill('d')?.end?.why).toBe('healthy-share: 2 of 6 endpoints are usable, fewer than 50 %');
    expect(world.shares()).toEqual({ eu: 50, jp: 50 });
  });

  it('is a named monitor that is down', async () => {
    const push = (state: 'up' | 'down') => world.director().push({ name: 'errors', state, reason: '', by: 'ci' });
    push('up');
    await start({ abort: { ...abort, monitors: ['errors'] } });
    await world.clock.advance(5_000);
    expect(world.drill('d')?.state).toBe('running');
    push('down');
    await world.clock.advance(1_100);
    expect(world.drill('d')?.end).toEqual({ kind: 'aborted', why: 'monitor: errors is down' });
    expect(await start({ name: 'other', abort: { ...abort, monitors: ['errs'] } })).toMatchObject({
      code: 'monitor-unknown',
    });
  });
});

describe('the rules of safety', () => {
  it('let one of two drills run that are started at once, and know of those that are planned', async () => {
    const results = await Promise.all([start(), start({ name: 'e', scope: { clusters: ['us'] } })]);
    expect(results.map((result) => (result === 'done' ? 'done' : result.code))).toEqual(['done', 'safety-max-drills']);
    const tomorrow = START + 86_400_000;
    expect(await start({ name: 'e', startAt: tomorrow })).toBe('done');
    expect(await start({ name: 'f', startAt: tomorrow + 599_000 })).toMatchObject({ code: 'safety-max-drills' });
    expect(await start({ name: 'f', startAt: tomorrow + 600_000 })).toBe('done');
    expect(await start({ name: 'g' }, 'forced')).toBe('done');
    expect(world.drill('g')?.plan?.broken).toEqual(['max-drills']);
  });

  it('refuse to leave a hostname without a cluster', async () => {
    expect(await start({ scope: { clusters: ['*'] } })).toMatchObject({ code: 'drain-leaves-none' });
    expect(await start({ scope: { clusters: ['*'] }, action: { kind: 'fail' } })).toMatchObject({
      code: 'drain-leaves-none',
    });
  });

  it('are told with the plan, which is kept with the drill', async () => {
    const { outlook, broken } = world.director().drills.rehearse(specOf());
    expect(broken).toEqual([]);
    await start();
    expect(world.drill('d')?.plan).toMatchObject({ verdict: outlook.verdict, moved: outlook.moved, changed: 2 });
    expect(world.drill('d')?.plan?.clusters).toContainEqual({ cluster: 'eu', before: expect.closeTo(1 / 3), after: 0 });
  });
});

describe('what operators may do', () => {
  it('is refused with a reason where it makes no sense', async () => {
    const codes = async (parts: Partial<DrillSpec>): Promise<unknown> => {
      const result = await start(parts);
      return result === 'done' ? 'done' : result.code;
    };
    expect(await codes({ name: 'Not A Name' })).toBe('drill-invalid');
    expect(await codes({ scope: {} })).toBe('drill-invalid');
    expect(await codes({ lengthMs: 999 })).toBe('drill-invalid');
    expect(await codes({ lengthMs: Number.NaN })).toBe('drill-invalid');
    expect(await codes({ startAt: START + 400 * 86_400_000 })).toBe('drill-invalid');
    expect(await codes({ ramp: { steps: [50, 50, 100], everyMs: 1000 } })).toBe('drill-invalid');
    expect(await codes({ ramp: { steps: [50, 90], everyMs: 1000 } })).toBe('drill-invalid');
    expect(await codes({ ramp: { steps: [50, 100], everyMs: 600_000 } })).toBe('drill-invalid');
    expect(await codes({ action: { kind: 'weight', weight: -1 } })).toBe('drill-invalid');
    expect(await codes({ abort: { ...abort, healthyShare: 1.1 } })).toBe('drill-invalid');
    expect(await codes({ scope: { hostnames: ['nobody*'] } })).toBe('drill-nothing');
    const { drills } = world.director();
    expect(await drills.stop('nobody', 'ops')).toMatchObject({ code: 'drill-unknown' });
    expect(await drills.forget('nobody')).toMatchObject({ code: 'drill-unknown' });
    await start();
    expect(await codes({})).toBe('drill-exists');
    expect(await drills.forget('d')).toMatchObject({ code: 'drill-under-way' });
    await drills.stop('d', 'ops');
    expect(await drills.forget('d')).toBe('done');
    expect(drills.list()).toEqual([]);
    expect(world.saved().size).toBe(0);
  });

  it('is not done where it cannot be saved', async () => {
    world.disk('fails');
    expect(await start()).toMatchObject({ code: 'not-saved' });
    expect(world.shares()).toEqual(ALIKE);
    world.disk('works');
    expect(await start()).toBe('done');
    expect(world.shares()).toEqual(WITHOUT_EU);
  });
});

describe('a timeline', () => {
  it('loses nothing that is seen while an order is being saved', async () => {
    await start();
    const later = start({ name: 'e', startAt: START + 3_600_000 });
    const moment = { at: START + 50, kind: 'decided', detail: 'seen meanwhile' } as const;
    world.director().drillBook.note('d', moment);
    expect(await later).toBe('done');
    expect(world.drill('d')?.timeline).toContainEqual(moment);
    await world.clock.advance(0);
    expect(world.saved().get('d')?.timeline).toContainEqual(moment);
  });
});

describe('a restart', () => {
  it('rolls back what ran, and says so', async () => {
    await start({ action: { kind: 'fail' } });
    await world.clock.advance(3 * PROBE_MS);
    await world.restart();
    expect(world.drill('d')).toMatchObject({ end: { kind: 'interrupted' } });
    await world.clock.advance(1_100);
    expect(world.drill('d')?.state).toBe('over');
    expect(kinds(world.drill('d'))).toEqual(['planned', 'begun', 'detected', 'ended', 'rolled-back']);
    expect(world.shares()).toEqual(ALIKE);
    expect(world.saved().get('d')?.state).toBe('over');
  });

  it('begins nothing anew that may have begun, though nobody could save that', async () => {
    const { drills } = world.director();
    const asked = drills.start(specOf(), 'ops', 'guarded');
    await asked;
    // The disk has it as it was asked for: the process ended before it could save that it had begun.
    const planned = { ...world.drill('d')!, state: 'planned', timeline: [] } as const;
    await world.restart(new Map([['d', planned]]));
    expect(world.drill('d')).toMatchObject({ end: { kind: 'interrupted' } });
    expect(world.shares()).toEqual(ALIKE);
    await world.clock.advance(700_000);
    expect(world.shares()).toEqual(ALIKE);
    expect(world.drill('d')?.state).toBe('over');
  });

  it('leaves what is planned for later', async () => {
    await start({ startAt: START + 3_600_000 });
    await world.restart();
    expect(world.drill('d')?.state).toBe('planned');
    await world.clock.advance(3_700_000);
    expect(world.shares()).toEqual(WITHOUT_EU);
  });

  it('at any moment of a drill leaves nothing of it, whichever of its states was saved last', async () => {
    const ramp = { steps: [50, 100], everyMs: 20_000 };
    for (const action of [
      { kind: 'drain' },
      { kind: 'fail' },
      { kind: 'blind' },
      { kind: 'weight', weight: 0 },
    ] as const) {
      await start({ name: action.kind, action, ramp, lengthMs: 60_000 }, 'forced');
      await world.clock.advance(120_000);
      const states = world.saves().filter((saved) => saved.has(action.kind));
      // It was asked for, begun, stepped, ended and rolled back.
      const kept = states.map((saved) => saved.get(action.kind)?.state);
      expect(kept).toEqual(expect.arrayContaining(['planned', 'running', 'rolling-back', 'over']));
      for (const saved of states) {
        await world.restart(saved);
        expect(world.drill(action.kind)?.state).not.toBe('running');
        await world.clock.advance(3 * PROBE_MS);
        expect(world.drill(action.kind)?.state).toBe('over');
        expect(kinds(world.drill(action.kind))).toContain('rolled-back');
        for (const hostname of [SHOP, API]) expect(world.shares(hostname)).toEqual(ALIKE);
      }
    }
  });
});
