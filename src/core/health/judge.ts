/**
 * What is believed of one monitor, and what a result or time makes of it. Each machine has its chart in its own file:
 * `streak.ts` counts results to a verdict, `service.ts` makes of verdict and time who is in service (with `failback.ts` and
 * `damping.ts`, which hold it back), `slow-start.ts` says how many clients it gets, `softness.ts` whether another would be
 * better; `outlook.ts` and `told.ts` put it in the words of `MonitorHealth`.
 *
 *     in service ─► `up`, or `degraded` where something soft speaks against it
 *     held       ─► `held`
 *     down       ─► `down`
 *     unseen     ─► `unseen`
 *
 *     fresh ── no result for `STALE_INTERVALS` and a timeout ─► stale ── result ─► fresh
 *
 * Stale is no state: what was believed stands and is told with it, for silence of the prober is no failure of the target.
 *
 * Time is steady time, so that nobody's hand on the wall clock ends a hold. Same results at the same times: same beliefs,
 * whoever asks in between. A failure of the prober itself (`internal`) says nothing about the target and changes nothing; so
 * does an address that may not be probed (`forbidden`), but it is told.
 */
import type { Monitor } from '../desired/model.ts';
import type { Moment, MonitorHealth, ProbeResult } from './monitor-health.ts';
import { NO_SERVICE, released, type Service, served, serviceDueAt } from './service.ts';
import { NO_SOFTNESS, type Softness, softened } from './softness.ts';
import type { Telling } from './stillness.ts';
import { counted, NO_STREAK, type Streak } from './streak.ts';
import { rampDone, told, UNSEEN } from './told.ts';

export { UNSEEN } from './told.ts';

/** Intervals without a result after which, and a timeout, what is believed is stale. */
const STALE_INTERVALS = 3;
/** Beliefs become stale at whole multiples of this, in ms: not thousands of them one by one. */
const STALE_STEP_MS = 1_000;

/** All that is kept of one monitor; `health` is what is told of it. */
export type Belief = {
  readonly streak: Streak;
  readonly service: Service;
  readonly softness: Softness;
  /** From when on it stands still (`stillness.ts`), in steady ms; Infinity where nothing was seen yet. */
  readonly stillSince: number;
  /** When it becomes stale, in steady ms; Infinity where it is, or nothing was seen yet. */
  readonly freshUntil: number;
  /** From one probe to the next while nobody asks for it, in ms; undefined: its own interval. */
  readonly idleMs: number | undefined;
  /** When time alone changes what is believed or told, in steady ms; Infinity for never. */
  readonly dueAt: number;
  readonly health: MonitorHealth;
};

/** Nothing is believed. */
export const NO_BELIEF: Belief = Object.freeze({
  streak: NO_STREAK,
  service: NO_SERVICE,
  softness: NO_SOFTNESS,
  stillSince: Number.POSITIVE_INFINITY,
  freshUntil: Number.POSITIVE_INFINITY,
  idleMs: undefined,
  dueAt: Number.POSITIVE_INFINITY,
  health: UNSEEN,
});

/**
 * What a change of health can touch. `answers`: the state, its share of the clients, the time to its next change or for how
 * long it stood still differs, and with it who is answered or the TTL. `detail`: only what is shown to people (last result, counts, freshness).
 */
export type HealthChange = 'nothing' | 'detail' | 'answers';

/** What is believed after one more result; `telling`: how much of it is told. */
export function judge(
  earlier: Belief,
  result: ProbeResult,
  monitor: Monitor,
  now: Moment,
  telling: Telling = 'state',
): Belief {
  const before = elapse(earlier, monitor, now, telling);
  if (result.outcome.kind === 'failure') {
    const { failure } = result.outcome;
    if (failure === 'internal') return before;
    if (failure === 'forbidden') return { ...before, health: Object.freeze({ ...before.health, last: result }) };
  }
  const draft = {
    streak: counted(before.streak, result.outcome.kind === 'success' ? 'up' : 'down', monitor),
    service: before.service,
    softness: softened(before.softness, result, monitor),
    stillSince: before.stillSince,
    freshUntil: staleAt(monitor, now.steady, before.idleMs),
    idleMs: before.idleMs,
  };
  return settled({ ...draft, health: before.health, last: result }, monitor, { ...now, wall: result.at }, telling);
}

