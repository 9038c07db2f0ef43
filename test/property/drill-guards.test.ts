/** Whatever people order unforced, drills beside it included: no hostname loses its last usable endpoint by it, at no time. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DrillAction } from '../../src/core/drill/drill.ts';
import type { OverrideAction } from '../../src/core/orders/override.ts';
import { DEFAULT_SAFETY } from '../../src/core/plan/safety.ts';
import { candidateOf } from '../../src/core/steering/candidate.ts';
import { isUsable } from '../../src/core/steering/drain-guard.ts';
import { API, createDrillsWorld, type DrillsWorld, SHOP, specOf } from '../unit/core/drill/world.ts';

const clusters = fc.subarray(['eu', 'jp', 'us'], { minLength: 1, maxLength: 2 });
const scope = fc.oneof(
  clusters.map((some) => ({ clusters: some })),
  clusters.map((some) => ({ clusters: some, hostnames: [SHOP] })),
  clusters.map((some) => ({ clusters: ['*'], except: { clusters: some } })),
);
const begin = fc.constantFrom(0, 0, 20_000, 60_000, 90_000);
const length = fc.constantFrom(20_000, 60_000, 120_000);

const step = fc.oneof(
  fc.record({
    do: fc.constant('drill' as const),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    action: fc.constantFrom<DrillAction>({ kind: 'drain' }, { kind: 'fail' }, { kind: 'weight', weight: 0 }),
    ramp: fc.constantFrom(undefined, { steps: [1, 100], everyMs: 10_000 }),
    scope,
    begin,
    length,
  }),
  fc.record({
    do: fc.constant('order' as const),
    name: fc.constantFrom('m', 'n', 'o'),
    action: fc.constantFrom<OverrideAction>({ kind: 'drain' }, { kind: 'down' }, { kind: 'weight', weight: 0 }),
    scope,
    begin,
    length: fc.option(length, { nil: undefined }),
  }),
  fc.record({ do: fc.constantFrom('stop' as const, 'clear' as const), name: fc.constantFrom('a', 'b', 'm', 'n') }),
  fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
);

function usable(world: DrillsWorld, name: string): number {
  const { model, health, now } = world.director().snapshot();
  const endpoints = model.hostnames.find((one) => one.name === name)?.endpoints ?? [];
  return endpoints.filter((endpoint) => isUsable(candidateOf(endpoint, health, now))).length;
}

async function take(world: DrillsWorld, one: typeof step extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
  const { drills, orders } = world.director();
  const now = world.clock.now();
  if (one.do === 'drill') {
    const { name, action, scope: about, length: lengthMs } = one;
    const ramp = one.ramp === undefined ? {} : { ramp: one.ramp };
    const startAt = one.begin === 0 ? {} : { startAt: now + one.begin };
    await drills.start(specOf({ name, action, scope: about, lengthMs, ...ramp, ...startAt }), 'ops', 'guarded');
  }
  if (one.do === 'order') {
    const { name, action, scope: about } = one;
    const from = one.begin === 0 ? {} : { from: now + one.begin };
    const until = one.length === undefined ? {} : { until: now + one.begin + one.length };
    await orders.put({ name, action, scope: about, at: now, ...from, ...until, by: 'ops', reason: 'test' }, 'guarded');
  }
  if (one.do === 'stop') await drills.stop(one.name, 'ops');
  if (one.do === 'clear') await orders.clear(one.name);
}

describe('guards', () => {
  it('leave each hostname a usable endpoint, at every second', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const world = await createDrillsWorld({ safety: { ...DEFAULT_SAFETY, maxDrills: 3 } });
        try {
          for (const one of [...steps, { do: 'pass', seconds: 180 } as const]) {
            await take(world, one);
            for (let passed = 0; passed < (one.do === 'pass' ? one.seconds : 1); passed++) {
              for (const name of [SHOP, API]) expect(usable(world, name)).toBeGreaterThan(0);
              // Nobody was saved by a condition that breaks a drill off.
              for (const { end } of world.director().drills.list()) expect(end?.why ?? '').not.toContain('no-endpoint');
              if (one.do === 'pass') await world.clock.advance(1_000);
            }
          }
        } finally {
          world.close();
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
