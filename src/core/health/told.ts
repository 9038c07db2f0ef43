/** What is told of a belief, and when time alone makes that something else. */
import type { Monitor } from '../desired/model.ts';
import { holdOf } from './failback.ts';
import type { Moment, MonitorHealth, MonitorState, ProbeResult, StateReason } from './monitor-health.ts';
import { nextOutlook, outlook } from './outlook.ts';
import type { Service } from './service.ts';
import { admitted, nextStepMs } from './slow-start.ts';
import type { Softness } from './softness.ts';
import { nextStillnessMs, stillFrom, stillness, type Telling } from './stillness.ts';
import { msToVerdict, type Streak } from './streak.ts';

/** A monitor without any result yet. */
export const UNSEEN: MonitorHealth = Object.freeze({
  state: 'unseen',
  since: 0,
  contrary: 0,
  secondsToChange: Number.POSITIVE_INFINITY,
});

/** What is put into words. `health` is what was told before. */
export type Tellable = {
  readonly streak: Streak;
  readonly service: Service;
  readonly softness: Softness;
  readonly health: MonitorHealth;
  /** From when on it stands still, in steady ms, as was known before; Infinity: nothing is known. */
  readonly stillSince: number;
  /** Undefined: it is probed on its own interval. */
  readonly idleMs?: number | undefined;
  readonly last: ProbeResult | undefined;
};

/** For whom and when, and how much of it. */
export type Occasion = {
  readonly monitor: Monitor;
  readonly now: Moment;
  readonly freshness: 'fresh' | 'stale';
  readonly telling: Telling;
};

/** What is told from now on; `retellAt`, in steady ms, when it is another number though nothing happened. */
export type Told = { readonly health: MonitorHealth; readonly retellAt: number; readonly stillSince: number };

/** Puts a belief into words. */
export function told(of: Tellable, { monitor, now, freshness, telling }: Occasion): Told {
  const state = stateOf(of);
  const reason = reasonOf(of);
  const timer = timerOf(of.service, monitor, now.steady);
  const left = timer - now.steady;
  const { rampSince } = of.service;
  const isFailing = of.service.standing.kind === 'failing';
  const motion = freshness === 'fresh' && isSettled(of) ? 'still' : 'moving';
  // Where nobody looked for a while, nobody knows what was meanwhile.
  const isSame = motion === 'still' && state === of.health.state && of.health.freshness !== 'stale';
  const stillSince = isSame ? Math.min(of.stillSince, stillFrom(now.steady)) : stillFrom(now.steady);
  const stillMs = motion === 'still' && telling === 'stillness' ? now.steady - stillSince : Number.NEGATIVE_INFINITY;
  const health: MonitorHealth = {
    state,
    since: state === of.health.state ? of.health.since : now.wall,
    contrary: isFailing ? monitor.fall : of.streak.contrary,
    secondsToChange: Math.min(outlook(left), secondsByResults(of, monitor, left)),
    ...(reason === undefined ? {} : { reason }),
    ...(rampSince === undefined ? {} : { admits: admitted(now.steady - rampSince, rampMs(monitor)) }),
    ...(stillness(stillMs) === 0 ? {} : { stillness: stillness(stillMs) }),
    ...(freshness === 'fresh' || state === 'unseen' ? {} : { freshness }),
    ...(of.idleMs === undefined ? {} : { pace: 'idle' as const }),
    ...(of.last === undefined ? {} : { last: of.last }),
  };
  const nextLevelAt =
    stillMs === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : stillSince + nextStillnessMs(stillMs);
  return { health: Object.freeze(health), retellAt: Math.min(timer - nextOutlook(left), nextLevelAt), stillSince };
}

/** Whether nothing leads on from here. */
function isSettled({ streak, service: { standing, rampSince } }: Tellable): boolean {
  const isThere = standing.kind === 'serving' || standing.kind === 'down';
  return isThere && streak.contrary === 0 && rampSince === undefined;
}

/** The same without its ramp, where that is over. */
export function rampDone(service: Service, monitor: Monitor, now: number): Service {
  const { rampSince } = service;
  const isRunning = rampSince === undefined || nextStepMs(now - rampSince, rampMs(monitor)) < Number.POSITIVE_INFINITY;
  return isRunning ? service : { ...service, rampSince: undefined };
}

function rampMs({ judgement }: Monitor): number {
  return judgement?.slowStartMs ?? 0;
}

function stateOf({ service: { standing }, softness }: Tellable): MonitorState {
  if (standing.kind !== 'serving' && standing.kind !== 'failing') return standing.kind;
  return softness.pace === 'slow' || softness.certificate === 'ending' ? 'degraded' : 'up';
}

function reasonOf({ service: { standing }, softness }: Tellable): StateReason | undefined {
  if (standing.kind === 'held') return standing.why;
  if (standing.kind === 'failing') return 'failover-delay';
  if (standing.kind !== 'serving') return undefined;
  if (softness.pace === 'slow') return 'latency';
  return softness.certificate === 'ending' ? 'certificate' : undefined;
}

/** The next set time at which who is answered may change, in steady ms; Infinity where none is set or it is over. */
function timerOf({ standing, rampSince }: Service, monitor: Monitor, now: number): number {
  const step = rampSince === undefined ? Number.POSITIVE_INFINITY : nextStepMs(now - rampSince, rampMs(monitor));
  const ramp = (rampSince ?? 0) + step;
  if (standing.kind === 'failing') return Math.min(ramp, standing.until);
  if (standing.kind === 'held') return standing.until > now ? standing.until : Number.POSITIVE_INFINITY;
  return ramp;
}

/** Seconds until results on the interval can change who is answered. A verdict moves nobody while something delays it. */
function secondsByResults({ service, streak }: Tellable, monitor: Monitor, left: number): number {
  const ms = msToVerdict(streak, monitor);
  switch (service.standing.kind) {
    case 'serving':
      return (ms + (monitor.judgement?.failoverDelayMs ?? 0)) / 1000;
    case 'down':
      return (ms + holdOf(service.flaps, monitor).ms) / 1000;
    case 'held':
      // Over, and only waiting for a good result; that of an operator never is.
      return left === Number.POSITIVE_INFINITY && Number.isFinite(service.standing.until)
        ? monitor.intervalMs / 1000
        : Number.POSITIVE_INFINITY;
    case 'failing':
    case 'unseen':
      return Number.POSITIVE_INFINITY;
    default:
      return service.standing satisfies never;
  }
}
