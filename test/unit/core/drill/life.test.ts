import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Drill, DrillSpec } from '../../../../src/core/drill/drill.ts';
import { shares } from '../../../../src/core/snapshot/explain.ts';
import { ALIKE, API, createDrillsWorld, type DrillsWorld, PROBE_MS, SHOP, START, specOf, WITHOUT_EU } from './world.ts';

const HOUR_MS = 3_600_000;
/** By then the wall clock is looked at again, in ms. */
const LOOK_AGAIN_MS = 60_000;

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

function push(state: 'up' | 'down'): void {
  world.director().push({ name: 'errors', state, reason: '', by: 'ci' });
}

function drain(cluster: string) {
  return world.director().drain({ cluster, at: START, reason: 'test', by: 'ops' }, 'guarded');
}

const abort = specOf().abort;
const heeding = { abort: { ...abort, monitors: ['errors'] } };

describe('a planned drill that must not begin', () => {
  async function begin(): Promise<Drill | undefined> {
    await world.clock.advance(HOUR_MS + 100);
    return world.drill('d');
  }

  it('is over and did nothing where nothing is left that it is about', async () => {
    expect(await start({ scope: { clusters: ['eu'], hostnames: [API] }, startAt: world.clock.now() + HOUR_MS })).toBe(
      'done',
    );
    for (const cluster of ['eu', 'jp', 'us'] as const) world.ask(cluster, [SHOP]);
    const drill = await begin();
    expect(drill).toMatchObject({ state: 'over', end: { kind: 'aborted' } });
    expect(drill?.end?.why).toMatch(/^not begun: /);
    expect(kinds(drill)).toEqual(['planned', 'ended']);
    expect(world.saved().get('d')).toBe(drill);
  });

  it('is over and did nothing where it would take the last cluster by now', async () => {
    world.close();
    const seen = new Set<number | undefined>();
    world = await createDrillsWorld({
      onStart: () => (snapshot) => void seen.add(shares(snapshot, SHOP).get('eu')),
    });
    const spec = { abort: { ...abort, noEndpoint: 'go-on' }, startAt: world.clock.now() + HOUR_MS } as const;
    expect(await start(spec)).toBe('done');
    for (const cluster of ['jp', 'us']) expect(await drain(cluster)).toBe('done');
    seen.clear();
    await begin();
    // Not in a single snapshot, by whatever is looked at first when its time comes.
    expect([...seen]).toEqual([1]);
    expect(kinds(world.drill('d'))).toEqual(['planned', 'ended']);
    expect(world.drill('d')?.end?.why).toContain('drain-leaves-none');
  });

  it('does nothing before that was asked, though the clock was set and others give orders meanwhile', async () => {
    const startAt = world.clock.now() + HOUR_MS;
    expect(await start({ startAt })).toBe('done');
    for (const cluster of ['jp', 'us']) expect(await drain(cluster)).toBe('done');
    world.clock.setWall(startAt + 1_000);
    const order = { name: 'other', scope: { clusters: ['eu'] }, action: { kind: 'weight', weight: 7 } } as const;
    await world.director().orders.put({ ...order, at: START, reason: 'test', by: 'ops' }, 'guarded');
    expect(world.drill('d')?.state).toBe('planned');
    expect(world.shares()).toEqual({ eu: 100 });
    await world.clock.advance(LOOK_AGAIN_MS);
    expect(kinds(world.drill('d'))).toEqual(['planned', 'ended']);
    expect(world.shares()).toEqual({ eu: 100 });
  });

  it('is over where one that began at the same moment leaves it nothing', async () => {
    const startAt = world.clock.now() + HOUR_MS;
    const quiet = { ...abort, noEndpoint: 'go-on' } as const;
    // Past the rule that counts them, not past the one that keeps clusters.
    for (const [name, clusters] of Object.entries({ one: ['eu'], two: ['jp', 'us'] })) {
      expect(await start({ name, scope: { clusters }, abort: quiet, startAt }, 'forced')).toBe('done');
    }
    await begin();
    expect(world.drill('one')?.state).toBe('running');
    expect(world.drill('two')).toMatchObject({ state: 'over', end: { kind: 'aborted' } });
    expect(world.shares()).toEqual(WITHOUT_EU);
  });

  it('is over where a monitor that it heeds tells nothing', async () => {
    const startAt = world.clock.now() + HOUR_MS;
    expect(await start({ ...heeding, startAt })).toBe('done');
    await world.clock.advance(HOUR_MS + 100);
    expect(world.drill('d')?.end?.why).toBe('not begun: monitor: errors is unseen: it tells nothing');
    expect(kinds(world.drill('d'))).toEqual(['planned', 'ended']);
  });
});

