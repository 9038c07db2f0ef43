import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../../../src/core/desired/model.ts';
import { createHealthMemory } from '../../../../src/core/health/health-memory.ts';
import { elapse, judge, NO_BELIEF, release } from '../../../../src/core/health/judge.ts';
import { type RememberedHealth, recalled, remembered } from '../../../../src/core/health/remembered.ts';
import { createStory, judgedBy, MONITOR, moment, result, WALL } from './monitored.ts';

const MANUAL = judgedBy({ failback: 'manual' });
/** The moment so many seconds later, by a steady clock that began anew. */
const later = (seconds: number) => ({ steady: 0, wall: WALL + seconds * 1000 });

/** What is remembered after these results. */
function rememberedAfter(signs: string, monitor = MONITOR) {
  const story = createStory(monitor);
  story.results(signs);
  return { saved: remembered(story.belief(), monitor, moment(story.now())), story };
}

describe('what is remembered of a monitor', () => {
  it.each([
    ['nothing of one that was never seen', '', MONITOR, undefined],
    ['nothing of one that is well', '+++', MANUAL, undefined],
    ['nothing of falls that nobody counts', '+---++', MONITOR, undefined],
    ['that it is down', '+---', MONITOR, { standing: 'down', falls: 1 }],
    ['that an operator is waited for', '+---++', MANUAL, { standing: 'held', until: 'operator', why: 'operator' }],
    ['falls that count', '+---++', judgedBy({ flapDampingMs: 600_000 }), { standing: 'serving', falls: 1 }],
    ['nothing of a fall that is delayed', '+---', judgedBy({ failoverDelayMs: 60_000 }), undefined],
  ])('%s', (_, signs, monitor, wanted) => {
    const { saved } = rememberedAfter(signs, monitor);
    if (wanted === undefined) expect(saved).toBeUndefined();
    else expect(saved).toMatchObject(wanted);
  });

  it('when a hold is over, by the wall', () => {
    const { saved } = rememberedAfter('+---++', judgedBy({ failback: 300_000 }));
    expect(saved).toMatchObject({ standing: 'held', until: WALL + 60_000 + 300_000, why: 'failback' });
  });

  it('never serves what was held or down, and never holds longer, whatever came before', () => {
    const judgement: fc.Arbitrary<Partial<Judgement>> = fc.record({
      forgive: fc.integer({ min: 1, max: 4 }),
      failoverDelayMs: fc.constantFrom(0, 60_000),
      failback: fc.constantFrom<Judgement['failback']>('auto', 'manual', 25_000, 300_000),
      slowStartMs: fc.constantFrom(0, 150_000),
      flapDampingMs: fc.constantFrom(0, 30_000, 600_000),
    });
    const step = fc.constantFrom('+', '+', '-', '-', '-', 'look', 'release');
    fc.assert(
      fc.property(judgement, fc.array(step, { maxLength: 60 }), fc.nat(1_000_000), (asked, steps, offMs) => {
        const monitor = judgedBy(asked);
        let belief = NO_BELIEF;
        let at = 0;
        for (const each of steps) {
          at += 10;
          const now = moment(at);
          if (each === 'look') belief = elapse(belief, monitor, now);
          else if (each === 'release') belief = release(belief, monitor, now);
          else belief = judge(belief, result(each === '+', now), monitor, now);
        }
        const { state } = belief.health;
        const kept = remembered(belief, monitor, moment(at));
        const saved: RememberedHealth | null = JSON.parse(JSON.stringify(kept ?? null));
        const now = { steady: 0, wall: WALL + at * 1000 + offMs };
        const back = saved === null ? undefined : recalled(saved, monitor, { now, ageMs: offMs });
        const shown = back?.health.state ?? 'unseen';
        if (state === 'held') expect(shown).toBe('held');
        else if (state === 'down') expect(['down', 'unseen']).toContain(shown);
        else expect(shown).toBe('unseen');
        const before = belief.service.standing;
        if (before.kind !== 'held' || back?.service.standing.kind !== 'held') return;
        const leftMs = Math.max(0, before.until - at * 1000 - offMs);
        expect(back.service.standing.until).toBe(leftMs);
        // Good results bring it back when the hold is over, and no sooner.
        const due = { steady: 20_000, wall: now.wall + 20_000 };
        const good = judge(back, result(true, due), monitor, due);
        expect(good.health.state === 'held').toBe(leftMs > 20_000);
      }),
      { numRuns: 400 },
    );
  });
});

