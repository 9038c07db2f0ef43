import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Judgement, Monitor } from '../../../../src/core/desired/model.ts';
import { type Belief, elapse, judge, NO_BELIEF, release } from '../../../../src/core/health/judge.ts';
import type { MonitorHealth } from '../../../../src/core/health/monitor-health.ts';
import { judgedBy, moment, result } from './monitored.ts';

const judgement: fc.Arbitrary<Judgement> = fc.record({
  forgive: fc.integer({ min: 1, max: 4 }),
  failoverDelayMs: fc.constantFrom(0, 0, 5_000, 60_000),
  failback: fc.constantFrom<Judgement['failback']>('auto', 'auto', 'manual', 25_000, 300_000),
  slowStartMs: fc.constantFrom(0, 0, 1_000, 150_000),
  flapDampingMs: fc.constantFrom(0, 0, 30_000, 600_000),
  degradedLatencyMs: fc.constantFrom(0, 0, 500),
  retryMs: fc.constantFrom(0, 0, 700),
  degradedCertificateDays: fc.constantFrom(0, 0, 14),
});
const monitor: fc.Arbitrary<Monitor> = fc
  .record({ judgement, rise: fc.integer({ min: 1, max: 4 }), fall: fc.integer({ min: 1, max: 4 }) })
  .map(({ judgement: asked, ...counts }) => judgedBy(asked, counts));

type Event = {
  readonly kind: 'good' | 'bad' | 'look' | 'release';
  readonly afterMs: number;
  readonly durationMs: number;
};

const event: fc.Arbitrary<Event> = fc.record({
  kind: fc.constantFrom('good', 'good', 'good', 'good', 'bad', 'bad', 'look', 'release'),
  afterMs: fc.oneof(fc.constant(10_000), fc.integer({ min: 0, max: 20_000 }), fc.constant(400_000)),
  durationMs: fc.constantFrom(5, 700),
});
const story = fc.record({ monitor, events: fc.array(event, { maxLength: 80 }) });

type Step = { readonly event: Event; readonly at: number; readonly before: Belief; readonly after: Belief };

/** What is believed after each event; `before` with the time gone by until it. */
function told(of: Monitor, events: readonly Event[]): readonly Step[] {
  let belief = NO_BELIEF;
  let at = 0;
  return events.map((each) => {
    at += each.afterMs;
    const now = moment(at / 1000);
    const before = elapse(belief, of, now);
    const { durationMs } = each;
    if (each.kind === 'release') belief = release(belief, of, now);
    else if (each.kind === 'look') belief = before;
    else belief = judge(belief, result(each.kind === 'good', now, { durationMs, certificateDaysLeft: 20 }), of, now);
    return { event: each, at, before, after: belief };
  });
}

function isServed({ state }: MonitorHealth): boolean {
  return state === 'up' || state === 'degraded';
}

/** Every belief on the way, those that time alone made as well, with when it began. */
function allBeliefs(of: Monitor, events: readonly Event[]): readonly (readonly [at: number, health: MonitorHealth])[] {
  let belief = NO_BELIEF;
  let at = 0;
  const all: (readonly [number, MonitorHealth])[] = [];
  for (const step of told(of, events)) {
    for (let due = belief.dueAt; due <= step.at; due = belief.dueAt) {
      belief = elapse(belief, of, moment(due / 1000));
      all.push([due, belief.health]);
    }
    belief = step.after;
    at = step.at;
    all.push([at, belief.health]);
  }
  return all;
}