describe('a condition that breaks a drill off', () => {
  it('is looked at before it begins', async () => {
    expect(await start(heeding)).toEqual({
      code: 'drill-would-abort',
      message: 'It would be broken off: monitor: errors is unseen: it tells nothing.',
    });
    push('down');
    expect(await start(heeding)).toMatchObject({ code: 'drill-would-abort' });
    push('up');
    expect(await start(heeding)).toBe('done');
    await world.director().drills.stop('d', 'ops');

    // Of six endpoints it takes two.
    const below = (healthyShare: number) => ({ abort: { ...abort, healthyShare } });
    for (const action of [{ kind: 'drain' }, { kind: 'fail' }] as const) {
      const refused = await start({ name: 'e', action, ...below(0.7) });
      expect(refused).toEqual({
        code: 'drill-would-abort',
        message:
          'It would be broken off: healthy-share: 4 of 6 endpoints are usable, fewer than 70 %, by what it does itself.',
      });
      expect(await start({ name: 'e', action, startAt: START + HOUR_MS, ...below(0.7) })).toEqual(refused);
    }
    expect(await start({ name: 'e', action: { kind: 'blind' }, ...below(1) })).toBe('done');
    await world.director().drills.stop('e', 'ops');
    world.kill('us');
    await world.clock.advance(4 * PROBE_MS);
    expect(await start({ name: 'f', action: { kind: 'blind' }, ...below(0.7) })).toEqual({
      code: 'drill-would-abort',
      message: 'It would be broken off: healthy-share: 4 of 6 endpoints are usable, fewer than 70 %.',
    });
    expect(await start({ name: 'f', ...below(0.5) })).toMatchObject({ code: 'drill-would-abort' });
    // How it is by then nobody knows.
    expect(await start({ name: 'f', startAt: START + HOUR_MS, ...below(0.5) })).toBe('done');
  });

  it('is a monitor that tells nothing any more', async () => {
    world.director().push({ name: 'errors', state: 'up', reason: '', by: 'ci', expiresMs: 60_000 });
    await start(heeding);
    await world.clock.advance(58_000);
    expect(world.drill('d')?.state).toBe('running');
    await world.clock.advance(3_200);
    expect(world.drill('d')?.end).toEqual({ kind: 'aborted', why: 'monitor: errors is unseen: it tells nothing' });
    expect(world.shares()).toEqual(ALIKE);
  });

  it('is a residency area without anybody', async () => {
    world.close();
    world = await createDrillsWorld({ residency: 'continent:EU' });
    expect(await start()).toMatchObject({ code: 'drain-leaves-none' });
    expect(await start({}, 'forced')).toBe('done');
    await world.clock.advance(1_100);
    expect(world.drill('d')?.end).toEqual({
      kind: 'aborted',
      why: `no-endpoint: ${API} and 1 more has no usable endpoint left inside its residency area`,
    });
  });
});

