import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Judgement, Monitor } from '../../../../src/core/desired/model.ts';
import { cover } from '../../../../src/core/health/breaker-cover.ts';
import { type Belief, changeBetween, elapse, judge, NO_BELIEF } from '../../../../src/core/health/judge.ts';
import type { Telling } from '../../../../src/core/health/stillness.ts';
import { askedForStillness, nextStillnessMs, stillness } from '../../../../src/core/health/stillness.ts';
import { endpoint, hostname, model, zone } from '../snapshot/build.ts';
import { judgedBy, MONITOR, moment, result } from './monitored.ts';

const HOUR_S = 3600;

/** One monitor on its way through hours: a result every minute. */
function createDay(monitor: Monitor = { ...MONITOR, intervalMs: 60_000 }, telling: Telling = 'stillness') {
  let belief: Belief = NO_BELIEF;
  let seconds = 0;
  const levels: number[] = [];
  return {
    /** So many results alike. */
    results(sign: '+' | '-' | '.', count: number, durationMs = 5): number {
      for (let i = 0; i < count; i++) {
        seconds += 60;
        const now = moment(seconds);
        belief =
          sign === '.'
            ? elapse(belief, monitor, now, telling)
            : judge(belief, result(sign === '+', now, { durationMs }), monitor, now, telling);
        levels.push(belief.health.stillness ?? 0);
      }
      return belief.health.stillness ?? 0;
    },
    health: () => belief.health,
    levels,
  };
}