describe('judgement, whatever is asked and whatever comes', () => {
  it('is never up again before `rise` successes in a row', () => {
    fc.assert(
      fc.property(story, ({ monitor: of, events }) => {
        let run = 0;
        let longest = 0;
        let wasSeen = false;
        for (const { event: each, before, after } of told(of, events)) {
          for (const health of [before.health, after.health]) {
            if (health === after.health) {
              if (each.kind === 'good') run += 1;
              if (each.kind === 'bad') run = 0;
              longest = Math.max(longest, run);
            }
            // A first result is believed at once.
            if (isServed(health) && wasSeen) expect(longest).toBeGreaterThanOrEqual(of.rise);
            if (health.state === 'down') [wasSeen, longest] = [true, health === after.health ? run : longest];
          }
        }
      }),
    );
  });

  it('a failure while it is held leaves it held or brings it down', () => {
    fc.assert(
      fc.property(story, ({ monitor: of, events }) => {
        for (const { event: each, before, after } of told(of, events)) {
          if (each.kind === 'bad' && before.health.state === 'held')
            expect(['held', 'down']).toContain(after.health.state);
        }
      }),
    );
  });

  it('goes by results and their times alone, whoever looks in between', () => {
    fc.assert(
      fc.property(story, fc.array(fc.nat(1_000_000), { maxLength: 40 }), ({ monitor: of, events }, looks) => {
        const plain = told(of, events);
        let belief = NO_BELIEF;
        const moments = looks.toSorted((a, b) => a - b);
        for (const { event: each, at, after } of plain) {
          while ((moments[0] ?? Number.POSITIVE_INFINITY) <= at)
            belief = elapse(belief, of, moment(moments.shift()! / 1000));
          const now = moment(at / 1000);
          const { durationMs } = each;
          if (each.kind === 'release') belief = release(belief, of, now);
          else if (each.kind === 'look') belief = elapse(belief, of, now);
          else
            belief = judge(belief, result(each.kind === 'good', now, { durationMs, certificateDaysLeft: 20 }), of, now);
          expect(belief).toEqual(after);
        }
      }),
    );
  });

  it('takes more and more clients while it is up, until all', () => {
    fc.assert(
      fc.property(story, ({ monitor: of, events }) => {
        let admits = 0;
        for (const [, health] of allBeliefs(of, events)) {
          if (!isServed(health)) {
            expect(health).not.toHaveProperty('admits');
            admits = 0;
            continue;
          }
          const share = health.admits ?? 256;
          expect(share).toBeGreaterThanOrEqual(admits);
          expect(share % 16).toBe(0);
          admits = share;
        }
      }),
    );
  });

  it('moves nobody by time alone before it said so', () => {
    fc.assert(
      fc.property(story, ({ monitor: of, events }) => {
        let belief = NO_BELIEF;
        let toldAt = 0;
        for (const step of told(of, events)) {
          for (let due = belief.dueAt; due <= step.at; due = belief.dueAt) {
            const next = elapse(belief, of, moment(due / 1000));
            const [before, after] = [belief.health, next.health];
            const isMoved = isServed(before) !== isServed(after) || before.admits !== after.admits;
            // Below the shortest TTL there is nothing to say.
            const seconds = before.secondsToChange <= 4 ? 0 : before.secondsToChange;
            if (isMoved) expect(due).toBeGreaterThanOrEqual(toldAt + seconds * 1000);
            belief = next;
            toldAt = due;
          }
          belief = step.after;
          toldAt = step.at;
        }
      }),
    );
  });

  it('holds nobody for longer than was asked, while all is well', () => {
    fc.assert(
      fc.property(story, ({ monitor: of, events }) => {
        const { failback, flapDampingMs } = of.judgement!;
        fc.pre(failback !== 'manual');
        const longest = Math.max(flapDampingMs, failback === 'auto' ? 0 : failback);
        const last = told(of, events).at(-1);
        let belief = last?.after ?? NO_BELIEF;
        let at = last?.at ?? 0;
        // Good results every interval from here on.
        const results = of.rise + Math.ceil(longest / of.intervalMs) + 1;
        for (let good = 0; good < results; good++) {
          at += of.intervalMs;
          belief = judge(belief, result(true, moment(at / 1000)), of, moment(at / 1000));
        }
        expect(isServed(belief.health)).toBe(true);
      }),
    );
  });

  it('always comes to rest: time without results changes it only so often', () => {
    fc.assert(
      fc.property(story, ({ monitor: of, events }) => {
        let belief = told(of, events).at(-1)?.after ?? NO_BELIEF;
        let steps = 0;
        for (let due = belief.dueAt; due < Number.POSITIVE_INFINITY; due = belief.dueAt) {
          belief = elapse(belief, of, moment(due / 1000));
          expect(belief.dueAt).toBeGreaterThan(due);
          steps += 1;
          expect(steps).toBeLessThan(400);
        }
      }),
    );
  });
});