/** What is believed when time went by. Returns `before` itself where nothing came due. */
export function elapse(before: Belief, monitor: Monitor, now: Moment, telling: Telling = 'state'): Belief {
  let belief = before;
  // Each thing at its own time, however late it is looked at: every step lies behind the one before.
  while (belief.dueAt <= now.steady) {
    const due = belief.dueAt;
    const freshUntil = due >= belief.freshUntil ? Number.POSITIVE_INFINITY : belief.freshUntil;
    const at = { steady: due, wall: now.wall - (now.steady - due) };
    belief = settled({ ...belief, freshUntil, last: belief.health.last }, monitor, at, telling);
  }
  return belief;
}

/** What is believed when an operator ends a hold. Returns what time made of `before` where it is not held. */
export function release(before: Belief, monitor: Monitor, now: Moment, telling: Telling = 'state'): Belief {
  const belief = elapse(before, monitor, now, telling);
  const service = released(belief.service, monitor, now.steady);
  if (service === belief.service) return belief;
  return settled({ ...belief, service, last: belief.health.last }, monitor, now, telling);
}

/** What is believed when it is probed every so many ms from now on; undefined: on its own interval. */
export function repaced(
  earlier: Belief,
  idleMs: number | undefined,
  monitor: Monitor,
  now: Moment,
  telling: Telling = 'state',
): Belief {
  const before = elapse(earlier, monitor, now, telling);
  // Whoever is stale stays so until its next result.
  const isStale = before.freshUntil === Number.POSITIVE_INFINITY;
  const freshUntil = isStale ? before.freshUntil : staleAt(monitor, now.steady, idleMs);
  return settled({ ...before, idleMs, freshUntil, last: before.health.last }, monitor, now, telling);
}

/** How much of a difference lies between two that are told of one monitor. */
export function changeBetween(before: MonitorHealth, after: MonitorHealth): HealthChange {
  if (before === after) return 'nothing';
  const isAlike = before.state === after.state && before.secondsToChange === after.secondsToChange;
  const same = isAlike && before.admits === after.admits && before.stillness === after.stillness;
  return same ? 'detail' : 'answers';
}

type Draft = Omit<Belief, 'dueAt'> & { readonly last: ProbeResult | undefined };

/** Follows the charts until nothing leads on at this moment, and puts into words where that is. */
function settled(draft: Draft, monitor: Monitor, now: Moment, telling: Telling): Belief {
  const { streak, freshUntil, idleMs } = draft;
  const freshness = freshUntil === Number.POSITIVE_INFINITY ? 'stale' : 'fresh';
  const input = { streak, freshness, monitor, now: now.steady } as const;
  let { service } = draft;
  for (let next = served(service, input); next !== service; next = served(service, input)) service = next;
  service = rampDone(service, monitor, now.steady);
  const softness = service.standing.kind === 'down' ? NO_SOFTNESS : draft.softness;
  const occasion = { monitor, now, freshness, telling } as const;
  const { health, retellAt, stillSince } = told({ ...draft, service, softness }, occasion);
  const dueAt = Math.min(freshUntil, retellAt, serviceDueAt(service, streak, freshness));
  return { streak, service, softness, stillSince, freshUntil, idleMs, dueAt, health };
}

function staleAt({ intervalMs, timeoutMs }: Monitor, now: number, idleMs = intervalMs): number {
  return Math.ceil((now + STALE_INTERVALS * idleMs + timeoutMs) / STALE_STEP_MS) * STALE_STEP_MS;
}
