import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DrillSpec } from '../../../../src/core/drill/drill.ts';
import type { Override } from '../../../../src/core/orders/override.ts';
import { DEFAULT_SAFETY, type SafetyRules } from '../../../../src/core/plan/safety.ts';
import { ALIKE, createDrillsWorld, type DrillsWorld, PROBE_MS, SHOP, START, specOf, WITHOUT_EU } from './world.ts';

let world: DrillsWorld;

beforeEach(async () => {
  world = await createDrillsWorld();
});
afterEach(() => world.close());

async function ruled(rules: Partial<SafetyRules>): Promise<void> {
  world.close();
  world = await createDrillsWorld({ safety: { ...DEFAULT_SAFETY, ...rules } });
}

async function start(parts: Partial<DrillSpec> = {}, mode: 'guarded' | 'forced' = 'guarded'): Promise<string> {
  const result = await world.director().drills.start(specOf(parts), 'ops', mode);
  return result === 'done' ? 'done' : result.code;
}

async function put(name: string, parts: Partial<Override>): Promise<string> {
  const order = {
    scope: { clusters: ['us'] },
    action: { kind: 'drain' },
    by: 'ops',
    reason: 'test',
    ...parts,
  } as const;
  const result = await world.director().orders.put({ name, at: world.clock.now(), ...order }, 'guarded');
  return result === 'done' ? 'done' : result.code;
}

async function endOf(name: string): Promise<string | undefined> {
  await world.clock.advance(2_000);
  return world.drill(name)?.end?.why;
}

const LATER = START + 3_600_000;
const TWO = { clusters: ['eu', 'jp'] };

describe('a drill that would leave nobody', () => {
  it('is refused by what it will have done at its last step, whatever breaks it off', async () => {
    const ramp = { steps: [1, 100], everyMs: 60_000 };
    expect(await start({ scope: { clusters: ['*'] }, ramp })).toBe('drain-leaves-none');
    const abort = { ...specOf().abort, noEndpoint: 'go-on' } as const;
    expect(await start({ scope: { clusters: ['*'] }, action: { kind: 'fail' }, abort })).toBe('drain-leaves-none');
    // Weight 0 is a standby: it is answered where nobody else is.
    expect(await start({ scope: { clusters: ['*'] }, action: { kind: 'weight', weight: 0 } })).toBe('done');
    expect(world.shares()).toEqual(ALIKE);
  });

  it('is told by its rehearsal, and forced knows past what', async () => {
    const spec = specOf({ scope: { clusters: ['*'], except: { hostnames: ['api.*'] } } });
    expect(world.director().drills.rehearse(spec).broken).toEqual([
      { rule: 'drain-leaves-none', message: `Drill d leaves no usable cluster for ${SHOP}.` },
    ]);
    expect(await start(spec, 'forced')).toBe('done');
    expect(world.drill('d')).toMatchObject({ forced: ['drain-leaves-none'], plan: { broken: ['drain-leaves-none'] } });
  });

  it('is refused beside an override that begins before it ends, and not beside one that begins later', async () => {
    expect(await put('tonight', { scope: { clusters: ['jp', 'us'] }, from: LATER })).toBe('done');
    expect(await start({ startAt: LATER - 600_000 })).toBe('done');
    expect(await start({ name: 'e', startAt: LATER - 599_000 }, 'guarded')).toBe('drain-leaves-none');
  });

  it('is refused beside one that runs, whatever step that is at', async () => {
    await ruled({ maxDrills: 2 });
    const ramp = { steps: [1, 100], everyMs: 60_000 };
    expect(await start({ scope: TWO, ramp, action: { kind: 'fail' } })).toBe('done');
    expect(await start({ name: 'e', scope: { clusters: ['us'] } })).toBe('drain-leaves-none');
  });
});

