import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BreakerWorld, createBreakerWorld, type Sign } from './breaker-world.ts';

const FLEET = { a: 5, b: 3, c: 2 };
const CONTROLS = ['one', 'two', 'three'];
const MONITORS = Object.entries(FLEET).flatMap(([cluster, n]) =>
  Array.from({ length: n }, (_, i) => `${cluster}-${i}`),
);

type Event =
  | { readonly kind: 'probe' | 'control'; readonly id: string; readonly sign: Sign; readonly tookMs: number }
  | { readonly kind: 'weather'; readonly cluster: string; readonly sign: Sign }
  | { readonly kind: 'close' | 'advance' };

const sign = fc.constantFrom<Sign>('+', '-');
const tookMs = fc.constantFrom(0, 10, 3_000);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('probe'), id: fc.constantFrom(...MONITORS), sign, tookMs }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('control'), id: fc.constantFrom(...CONTROLS), sign, tookMs }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('weather'), cluster: fc.constantFrom('a', 'b', 'c'), sign }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('close', 'advance') }) },
);
/** Events with the time that goes by before each, in ms. */
const story = fc.array(fc.tuple(fc.constantFrom(0, 100, 2_000, 11_000), event), { minLength: 5, maxLength: 60 });
const controls = fc.constantFrom<readonly string[]>([], CONTROLS);

function tell(world: BreakerWorld, what: Event, now: number): void {
  if (what.kind === 'probe') world.probe(what.id, what.sign, now, what.tookMs);
  else if (what.kind === 'control') world.control(what.id, what.sign, now, what.tookMs);
  else if (what.kind === 'weather') world.turn(world.of(what.cluster), what.sign, now);
  else if (what.kind === 'close') world.close(now);
  else world.advance(now);
}

/** All was up, and all is dark since 30 s. */
function blindWorld(targets: readonly string[]): BreakerWorld {
  const world = createBreakerWorld(FLEET, { controls: targets });
  for (const id of targets) world.control(id, '+', 0);
  world.turn(world.ids, '+', 0);
  world.turn(world.ids, '-', 30_000);
  expect(world.breaker.view(30_000)).toMatchObject({ state: 'blind', withheld: MONITORS.length });
  return world;
}

function states(of: ReadonlyMap<string, { readonly state: string }>): Record<string, string> {
  return Object.fromEntries(MONITORS.map((id) => [id, of.get(id)?.state ?? 'unseen']));
}

describe('the breaker, in any story', () => {
  it('lets nobody down while it is blind', () => {
    let blindSteps = 0;
    fc.assert(
      fc.property(story, controls, (events, targets) => {
        const world = blindWorld(targets);
        let now = 30_000;
        for (const [wait, what] of events) {
          now += wait;
          const before = states(world.believed);
          const wasBlind = world.breaker.view(now).state === 'blind';
          tell(world, what, now);
          if (!wasBlind || world.breaker.view(now).state !== 'blind') continue;
          blindSteps += 1;
          const after = states(world.believed);
          for (const id of MONITORS) if (after[id] === 'down') expect(before[id], id).toBe('down');
        }
      }),
      { numRuns: 400 },
    );
    expect(blindSteps).toBeGreaterThan(1_000);
  });

  it('changes nothing as long as it never was blind', () => {
    let quiet = 0;
    fc.assert(
      fc.property(story, (events) => {
        const world = createBreakerWorld(FLEET);
        let now = 0;
        for (const [wait, what] of events) {
          now += wait;
          tell(world, what, now);
          if (world.breaker.view(now).state === 'blind') return;
          expect(world.believed).toEqual(world.plain);
        }
        quiet += 1;
      }),
      { numRuns: 400 },
    );
    expect(quiet).toBeGreaterThan(100);
  });

  it('withholds what is measured down and believed up, and nothing else', () => {
    fc.assert(
      fc.property(story, controls, (events, targets) => {
        const world = blindWorld(targets);
        let now = 30_000;
        for (const [wait, what] of events) {
          now += wait;
          tell(world, what, now);
          const withheld = MONITORS.filter((id) => world.believed.get(id)?.withheld !== undefined);
          expect(withheld.length).toBe(world.breaker.view(now).withheld);
          for (const id of withheld) {
            expect(world.believed.get(id)).toMatchObject({ state: 'up', withheld: { state: 'down' } });
            expect(world.plain.get(id)?.state).toBe('down');
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('hides nothing for ever: after the longest time all is believed as it is measured', () => {
    fc.assert(
      fc.property(story, controls, (events, targets) => {
        const world = blindWorld(targets);
        let now = 30_000;
        for (const [wait, what] of events) {
          now += wait;
          tell(world, what, now);
        }
        // Nobody probes any more: what is withheld waits for nothing but time, or for the next failure.
        now = Math.max(now, world.breaker.nextAt() === Number.POSITIVE_INFINITY ? 0 : world.breaker.nextAt());
        world.advance(now + 900_000);
        for (const id of MONITORS) if (world.plain.get(id)?.state === 'down') world.probe(id, '-', now + 950_000);
        expect(world.breaker.view(now + 950_000).withheld).toBe(0);
        expect(states(world.believed)).toEqual(states(world.plain));
      }),
      { numRuns: 400 },
    );
  });
});
