/** What is taken over in the middle of a run holds as it does after a start: nothing of what was there before is left. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Drill, DrillAction, Drills } from '../../src/core/drill/drill.ts';
import { asked } from '../../src/core/drill/drill.ts';
import type { Override, OverrideAction, Overrides } from '../../src/core/orders/override.ts';
import { begun, type Rollout, type Rollouts } from '../../src/core/rollout/rollout.ts';
import { EMPTY_PLACES } from '../../src/core/snapshot/empty-places.ts';
import { shares } from '../../src/core/snapshot/explain.ts';
import { createDirector, type DirectorControl } from '../../src/director.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { declare, gateway, picture, route } from '../unit/core/desired/pictures.ts';
import { API, PLAN, SHOP, START, specOf } from '../unit/core/drill/world.ts';

const ADDRESSES = { eu: '192.0.2.1', jp: '192.0.2.2', us: '192.0.2.3' };
const MINUTE = 60_000;
const name = fc.constantFrom('a', 'b', 'c');
const scope = fc.constantFrom({ clusters: ['eu'] }, { clusters: ['us'], hostnames: [API] }, { hostnames: [SHOP] });
const at = fc.constantFrom(START - MINUTE, START - 1, START);

const override = fc
  .record({
    name,
    scope,
    action: fc.constantFrom<OverrideAction>({ kind: 'down' }, { kind: 'drain' }, { kind: 'weight', weight: 7 }),
    at,
    until: fc.constantFrom(undefined, START + 1, START + 3 * MINUTE, START + 90 * MINUTE),
  })
  .map(
    ({ until, ...rest }): Override => ({
      ...rest,
      ...(until === undefined ? {} : { until }),
      by: 'ana',
      reason: 'x',
    }),
  );

const rollout = fc
  .record({ name, to: fc.constantFrom('us', 'jp'), state: fc.constantFrom('running', 'paused', 'promoted'), at })
  .map(({ name: called, to, state, at: since }): Rollout => {
    const monitors: readonly string[] = [];
    const steps = [10, 50, 100];
    const plan = {
      kind: 'canary',
      steps,
      dwellMs: MINUTE,
      rollbackAfterMs: MINUTE,
      monitors,
      endpoints: 'not-looked-at',
    } as const;
    return { ...begun({ name: called, hostnames: [SHOP], from: ['eu'], to: [to], plan }, since, 'ana'), state };
  });

const drill = fc
  .record({
    name,
    scope,
    action: fc.constantFrom<DrillAction>({ kind: 'drain' }, { kind: 'fail' }, { kind: 'blind' }),
    inMs: fc.constantFrom(0, MINUTE, 5 * MINUTE),
    state: fc.constantFrom('planned', 'running', 'rolling-back', 'over'),
  })
  .map(({ inMs, state, ...parts }): Drill => {
    const startAt = inMs === 0 ? {} : { startAt: START + inMs };
    const planned = asked(specOf({ ...parts, ...startAt }), START, 'ana', PLAN);
    const end = { kind: 'stopped', why: 'by ana' } as const;
    return state === 'planned' || state === 'running' ? { ...planned, state } : { ...planned, state, end };
  });

const byName = <T>(one: fc.Arbitrary<T>, of: (value: T) => string): fc.Arbitrary<ReadonlyMap<string, T>> =>
  fc
    .uniqueArray(one, { maxLength: 3, selector: of })
    .map((all) => new Map(all.map((each) => [of(each), each] as const)));
const saved = fc.record({
  overrides: byName(override, (each) => each.name),
  rollouts: byName(rollout, ({ spec }) => spec.name).filter((all) => all.size <= 1),
  drills: byName(drill, ({ spec }) => spec.name),
});
type Saved = { readonly overrides: Overrides; readonly rollouts: Rollouts; readonly drills: Drills };

function restore(director: DirectorControl, { overrides, rollouts, drills }: Saved): void {
  director.restoreRollouts(rollouts);
  director.restoreDrills(drills);
  director.restore(overrides);
  director.flush();
}

function started(clock: ManualClock, on: Saved): DirectorControl {
  const director = createDirector({
    declaration: declare({ clusters: ['eu', 'jp', 'us'] }),
    clock,
    store: { save: async () => undefined },
    places: EMPTY_PLACES,
    watch: () => undefined,
  });
  director.hold();
  for (const [cluster, address] of Object.entries(ADDRESSES)) {
    const annotations = { steering: 'weighted', probe: 'none' };
    const edge = gateway('edge', { annotations, addresses: [address] });
    director.onPicture(picture(cluster, edge, route('web', [SHOP, API])));
  }
  restore(director, on);
  return director;
}

function seen(director: DirectorControl) {
  return {
    overrides: director.overrides(),
    rollouts: director.rollouts.list(),
    drills: director.drills.list(),
    effects: director.drillBook.effects(),
    shares: [SHOP, API].map((hostname) => shares(director.snapshot(), hostname)),
  };
}

describe('what is taken over in the middle of a run', () => {
  it('is as it would be after a start, whatever was there before and however long', async () => {
    await fc.assert(
      fc.asyncProperty(saved, saved, fc.integer({ min: 0, max: 8 * MINUTE }), async (before, after, ms) => {
        const clock = createManualClock(START);
        const heir = started(clock, before);
        await clock.advance(ms);
        restore(heir, after);
        const anew = started(clock, after);
        expect(seen(heir)).toEqual(seen(anew));
        // And so it goes on.
        await clock.advance(10 * MINUTE);
        const [one, other] = [seen(heir), seen(anew)];
        expect(one.shares).toEqual(other.shares);
        expect(one.drills.map(({ spec, state }) => [spec.name, state])).toEqual(
          other.drills.map(({ spec, state }) => [spec.name, state]),
        );
        heir.close();
        anew.close();
        expect(clock.pending()).toBe(0);
      }),
      { numRuns: 200 },
    );
  }, 120_000);
});