describe('what is believed by it', () => {
  it('is stale until the first result, which is the first of this run', () => {
    const { saved } = rememberedAfter('+---');
    const belief = recalled(saved!, MONITOR, { now: later(60), ageMs: 20_000 })!;
    expect(belief.health).toMatchObject({ state: 'down', freshness: 'stale', since: WALL + 40_000 });
    const bad = judge(belief, result(false, later(70)), MONITOR, { ...later(70), steady: 10_000 });
    expect(bad.health).toMatchObject({ state: 'down', since: WALL + 40_000 });
    expect(bad.health.freshness).toBeUndefined();
    // From then on it takes as many as ever.
    const once = judge(bad, result(true, later(80)), MONITOR, { ...later(80), steady: 20_000 });
    expect(once.health.state).toBe('down');
  });

  it('is nothing after a week, and of one that is merely down after a quarter of an hour', () => {
    const week = 7 * 86_400_000;
    const { saved: held } = rememberedAfter('+---++', MANUAL);
    expect(recalled(held!, MANUAL, { now: later(week / 1000), ageMs: week })).toBeDefined();
    expect(recalled(held!, MANUAL, { now: later(week / 1000), ageMs: week + 1 })).toBeUndefined();
    const { saved: down } = rememberedAfter('+---');
    expect(recalled(down!, MONITOR, { now: later(0), ageMs: 900_000 })).toBeDefined();
    expect(recalled(down!, MONITOR, { now: later(0), ageMs: 900_001 })).toBeUndefined();
    const { saved: waiting } = rememberedAfter('+---', MANUAL);
    expect(recalled(waiting!, MANUAL, { now: later(0), ageMs: week })).toBeDefined();
  });

  it('is no fall once it was calm for long enough', () => {
    const damped = judgedBy({ flapDampingMs: 600_000 });
    const { saved } = rememberedAfter('+---++', damped);
    expect(recalled(saved!, damped, { now: later(660), ageMs: 0 })?.service.flaps.falls).toBe(1);
    expect(recalled(saved!, damped, { now: later(661), ageMs: 0 })).toBeUndefined();
  });
});

describe('a memory', () => {
  const { story } = rememberedAfter('+---', MANUAL);
  const noted = (believed: () => boolean) => {
    const memory = createHealthMemory();
    memory.note(MANUAL, story.belief(), moment(40), believed);
    return memory;
  };

  it('tells once what is other than before, and of what is well nothing', () => {
    const memory = noted(() => true);
    expect([...memory.take().keys()]).toEqual([MANUAL.id]);
    expect(memory.take().size).toBe(0);
    memory.note(MONITOR, createStory(MONITOR).belief(), moment(50), () => true);
    expect([...memory.take()]).toEqual([[MONITOR.id, undefined]]);
    memory.note(MONITOR, createStory(MONITOR).belief(), moment(60), () => true);
    expect(memory.take().size).toBe(0);
  });

  it('does not tell what is withheld, for after a restart it would be believed', () => {
    let believed = false;
    const memory = noted(() => believed);
    expect(memory.take().size).toBe(0);
    believed = true;
    expect(memory.take().size).toBe(1);
  });

  it('tells again what could not be saved, unless it is another by now', () => {
    const memory = noted(() => true);
    const taken = memory.take();
    memory.giveBack(taken);
    expect(memory.take()).toEqual(taken);
    memory.forget(MANUAL.id);
    memory.giveBack(taken);
    expect([...memory.take()]).toEqual([[MANUAL.id, undefined]]);
  });
});
