import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../src/core/health/monitor-health.ts';
import { EMPTY_PLACES } from '../../src/core/snapshot/empty-places.ts';
import { type Ask, explain } from '../../src/core/snapshot/explain.ts';
import { RR_TYPE } from '../../src/core/snapshot/rr-type.ts';
import { createDirector, type DirectorOptions } from '../../src/director.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { declare, gateway, picture, route } from './core/desired/pictures.ts';

const START = 1_800_000_000_000;
const CLUSTERS = ['eu', 'us', 'ap'];
const NAMES = ['shop', 'api', 'bank'].map((name) => `${name}.gslb.example`);
const CONTROL = 'control:tcp://198.51.100.1:443';
const RULE = { share: 0.5, windowMs: 10_000, atLeast: 4, longestMs: 900_000 };

/** A director of three clusters with three hostnames, each on every cluster. */
function createWorld(breaker?: DirectorOptions['breaker']) {
  const clock = createManualClock(START);
  const director = createDirector({
    declaration: declare({ clusters: CLUSTERS }),
    clock,
    store: { save: async () => undefined },
    places: EMPTY_PLACES,
    watch: () => undefined,
    ...(breaker && { breaker }),
  });
  for (const [index, cluster] of CLUSTERS.entries()) {
    const edge = gateway('edge', { addresses: [`192.0.2.${index + 1}`] });
    director.onPicture(picture(cluster, edge, ...NAMES.map((name) => route(name.replace(/\..*/, ''), [name]))));
  }
  director.flush();
  const probe = (monitor: string, good: boolean): void => director.onProbe(resultOf(monitor, good, clock.now()));
  return {
    clock,
    director,
    probe,
    monitors: director.snapshot().model.monitors,
    /** All monitors of some clusters get so many results. */
    weather: (clusters: readonly string[], good: boolean, times: number): void => {
      const addresses = clusters.map((cluster) => `192.0.2.${CLUSTERS.indexOf(cluster) + 1}`);
      for (const { id, address } of director.snapshot().model.monitors) {
        if (addresses.includes(address)) for (let i = 0; i < times; i++) probe(id, good);
      }
    },
    /** What the answers are made of now: who is answered for each name, as the table and the chain say alike. */
    said: () => {
      director.flush();
      return NAMES.map((name) => {
        const ask: Ask = { name, type: RR_TYPE.A, place: 0, prefix: 0, dice: 0 };
        const { addresses, agreement, candidates } = explain(director.snapshot(), ask);
        const states = candidates.map(({ cluster, state }) => `${cluster} ${state}`);
        return { addresses, agreement, states };
      });
    },
  };
}

function resultOf(monitor: string, good: boolean, at: number): ProbeResult {
  const failure = { kind: 'failure', failure: 'timeout', detail: '' } as const;
  return { monitor, at, durationMs: 5, outcome: good ? { kind: 'success' } : failure };
}

const UP = ['ap up', 'eu up', 'us up'];
const DOWN = ['ap down', 'eu down', 'us down'];
const statesOf = (said: ReturnType<ReturnType<typeof createWorld>['said']>) => said.map(({ states }) => states);