describe('orders beside a drill', () => {
  it('are refused where both together leave nobody, at any step of it', async () => {
    const ramp = { steps: [1, 100], everyMs: 60_000 };
    for (const action of [{ kind: 'drain' }, { kind: 'fail' }] as const) {
      expect(await start({ scope: TWO, action, ramp })).toBe('done');
      for (const kind of ['drain', 'down'] as const) {
        expect(await put('m', { action: { kind } })).toBe('drain-leaves-none');
      }
      expect(
        await world.director().drain({ cluster: 'us', at: START, by: 'ops', reason: 'x' }, 'guarded'),
      ).toMatchObject({
        code: 'drain-leaves-none',
      });
      await world.director().drills.stop('d', 'ops');
      await world.clock.advance(3 * PROBE_MS);
      expect(await put('m', {})).toBe('done');
      await world.director().orders.clear('m');
      await world.director().drills.forget('d');
    }
  });

  it('are not refused for a drill that is only planned: that one is looked at when it begins', async () => {
    expect(await start({ scope: TWO, startAt: LATER })).toBe('done');
    expect(await put('m', {})).toBe('done');
    await world.clock.advance(3_600_000);
    expect(await endOf('d')).toBe(
      `not begun: drain-leaves-none: Drill d leaves no usable cluster for api.gslb.example, ${SHOP}.`,
    );
    expect(world.shares()).toEqual({ eu: 50, jp: 50 });
  });

  it('are held against the rules with what a drill will have done, and count for themselves alone', async () => {
    await ruled({ minClusters: 2, maxMoved: 0.4 });
    const ramp = { steps: [1, 100], everyMs: 60_000 };
    expect(await start({ action: { kind: 'fail' }, ramp })).toBe('done');
    expect(await put('m', {})).toBe('safety-min-clusters');
    // A half of the others: what the drill moves is the drill's.
    expect(await put('m', { action: { kind: 'drain', percent: 50 } })).toBe('done');
  });
});

describe('a planned drill that begins', () => {
  it('does so past what it was forced past, and past nothing else', async () => {
    expect(await start({ scope: { clusters: ['*'] }, startAt: LATER }, 'forced')).toBe('done');
    await world.clock.advance(3_600_100);
    expect(world.drill('d')?.timeline.map(({ kind }) => kind)).toContain('begun');
    await ruled({ maxMoved: 0.4 });
    const forced = {
      name: 'e',
      scope: { clusters: ['*'] },
      startAt: LATER,
      action: { kind: 'weight', weight: 0 },
    } as const;
    expect(await start(forced, 'forced')).toBe('done');
    expect(await start({ name: 'f', startAt: LATER + 700_000 })).toBe('done');
    // By then it moves half of all clients, not a third of them.
    expect(await put('m', {})).toBe('done');
    await world.clock.advance(3_600_100);
    expect(world.drill('e')?.state).toBe('running');
    await world.clock.advance(700_000);
    expect(await endOf('f')).toBe('not begun: max-moved: 50 % of the clients would be moved, more than 40 %.');
  });

  it('is looked at though no answer is another yet: what another one fails is not found bad at once', async () => {
    await ruled({ maxDrills: 2 });
    expect(await start({ startAt: LATER, scope: TWO })).toBe('done');
    const failing = { name: 'e', action: { kind: 'fail' }, scope: { clusters: ['eu', 'us'] } } as const;
    expect(await start({ ...failing, startAt: LATER - 5_000 })).toBe('done');
    await world.clock.advance(3_600_000);
    expect(await endOf('d')).toContain('not begun: drain-leaves-none');
    expect(world.drill('e')?.state).toBe('running');
  });

  it('breaks none off that runs, where it does not begin: what it planned is in force at no time', async () => {
    await ruled({ maxDrills: 2 });
    expect(await start({ startAt: LATER + 100, scope: TWO })).toBe('done');
    // Found bad a tenth of a second before the other one is to begin.
    const failing = { name: 'e', action: { kind: 'fail' }, scope: { clusters: ['eu', 'us'] } } as const;
    expect(await start({ ...failing, startAt: LATER + 100 - 3 * PROBE_MS })).toBe('done');
    await world.clock.advance(3_600_000);
    expect(await endOf('d')).toContain('not begun: drain-leaves-none');
    expect(world.drill('e')).toMatchObject({ state: 'running' });
    expect(world.shares()).toEqual({ jp: 100 });
  });

  it('meets none that ends in this moment, and none that was forced to run beside it', async () => {
    expect(await start({ startAt: LATER, lengthMs: 600_000, scope: TWO })).toBe('done');
    expect(await start({ name: 'e', startAt: LATER + 600_000, scope: { clusters: ['us'] } })).toBe('done');
    expect(await start({ name: 'g', startAt: LATER + 1_200_000 })).toBe('done');
    const beside = { name: 'f', startAt: LATER + 601_000, scope: { hostnames: ['api.*'], clusters: ['eu'] } };
    expect(await start(beside, 'forced')).toBe('done');
    expect(world.drill('f')?.forced).toEqual(['max-drills']);
    await world.clock.advance(3_600_000 + 602_000);
    const states = () => ['d', 'e', 'f', 'g'].map((name) => world.drill(name)?.state);
    expect(states()).toEqual(['over', 'running', 'running', 'planned']);
    await world.clock.advance(598_500);
    expect(states()).toEqual(['over', 'over', 'running', 'running']);
    expect(world.drill('d')?.end?.kind).toBe('completed');
    expect(world.shares()).toEqual(WITHOUT_EU);
  });
});