describe('a disk that fails', () => {
  it('keeps nobody from stopping what runs', async () => {
    for (const kind of ['drain', 'fail', 'blind'] as const) {
      await start({ name: kind, action: { kind } });
      world.disk('fails');
      expect(await world.director().drills.stop(kind, 'eve')).toBe('done');
      expect(world.drill(kind)).toMatchObject({ state: 'over', end: { kind: 'stopped', why: 'by eve' } });
      expect(world.shares()).toEqual(ALIKE);
      expect(world.saved().get(kind)?.state).toBe('running');
      world.disk('works');
      await world.clock.advance(31_000);
      expect(world.saved().get(kind)).toBe(world.drill(kind));
    }
  });

  it('keeps what is planned planned', async () => {
    await start({ startAt: START + HOUR_MS });
    world.disk('fails');
    expect(await world.director().drills.stop('d', 'eve')).toMatchObject({ code: 'not-saved' });
    expect(world.drill('d')?.state).toBe('planned');
    await world.clock.advance(HOUR_MS);
    expect(world.drill('d')?.state).toBe('running');
    expect(await world.director().drills.stop('d', 'eve')).toBe('done');
    expect(world.shares()).toEqual(ALIKE);
  });

  it('lets what runs step, end and be stopped while an order waits for it', async () => {
    await start({ name: 'a', ramp: { steps: [50, 100], everyMs: 20_000 }, lengthMs: 60_000 });
    await start({ name: 'b', action: { kind: 'blind' } }, 'forced');
    world.disk('hangs');
    const later = start({ name: 'c', startAt: START + HOUR_MS });
    await world.clock.advance(20_100);
    expect(world.shares()).toEqual(WITHOUT_EU);
    expect(await world.director().drills.stop('b', 'eve')).toBe('done');
    await world.clock.advance(40_100);
    expect(world.shares()).toEqual(ALIKE);
    expect(world.drill('c')).toBeUndefined();
    world.disk('works');
    expect(await later).toBe('done');
    await world.clock.advance(0);
    const ended = [...world.saved()].map(([name, { state, end }]) => [name, state, end?.kind]);
    expect(ended).toEqual([
      ['a', 'over', 'completed'],
      ['b', 'over', 'stopped'],
      ['c', 'planned', undefined],
    ]);
    for (const [name, drill] of world.saved()) expect(world.drill(name)).toBe(drill);
  });

  it('takes nothing back that a planned drill began while it was to be stopped', async () => {
    await start({ startAt: world.clock.now() + 5_000 });
    world.disk('hangs');
    const stopped = world.director().drills.stop('d', 'eve');
    await world.clock.advance(6_000);
    expect(world.drill('d')?.state).toBe('running');
    world.disk('works');
    expect(await stopped).toBe('done');
    expect(kinds(world.drill('d'))).toEqual(['planned', 'begun', 'ended', 'rolled-back']);
    expect(world.shares()).toEqual(ALIKE);
    await world.clock.advance(0);
    expect(world.saved().get('d')).toBe(world.drill('d'));
  });
});

describe('a wall clock that is set', () => {
  it('ahead lets begin what is due by it, within a minute', async () => {
    // No order of its own is in the answers, so that nobody else wakes for it.
    for (const [name, kind] of Object.entries({ one: 'blind', two: 'drain' } as const)) {
      const startAt = world.clock.now() + HOUR_MS;
      await start({ name, action: { kind }, startAt, lengthMs: 90_000 });
      await world.clock.advance(10_000);
      world.clock.setWall(startAt + HOUR_MS);
      await world.clock.advance(LOOK_AGAIN_MS);
      expect(kinds(world.drill(name))).toContain('begun');
      // How long it lasts is nothing of the wall clock.
      await world.clock.advance(90_100);
      expect(world.drill(name)?.end?.kind).toBe('completed');
      expect(world.shares()).toEqual(ALIKE);
    }
  });

  it('back puts off what is planned, and nothing that runs', async () => {
    await start({ name: 'runs', lengthMs: 120_000 });
    await start({ name: 'later', startAt: START + HOUR_MS });
    world.clock.setWall(START - HOUR_MS);
    await world.clock.advance(120_100);
    expect(world.drill('runs')?.end?.kind).toBe('completed');
    await world.clock.advance(2 * HOUR_MS - 120_200);
    expect(world.drill('later')?.state).toBe('planned');
    await world.clock.advance(1_000);
    expect(world.drill('later')?.state).toBe('running');
  });

  it('is looked at for nothing where nothing is due: the answers stay the very same', async () => {
    await start({ startAt: START + 24 * HOUR_MS });
    const before = world.director().snapshot().version;
    await world.clock.advance(10 * LOOK_AGAIN_MS);
    expect(world.director().snapshot().version).toBe(before);
  });
});

describe('what a drill did', () => {
  it('is rolled back at once where nothing of it is left', async () => {
    for (const action of [{ kind: 'drain' }, { kind: 'weight', weight: 7 }, { kind: 'blind' }] as const) {
      await start({ name: action.kind, action, lengthMs: 5_000 });
      await world.clock.advance(5_100);
      const { timeline = [], state } = world.drill(action.kind) ?? {};
      expect(state).toBe('over');
      const at = new Map(timeline.map((moment) => [moment.kind, moment.at]));
      expect(at.get('rolled-back')).toBe(at.get('ended'));
    }
  });
});
