import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DrillAction, Ramp } from '../../src/core/drill/drill.ts';
import { ALIKE, API, createDrillsWorld, PROBE_MS, SHOP, START, specOf } from '../unit/core/drill/world.ts';

const action = fc.constantFrom<DrillAction>(
  { kind: 'drain' },
  { kind: 'fail' },
  { kind: 'blind' },
  { kind: 'weight', weight: 0 },
  { kind: 'weight', weight: 700 },
);
const ramp = fc.constantFrom<Ramp | undefined>(
  undefined,
  { steps: [10, 100], everyMs: 5_000 },
  { steps: [1, 50, 99, 100], everyMs: 2_000 },
);
const scope = fc.constantFrom(
  { clusters: ['eu'] },
  { clusters: ['*'], except: { clusters: ['us'] } },
  { hostnames: [API] },
  { clusters: ['*'] },
);
const name = fc.constantFrom('a', 'b', 'c');

const order = fc.oneof(
  fc.record({
    do: fc.constant('start' as const),
    name,
    action,
    ramp,
    scope,
    lengthMs: fc.integer({ min: 8_000, max: 60_000 }),
    inMs: fc.constantFrom(0, 0, 0, 7_000, 40_000),
  }),
  fc.record({ do: fc.constant('stop' as const), name }),
  fc.record({ do: fc.constant('forget' as const), name }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
  fc.record({ do: fc.constant('wall' as const), ms: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
  fc.record({ do: fc.constant('picture' as const) }),
  fc.record({ do: fc.constantFrom('restart', 'disk-fails', 'disk-works', 'kill', 'revive') }),
);

describe('drills', () => {
  it('leave nothing when they are over, whatever happened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(order, { maxLength: 14 }), async (orders) => {
        const world = await createDrillsWorld();
        const { clock } = world;
        for (const one of orders) {
          const { drills } = world.director();
          if (one.do === 'start' && 'action' in one) {
            const startAt = one.inMs === 0 ? {} : { startAt: clock.now() + one.inMs };
            const steps = one.ramp === undefined ? {} : { ramp: one.ramp };
            const { name: called, action: does, scope: about, lengthMs } = one;
            const spec = specOf({ name: called, action: does, scope: about, lengthMs, ...startAt, ...steps });
            await drills.start(spec, 'ops', 'forced');
          }
          if (one.do === 'stop' && 'name' in one) await drills.stop(one.name, 'ops');
          if (one.do === 'forget' && 'name' in one) await drills.forget(one.name);
          if (one.do === 'pass' && 'ms' in one) await clock.advance(one.ms);
          if (one.do === 'wall' && 'ms' in one) clock.setWall(clock.now() + one.ms);
          if (one.do === 'picture') world.ask('eu', [SHOP, API]);
          if (one.do === 'restart') {
            const ran = new Set(drills.list().flatMap(({ spec, state }) => (state === 'running' ? [spec.name] : [])));
            await world.restart();
            const runs = world
              .director()
              .drills.list()
              .filter(({ state }) => state === 'running');
            expect(runs.filter(({ spec }) => ran.has(spec.name))).toEqual([]);
          }
          if (one.do === 'disk-fails') world.disk('fails');
          if (one.do === 'disk-works') world.disk('works');
          if (one.do === 'kill') world.kill('us');
          if (one.do === 'revive') world.revive('us');
        }
        world.disk('works');
        world.revive('us');
        // However the wall clock was set: what is planned begins by then, and is over.
        clock.setWall(Math.max(clock.now(), START) + 10 * 3_600_000);
        await clock.advance(10 * 3_600_000);
        expect(
          world
            .director()
            .drills.list()
            .map(({ state }) => state)
            .filter((state) => state !== 'over'),
        ).toEqual([]);
        await clock.advance(5 * PROBE_MS);
        for (const hostname of [SHOP, API]) expect(world.shares(hostname)).toEqual(ALIKE);
        const { hostnames } = world.director().snapshot().model;
        expect(hostnames.flatMap(({ endpoints }) => endpoints.filter((each) => each.order !== undefined))).toEqual([]);
        world.close();
        expect(clock.pending()).toBe(0);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
