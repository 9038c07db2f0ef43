/**
 * What is remembered of a monitor over a restart, and what is believed by it until the next result.
 *
 *     before                    remembered                  after the restart, until the first result
 *     held                      until when, or `operator`   held, by what its settings ask for now at most
 *     down                      that it was                 down; the first good result brings it up, or into its hold
 *     in service, fell before   how often                   unseen; its next fall counts on
 *     in service, never fell    nothing                     unseen
 *
 * Everything else is measured anew: counts on the way to a verdict, latencies, certificates, a slow start. The time in which
 * nobody looked counts for a hold, as time does; a service without a fall begins anew. What is remembered is stale until the
 * first result, and says so. Times are wall time, as steady time ends with the process: a hold is never longer than it was
 * asked to be, wherever the wall clock was set to.
 */
import type { Monitor } from '../desired/model.ts';
import { holdOf } from './failback.ts';
import { type Belief, elapse, NO_BELIEF, release } from './judge.ts';
import type { Moment, StateReason } from './monitor-health.ts';
import type { Standing } from './service.ts';
import type { Telling } from './stillness.ts';

/** Longest time for which holds and falls are remembered while no director ran, in ms: a week, as the longest `failback`. */
const MAX_HOLD_AGE_MS = 604_800_000;
/** Longest time for which it is remembered that one was down which nothing holds back, in ms: 15 minutes. */
const MAX_DOWN_AGE_MS = 900_000;

/** Times in ms since the epoch. */
export type RememberedHealth = {
  /** The form; a reader passes over every other. */
  readonly version: 1;
  readonly standing: 'serving' | 'down' | 'held';
  /** When the state began. */
  readonly since: number;
  readonly falls: number;
  /** Of one that is held: when that is over. */
  readonly until?: number | 'operator';
  readonly why?: StateReason;
  /** Of one that serves: since when without a fall. */
  readonly calmSince?: number;
};

/** What is to be remembered of a belief of this moment; undefined: nothing that a measurement would not tell as well. */
export function remembered(
  { service: { standing, flaps }, health }: Belief,
  { judgement }: Monitor,
  now: Moment,
): RememberedHealth | undefined {
  const wallOf = (steady: number): number => now.wall + (steady - now.steady);
  const known = { version: 1, since: health.since, falls: flaps.falls } as const;
  switch (standing.kind) {
    case 'held': {
      const until = standing.until === Number.POSITIVE_INFINITY ? 'operator' : wallOf(standing.until);
      return Object.freeze({ ...known, standing: 'held', until, why: standing.why });
    }
    case 'down':
      return Object.freeze({ ...known, standing: 'down' });
    case 'serving':
    case 'failing': {
      if (flaps.falls === 0 || (judgement?.flapDampingMs ?? 0) === 0) return undefined;
      return Object.freeze({ ...known, standing: 'serving', calmSince: wallOf(flaps.calmSince ?? now.steady) });
    }
    case 'unseen':
      return undefined;
    default:
      return standing satisfies never;
  }
}

/** What is believed by what was remembered, when it was so `ageMs` ago; undefined: nothing. */
export function recalled(
  saved: RememberedHealth,
  monitor: Monitor,
  { now, ageMs, telling = 'state' }: { readonly now: Moment; readonly ageMs: number; readonly telling?: Telling },
): Belief | undefined {
  if (ageMs > MAX_HOLD_AGE_MS) return undefined;
  const flaps = Object.freeze({ falls: saved.falls, calmSince: undefined });
  const hold = holdOf(flaps, monitor);
  switch (saved.standing) {
    case 'held': {
      const standing: Standing = {
        kind: 'held',
        until: now.steady + leftOf(saved, hold.ms, now),
        why: saved.why ?? hold.why,
      };
      return begun(
        { ...NO_BELIEF, streak: UP, service: { standing, flaps, rampSince: undefined } },
        saved,
        monitor,
        now,
        telling,
      );
    }
    case 'down': {
      if (hold.ms === 0 && ageMs > MAX_DOWN_AGE_MS) return undefined;
      // The first result decides, as it does of one that was never seen.
      const streak = { verdict: 'down', contrary: monitor.rise - 1, calm: 0 } as const;
      const service = { standing: { kind: 'down' } as const, flaps, rampSince: undefined };
      return begun({ ...NO_BELIEF, streak, service }, saved, monitor, now, telling);
    }
    case 'serving': {
      const calmMs = now.wall - (saved.calmSince ?? now.wall);
      if (calmMs > (monitor.judgement?.flapDampingMs ?? 0)) return undefined;
      return { ...NO_BELIEF, service: { ...NO_BELIEF.service, flaps } };
    }
    default:
      return saved.standing satisfies never;
  }
}

/**
 * What is believed when another process that watched the monitor as well is taken over from: by what we measured ourselves, but
 * for holds. One that the other began is kept, unless it is down by now; one that it ended is over. `saved`: what it remembered
 * last, where that is other than when we began.
 */
export function succeeded(
  before: Belief,
  saved: RememberedHealth | undefined,
  monitor: Monitor,
  occasion: { readonly now: Moment; readonly ageMs: number; readonly telling?: Telling },
): Belief {
  const { now, telling } = occasion;
  const belief = elapse(before, monitor, now, telling);
  const { kind } = belief.service.standing;
  if (saved?.standing === 'held' && kind !== 'held' && kind !== 'down') {
    const held = recalled(saved, monitor, occasion);
    // The good results that it had are none of those that end a hold: the next one is.
    return held === undefined ? belief : { ...held, idleMs: belief.idleMs };
  }
  return saved?.standing === 'down' || saved?.standing === 'held' ? belief : release(belief, monitor, now, telling);
}

const UP = Object.freeze({ verdict: 'up', contrary: 0, calm: 0 } as const);

/** How long it is still held, in ms: Infinity where an operator is waited for, now as then. */
function leftOf({ until = 0 }: RememberedHealth, longestMs: number, { wall }: Moment): number {
  const leftMs = until === 'operator' ? Number.POSITIVE_INFINITY : Math.max(0, until - wall);
  return Math.ceil(Math.min(leftMs, longestMs));
}

/** The belief in words. Nobody looked at it since: it is stale until a result comes. */
function begun(draft: Belief, { since }: RememberedHealth, monitor: Monitor, now: Moment, telling: Telling): Belief {
  const state = draft.service.standing.kind === 'held' ? 'held' : 'down';
  const health = { ...NO_BELIEF.health, state, since } as const;
  return elapse({ ...draft, health, freshUntil: now.steady, dueAt: now.steady }, monitor, now, telling);
}