describe('how long a monitor stood still', () => {
  it.each([
    [0, 0, 1],
    [HOUR_S - 0.001, 0, 1],
    [HOUR_S, 1, 2],
    [2 * HOUR_S - 0.001, 1, 2],
    [2 * HOUR_S, 2, 4],
    [4 * HOUR_S, 3, 8],
    [8 * HOUR_S, 4, 16],
    [16 * HOUR_S, 5, 32],
    [32 * HOUR_S, 6, 64],
    [64 * HOUR_S, 7, Number.POSITIVE_INFINITY],
    [100_000 * HOUR_S, 7, Number.POSITIVE_INFINITY],
    [-60, 0, 1],
    [Number.NEGATIVE_INFINITY, 0, 1],
  ])('after %d s it is level %d until %d h', (seconds, level, hours) => {
    expect([stillness(seconds * 1000), nextStillnessMs(seconds * 1000)]).toEqual([level, hours * HOUR_S * 1000]);
  });

  it('rises by doublings, at whole minutes, by time alone', () => {
    const day = createDay();
    day.results('+', 70 * 60);
    const rises = day.levels.flatMap((level, i) =>
      level === (day.levels[i - 1] ?? 0) ? [] : [`${i / 60} h: ${level}`],
    );
    expect(rises).toEqual(['1 h: 1', '2 h: 2', '4 h: 3', '8 h: 4', '16 h: 5', '32 h: 6', '64 h: 7']);
  });

  it('is not told where nobody asks, and nothing wakes for it', () => {
    const day = createDay(MONITOR, 'state');
    expect(day.results('+', 300)).toBe(0);
    expect(day.health()).not.toHaveProperty('stillness');
    const [plain, telling] = (['state', 'stillness'] as const).map((how) => {
      const first = judge(NO_BELIEF, result(true, moment(0)), MONITOR, moment(0), how);
      return judge(first, result(true, moment(10)), { ...MONITOR, intervalMs: 3_600_000 }, moment(10), how).dueAt;
    });
    // Until it is stale: nothing else is due.
    expect(plain).toBe((10 + 3 * HOUR_S + 3) * 1000);
    expect(telling).toBe(HOUR_S * 1000);
  });

  it.each<[string, '+' | '-', number, Partial<Judgement>]>([
    ['one failure', '-', 1, {}],
    ['a fall', '-', 5, {}],
    ['a failover delay', '-', 30, { failoverDelayMs: 3_600_000 }],
  ])('is nothing after %s, and begins anew', (_, sign, count, judgement) => {
    const day = createDay({ ...judgedBy(judgement), intervalMs: 60_000 });
    expect(day.results('+', 200)).toBe(2);
    expect(day.results(sign, 1)).toBe(0);
    expect(day.results(sign, count - 1)).toBe(0);
    expect(day.results('+', 30)).toBe(0);
    expect(day.results('+', 34)).toBe(1);
  });

  it('counts for what is down as well, from the fall on', () => {
    const day = createDay();
    day.results('+', 200);
    expect(day.results('-', 59)).toBe(0);
    expect(day.results('-', 5)).toBe(1);
    expect(day.health().state).toBe('down');
  });

  it('counts for what is degraded, from when it is', () => {
    const day = createDay({ ...judgedBy({ degradedLatencyMs: 500 }), intervalMs: 60_000 });
    expect(day.results('+', 200)).toBe(2);
    expect(day.results('+', 5, 800)).toBe(0);
    expect(day.health().state).toBe('degraded');
    expect(day.results('+', 62, 800)).toBe(1);
  });

  it('never rises while it is held, and begins when a slow start is over', () => {
    const held = createDay({ ...judgedBy({ failback: 'manual' }), intervalMs: 60_000 });
    held.results('-', 1);
    expect(held.results('+', 500)).toBe(0);
    const ramp = createDay({ ...judgedBy({ slowStartMs: 2 * HOUR_S * 1000 }), intervalMs: 60_000 });
    ramp.results('-', 1);
    expect(ramp.results('+', 2 + 120 + 50)).toBe(0);
    expect(ramp.results('+', 20)).toBe(1);
  });

  it('does not count while nobody looks', () => {
    const day = createDay();
    day.results('+', 200);
    expect(day.results('.', 600)).toBe(0);
    expect(day.health().freshness).toBe('stale');
    expect(day.results('+', 50)).toBe(0);
    expect(day.results('+', 12)).toBe(1);
  });

  it('is a matter of the answers, and left out while the prober is not believed', () => {
    const up = { state: 'up', since: 1, contrary: 0, secondsToChange: Number.POSITIVE_INFINITY } as const;
    expect(changeBetween(up, { ...up, stillness: 1 })).toBe('answers');
    expect(changeBetween({ ...up, stillness: 1 }, { ...up, stillness: 1 })).toBe('detail');
    expect(cover({ ...up, stillness: 7 }, { ...up, state: 'down' }, 60)).not.toHaveProperty('stillness');
  });

  it('goes by results and their times alone, whoever looks in between', () => {
    const event = fc.record({
      good: fc.constantFrom(true, true, true, true, false),
      afterMs: fc.constantFrom(10_000, 60_000, 3_599_999, 7_200_000),
    });
    const monitor = judgedBy(
      { failoverDelayMs: 60_000, failback: 25_000, slowStartMs: 150_000 },
      { intervalMs: 3_600_000 },
    );
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 30 }),
        fc.array(fc.nat(100_000_000), { maxLength: 30 }),
        (events, looks) => {
          const moments = looks.toSorted((a, b) => a - b);
          let [plain, looked, at] = [NO_BELIEF, NO_BELIEF, 0];
          for (const { good, afterMs } of events) {
            at += afterMs;
            while ((moments[0] ?? Number.POSITIVE_INFINITY) <= at)
              looked = elapse(looked, monitor, moment(moments.shift()! / 1000), 'stillness');
            const now = moment(at / 1000);
            plain = judge(plain, result(good, now), monitor, now, 'stillness');
            looked = judge(looked, result(good, now), monitor, now, 'stillness');
            expect(looked).toEqual(plain);
            const { state, contrary, stillness: level = 0 } = plain.health;
            if (contrary > 0 || state === 'held') expect(level).toBe(0);
          }
        },
      ),
    );
  });
});

describe('who asks for it', () => {
  const ends = (...monitors: string[]) => monitors.map((monitor, i) => endpoint(`c${i}`, `192.0.2.${i}`, { monitor }));
  const plain = hostname('plain.z', {}, ends('a', 'b'));
  const calculated = [
    { id: 'inner', kind: 'any', need: 1, members: ['p1', 'p2'] },
    { id: 'outer', kind: 'all', need: 2, members: ['inner', 'p3'] },
    { id: 'other', kind: 'not', need: 1, members: ['p4'] },
  ] as const;

  it('is nobody without a stable TTL', () => {
    expect(askedForStillness({ ...model([zone('z')], [plain]), calculated })).toEqual(new Set());
  });

  it('is a hostname with one: of all its clusters, and of what their monitors are made of', () => {
    const rising = hostname('rising.z', { stableTtl: 3600 }, ends('b', 'outer'));
    const asked = askedForStillness({ ...model([zone('z')], [plain, rising]), calculated });
    expect([...asked].toSorted()).toEqual(['b', 'inner', 'outer', 'p1', 'p2', 'p3']);
  });
});
