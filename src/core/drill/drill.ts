/**
 * Drills: a failure on purpose, for a set time. Each action enters where the real event would, so that all behind it is what
 * would happen:
 *
 *     drain    an order, as an operator gives one
 *     weight   an order about what the objects say
 *     fail     the results of probes, before thresholds
 *     blind    the pictures of clusters, which do not come any more
 *
 *     planned ─ `startAt` ─► running, step by step ─ `lengthMs` over, stop, an abort condition ─► rolling-back ─ all is back ─► over
 *        │                         │                                                               │
 *        └── stop ─► over          └── a restart of the director ──────────────────────────────────┘
 *            or it must not begin
 *
 * Rolling back begins by taking everything away at once; it lasts until nothing is left of it: a failed endpoint has to be
 * found good again, and may be held for a while. What must not begin when its time comes, as a monitor that it is to heed
 * tells nothing, a rule of safety speaks against it, or nothing is left that it is about, is over without having begun. Time is steady time; what is planned goes by the wall clock. What should
 * have begun by the time of a restart is not begun by it: whether it had is not known for certain, and nobody waits for it.
 */
import type { Scope } from '../orders/scope.ts';
import type { DrillPlan } from './drill-plan.ts';
import type { DrillShares } from './drill-shares.ts';

/** What is done. */
export type DrillAction =
  | { readonly kind: 'drain' | 'fail' | 'blind' }
  | { readonly kind: 'weight'; readonly weight: number };

/** In parts: whole percents, rising, the last one 100; each for so long, in ms. */
export type Ramp = { readonly steps: readonly number[]; readonly everyMs: number };

/** When it is broken off. */
type AbortConditions = {
  /** A hostname that had a usable endpoint when it began has none, or none inside of its residency area any more. */
  readonly noEndpoint: 'abort' | 'go-on';
  /** A cluster that had room has less than it needs. */
  readonly capacity: 'abort' | 'go-on';
  /** Fraction (0–1) of the endpoints of all hostnames it touches that must be usable; 0: none need be. */
  readonly healthyShare: number;
  /** Named monitors that must tell something, and not that they are down. */
  readonly monitors: readonly string[];
};

/** What was asked for. Durations in ms. */
export type DrillSpec = {
  /** Lower case letters, digits and hyphens, at most 63. */
  readonly name: string;
  readonly scope: Scope;
  readonly action: DrillAction;
  /** Ms since the epoch; absent: at once. */
  readonly startAt?: number;
  readonly lengthMs: number;
  readonly ramp?: Ramp;
  readonly abort: AbortConditions;
  readonly reason: string;
};

/** Where a drill stands; the chart is above. */
export type DrillState = 'planned' | 'running' | 'rolling-back' | 'over';

/** All states, in the order of the chart. */
export const DRILL_STATES = ['planned', 'running', 'rolling-back', 'over'] as const satisfies readonly DrillState[];

/** How it ended. `aborted`: by a condition, or it did not even begin. `interrupted`: by a restart of the director. */
export type DrillEnd = {
  readonly kind: 'completed' | 'stopped' | 'aborted' | 'interrupted';
  /** Who, or which condition, in words. */
  readonly why: string;
};

/**
 * What happened. `detected`: the first endpoint changed its state. `decided`: the first other answers were published, and the
 * next question gets them. `first-new-answer`: somebody got one, as far as DNS counts it. `last-old-answer`: nobody was sent there any more, as far as DNS counts it. `caches-over`: the
 * TTL of the old answers is over. `recovered`: the answers are what they were before it began or, where
 * others changed them meanwhile, what they would be without it.
 */
export type MomentKind =
  | 'planned'
  | 'begun'
  | 'step'
  | 'detected'
  | 'decided'
  | 'first-new-answer'
  | 'last-old-answer'
  | 'caches-over'
  | 'ended'
  | 'recovered'
  | 'rolled-back';

/** All of them, in the order in which they mostly come. */
export const MOMENT_KINDS = [
  'planned',
  'begun',
  'step',
  'detected',
  'decided',
  'first-new-answer',
  'last-old-answer',
  'caches-over',
  'ended',
  'recovered',
  'rolled-back',
] as const satisfies readonly MomentKind[];

/** One entry of the timeline; `at` in ms since the epoch. */
export type DrillMoment = { readonly at: number; readonly kind: MomentKind; readonly detail: string };

/** What is kept over restarts. */
export type Drill = {
  readonly spec: DrillSpec;
  readonly by: string;
  /** When it was asked for, and when its state or step began, in ms since the epoch. */
  readonly at: number;
  readonly since: number;
  readonly state: DrillState;
  /** Index in the steps of the ramp. */
  readonly step: number;
  readonly end?: DrillEnd;
  /** In the order of time. */
  readonly timeline: readonly DrillMoment[];
  /** What was foreseen when it was asked for. */
  readonly plan?: DrillPlan;
  /** What it broke when it was asked for, and was started in spite of: rules of safety, by name. */
  readonly forced?: readonly string[];
  /** Who was answered with whom while it ran; there when it is over. */
  readonly shares?: DrillShares;
};

/** All drills, by name, those that are over included. */
export type Drills = ReadonlyMap<string, Drill>;

/** Most entries of a timeline; what comes later is left out but for the end. */
const MAX_MOMENTS = 200;

/** A ramp of one step. */
const AT_ONCE: Ramp = Object.freeze({ steps: [100], everyMs: 0 });

/** The ramp of a drill. */
export function rampOf({ ramp }: DrillSpec): Ramp {
  return ramp ?? AT_ONCE;
}

/** How much of it is done in this state, in percent. */
export function percentOf({ spec, state, step }: Drill): number {
  return state === 'running' ? (rampOf(spec).steps[step] ?? 100) : 0;
}

/** When a step of the ramp that it is at, or was at, began, in ms since the epoch. */
export function stepBegan({ timeline, since }: Drill, step: number): number {
  return timeline.filter(({ kind }) => kind === 'begun' || kind === 'step')[step]?.at ?? since;
}

/** A drill as it is asked for: it begins with the next look at the time. */
export function asked(spec: DrillSpec, at: number, by: string, plan?: DrillPlan): Drill {
  const foreseen = plan === undefined ? {} : { plan };
  const forced = plan === undefined || plan.broken.length === 0 ? {} : { forced: plan.broken };
  const drill: Drill = { spec, by, at, since: at, state: 'planned', step: 0, timeline: [], ...foreseen, ...forced };
  return noted(Object.freeze(drill), { at, kind: 'planned', detail: `by ${by}: ${spec.reason}` });
}

/** The same with one more entry; without, where it has one of a kind that comes once, or too many. */
export function noted(drill: Drill, moment: DrillMoment): Drill {
  const { timeline } = drill;
  const isEnd = moment.kind === 'ended' || moment.kind === 'rolled-back';
  if (timeline.length >= MAX_MOMENTS && !isEnd) return drill;
  if (moment.kind !== 'step' && hasMoment(drill, moment.kind)) return drill;
  // Some are known for what they were only later. Of the same moment the order in which they are told holds.
  const all = [...timeline, Object.freeze(moment)].toSorted((a, b) => a.at - b.at);
  return Object.freeze({ ...drill, timeline: Object.freeze(all) });
}

/** Whether something of this kind is in the timeline. */
export function hasMoment({ timeline }: Drill, wanted: MomentKind): boolean {
  return timeline.some(({ kind }) => kind === wanted);
}

/** Whether it holds anything of the world: it runs, or is being rolled back. */
export function isUnderWay({ state }: Drill): boolean {
  return state === 'running' || state === 'rolling-back';
}