describe('the director and its breaker', () => {
  it('answers as before when all falls at once, and by an operator believes it in the same moment', () => {
    const { director, weather, said } = createWorld({ ...RULE, controls: [] });
    weather(CLUSTERS, true, 1);
    const before = said();
    weather(CLUSTERS, false, 3);
    expect(said()).toEqual(before);
    const [health] = [...director.health().values()];
    expect(health).toMatchObject({ state: 'up', secondsToChange: 10, withheld: { state: 'down' } });
    expect(director.breaker()).toMatchObject({ state: 'blind', cause: 'mass-flip', withheld: 9 });
    expect(director.closeBreaker()).toBe('closed');
    expect(director.health().get(health!.last!.monitor)?.state).toBe('down');
    expect(statesOf(said())).toEqual(NAMES.map(() => DOWN));
  });

  it('wakes by itself when it has been blind for the longest time', async () => {
    const turns: string[] = [];
    const onTurn: NonNullable<DirectorOptions['breaker']>['onTurn'] = (turn) => turns.push(turn.state);
    const { clock, weather, said } = createWorld({ ...RULE, controls: [CONTROL], onTurn });
    weather(CLUSTERS, true, 1);
    weather(CLUSTERS, false, 3);
    await clock.advance(899_000);
    expect(statesOf(said())).toEqual(NAMES.map(() => UP));
    expect(turns).toEqual(['blind']);
    await clock.advance(2_000);
    expect(statesOf(said())).toEqual(NAMES.map(() => DOWN));
    expect(turns).toEqual(['blind', 'trusting']);
  });

  it('is not confused by a wall clock that is set back or ahead', async () => {
    const { clock, director, weather, said } = createWorld({ ...RULE, controls: [CONTROL] });
    weather(CLUSTERS, true, 1);
    director.onControl(resultOf(CONTROL, true, clock.now()));
    clock.setWall(clock.now() - 7_200_000);
    weather(CLUSTERS, false, 3);
    expect(director.breaker()).toMatchObject({ state: 'blind', forMs: 0 });
    await clock.advance(1_000);
    director.onControl(resultOf(CONTROL, true, clock.now()));
    expect(statesOf(said())).toEqual(NAMES.map(() => DOWN));
  });

  it('brings back at once, without a slow start or a hold, who never was down', () => {
    const { director, weather, said, monitors, probe } = createWorld({ ...RULE, controls: [] });
    weather(CLUSTERS, true, 1);
    said();
    const before = [...director.health().values()].map(({ since }) => since);
    weather(CLUSTERS, false, 3);
    for (const { id } of monitors) for (let i = 0; i < 2; i++) probe(id, true);
    said();
    const after = [...director.health().values()];
    expect(after.map(({ state, since, contrary }) => ({ state, since, contrary }))).toEqual(
      before.map((since) => ({ state: 'up', since, contrary: 0 })),
    );
    expect(after).toHaveLength(9);
    expect(after.filter(({ withheld, admits }) => withheld !== undefined || admits !== undefined)).toEqual([]);
  });

  const step = fc.record({
    clusters: fc.subarray(CLUSTERS, { minLength: 1 }),
    good: fc.boolean(),
    times: fc.integer({ min: 1, max: 3 }),
    waitMs: fc.constantFrom(0, 1_000, 12_000),
    control: fc.constantFrom('none', 'good', 'bad'),
  });

  it('loses no endpoint by measurement while it is blind, whatever comes', async () => {
    let blindSteps = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 15 }), async (steps) => {
        const world = createWorld({ ...RULE, controls: [CONTROL] });
        world.weather(CLUSTERS, true, 1);
        for (let i = 0; i < 2; i++) world.director.onControl(resultOf(CONTROL, false, world.clock.now()));
        for (const { clusters, good, times, waitMs, control } of steps) {
          await world.clock.advance(waitMs);
          const before = world.said();
          const wasBlind = world.director.breaker().state === 'blind';
          world.weather(clusters, good, times);
          if (control !== 'none') world.director.onControl(resultOf(CONTROL, control === 'good', world.clock.now()));
          const after = world.said();
          expect(after.every(({ agreement }) => agreement === 'same')).toBe(true);
          if (!wasBlind || world.director.breaker().state !== 'blind') continue;
          blindSteps += 1;
          for (const [index, { states, addresses }] of after.entries()) {
            const kept = before[index]!.states.filter((state) => state.endsWith(' up'));
            expect(states).toEqual(expect.arrayContaining(kept));
            expect(addresses).toHaveLength(1);
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(blindSteps).toBeGreaterThan(100);
  });

  it('answers as one without a breaker as long as no mass falls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 15 }), async (steps) => {
        const worlds = [createWorld({ ...RULE, controls: [] }), createWorld()];
        for (const world of worlds) world.weather(CLUSTERS, true, 1);
        for (const { clusters, good, times, waitMs } of steps) {
          for (const world of worlds) {
            await world.clock.advance(waitMs);
            // One cluster falls alone: it is far from the fall of another.
            const [cluster = ''] = clusters;
            if (!good) await world.clock.advance(10_001);
            world.weather([cluster], good, times);
          }
          const [guarded, plain] = worlds.map((world) => world.said());
          expect(guarded).toEqual(plain);
          expect(worlds[0]!.director.breaker().state).toBe('trusting');
        }
        expect(worlds[0]!.director.health()).toEqual(worlds[1]!.director.health());
      }),
      { numRuns: 60 },
    );
  });
});