describe('the scope of a drill', () => {
  const because = async (parts: Partial<DrillSpec>) => {
    const result = await world.director().drills.start(specOf(parts), 'ops', 'forced');
    return result === 'done' ? 'done' : `${result.code}: ${result.message}`;
  };

  it('has no pattern that fits nothing, in an exception neither, and says what was probably meant', async () => {
    expect(await because({ scope: { clusters: ['eu', 'ue'] } })).toBe(
      'drill-pattern-unknown: Nothing that there is now fits "ue" (`clusters`): did you mean "eu"?',
    );
    expect(await because({ scope: { clusters: ['eu'], except: { hostnames: ['shpo.*'] } } })).toBe(
      'drill-pattern-unknown: Nothing that there is now fits "shpo.*" (`except.hostnames`): did you mean "shop.*"?',
    );
    expect(await because({ scope: { hostnames: ['shpo.*'] } })).toBe(
      'drill-nothing: No endpoint fits the scope. Nothing that there is now fits "shpo.*" (`hostnames`): did you mean "shop.*"?',
    );
    expect(await because({ scope: { clusters: ['eu'], except: {} } })).toBe(
      'drill-invalid: `except` needs a pattern: without any everything is excepted.',
    );
    expect(await because({ scope: { clusters: ['EU'], hostnames: ['SHOP.GSLB.example.'] } })).toBe('done');
    expect(world.shares()).toEqual(WITHOUT_EU);
  });

  it('of one that blinds names clusters and nothing else', async () => {
    const blind = { action: { kind: 'blind' } } as const;
    for (const scope of [
      { clusters: ['eu'], hostnames: ['shop.*'] },
      { gateways: ['infra/*'] },
      { clusters: ['*'], except: { teams: ['red'] } },
    ]) {
      expect(await start({ ...blind, scope })).toBe('drill-blind-scope');
    }
    expect(await start({ ...blind, scope: { clusters: ['*'], except: { clusters: ['us'] } } })).toBe('done');
    expect([...world.director().drillBook.effects().blinded.keys()].toSorted()).toEqual(['eu', 'jp']);
  });
});

describe('a drill that fails', () => {
  it('counts until what it failed can be good again, for orders beside it and for the drill itself', async () => {
    const failing = { action: { kind: 'fail' }, scope: TWO, lengthMs: 60_000 } as const;
    // Two good results, each ten seconds later at most, with three seconds to wait for it.
    const mended = 60_000 + 3 * (PROBE_MS + 3_000);
    const now = world.clock.now();
    expect(await put('soon', { from: now + mended - 1 })).toBe('done');
    expect(await start(failing)).toBe('drain-leaves-none');
    expect(await put('soon', { from: now + mended })).toBe('done');
    expect(await start(failing)).toBe('done');
    expect(await put('beside', { from: now + mended - 1 })).toBe('drain-leaves-none');
    await world.clock.advance(mended + 100);
    expect(world.drill('d')?.state).toBe('over');
    expect(world.shares()).toEqual({ eu: 50, jp: 50 });
  });
});
