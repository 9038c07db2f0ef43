/**
 * Rollouts: clients go over from some clusters to others, at an operator's word or step by step.
 *
 *     blue-green:  ready ── switch ─► switched ── switch-back ─► ready
 *
 *     canary:      running ─ the dwell of a step is over, and all is up ─► running at the next step; behind the last: promoted
 *                  running ─ something is not up ─► held ─ all is up ─► running; its step begins anew
 *                  held, paused ─ not up for `rollbackAfter` ─► rolled-back
 *                  running, held ─ pause ─► paused ─ resume ─► running; its step begins anew
 *                  rolled-back ─ resume ─► running at the first step
 *                  any ─ promote ─► promoted        any ─ rollback ─► rolled-back
 *
 * What is not known yet (`unseen`) neither holds nor lets on. Time is steady time; a restart begins the step anew.
 */
import type { RolloutShare } from '../desired/model.ts';

/** What was asked for. Durations in ms. */
export type RolloutSpec = {
  /** Lower case letters, digits and hyphens, at most 63. */
  readonly name: string;
  /** Names, or `*.` and a name for all below it and the wildcard itself; absent: all. */
  readonly hostnames?: readonly string[];
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly plan: BlueGreen | Canary;
};

/** All at once, either way. */
type BlueGreen = { readonly kind: 'blue-green' };

/** Step by step, while all is up. */
export type Canary = {
  readonly kind: 'canary';
  /** Percent, rising, the last one 100. */
  readonly steps: readonly number[];
  readonly dwellMs: number;
  readonly rollbackAfterMs: number;
  /** Named monitors that must be up. */
  readonly monitors: readonly string[];
  /** Whether the endpoints of `to` must be up, too. */
  readonly endpoints: 'must-be-up' | 'not-looked-at';
};

/** Where a rollout stands; the chart is above. */
export type RolloutState = 'ready' | 'switched' | 'running' | 'held' | 'paused' | 'promoted' | 'rolled-back';

/** All states, in the order of the chart. */
export const ROLLOUT_STATES = [
  'ready',
  'switched',
  'running',
  'held',
  'paused',
  'promoted',
  'rolled-back',
] as const satisfies readonly RolloutState[];

/** What is kept over restarts. `since`: when state or step began, ms since the epoch. */
export type Rollout = {
  readonly spec: RolloutSpec;
  readonly state: RolloutState;
  /** Index in the steps; 0 of a blue-green one. */
  readonly step: number;
  readonly since: number;
  /** Who or what brought it there. */
  readonly why: string;
};

/** All rollouts, by name. */
export type Rollouts = ReadonlyMap<string, Rollout>;

/** What an operator can order. `end` takes it away: its hostnames are answered as if it had never been. */
export type RolloutOrder = 'pause' | 'resume' | 'promote' | 'rollback' | 'switch' | 'switch-back' | 'end';

/** All orders. */
export const ROLLOUT_ORDERS = [
  'pause',
  'resume',
  'promote',
  'rollback',
  'switch',
  'switch-back',
  'end',
] as const satisfies readonly RolloutOrder[];

/** Percent of the clients that go to `to` in this state. */
export function percentOf({ spec: { plan }, state, step }: Rollout): number {
  if (state === 'ready' || state === 'rolled-back') return 0;
  if (state === 'switched' || state === 'promoted' || plan.kind === 'blue-green') return 100;
  return plan.steps[step] ?? 0;
}

/** The part of steering that a rollout lays over policies. */
export function shareOf(rollout: Rollout): RolloutShare {
  const { name, from, to } = rollout.spec;
  return Object.freeze({ name, percent: percentOf(rollout), from, to });
}

/** Orders after which clients go on to `to`: rules of safety hold for them. The way back is always open. */
export const FORWARD_ORDERS: readonly RolloutOrder[] = ['resume', 'promote', 'switch'];

/** A rollout as it begins: a canary at its first step, a blue-green one before its switch. */
export function begun(spec: RolloutSpec, since: number, by: string): Rollout {
  const state = spec.plan.kind === 'canary' ? 'running' : 'ready';
  return Object.freeze({ spec, state, step: 0, since, why: `started by ${by}` });
}

/** The states out of which an order leads, and where to; `end` is no state. */
const ORDERED: Readonly<
  Record<Exclude<RolloutOrder, 'end'>, { readonly from: readonly RolloutState[]; readonly to: RolloutState }>
> = {
  pause: { from: ['running', 'held', 'paused'], to: 'paused' },
  resume: { from: ['running', 'paused', 'rolled-back'], to: 'running' },
  promote: { from: ['running', 'held', 'paused', 'promoted', 'rolled-back'], to: 'promoted' },
  rollback: { from: ['running', 'held', 'paused', 'promoted', 'rolled-back'], to: 'rolled-back' },
  switch: { from: ['ready', 'switched'], to: 'switched' },
  'switch-back': { from: ['ready', 'switched'], to: 'ready' },
};

/** What an order makes of a rollout: the very same where that is so already, undefined where it does not fit its state. */
export function ordered(
  rollout: Rollout,
  order: Exclude<RolloutOrder, 'end'>,
  since: number,
  by: string,
): Rollout | undefined {
  const { from, to } = ORDERED[order];
  if (!from.includes(rollout.state)) return undefined;
  if (rollout.state === to) return rollout;
  const step = rollout.state === 'rolled-back' ? 0 : rollout.step;
  return Object.freeze({ ...rollout, state: to, step, since, why: `${order} by ${by}` });
}
