/** When drills are looked at, and what comes of a look: what time and what is seen make of them, and what they do then. */
import type { createAlarm } from '../health/alarm.ts';
import type { Override } from '../orders/override.ts';
import type { Now } from '../rollout/progress.ts';
import { advanced, type DrillProgress, type DrillSight, dueAt } from './advance.ts';
import { type Drill, type DrillSpec, type DrillState, isUnderWay } from './drill.ts';
import { asBefore, type Effects, effectsOf, orderOf } from './effects.ts';
import type { KeptDrills } from './kept-drills.ts';
import type { DrillWorld } from './sight.ts';
import type { DrillWatch } from './watch.ts';

/** What a look needs to know. */
export type LookOptions = {
  /** With all orders laid over the model. */
  readonly world: () => DrillWorld;
  /**
   * Why a drill that was asked for must not begin now, in words with the name of the rule; undefined where it may. Asked when a
   * planned one is to begin, outside of `review`: it may bring the answers up to date. Absent: each may.
   */
  readonly mayBegin?: (drill: Drill) => string | undefined;
};

/** How often running drills are looked at, in ms. */
const LOOK_MS = 1000;
/** After a look that took long the next one comes so many times as late: looks cost at most a twentieth of the time. */
const REST_TIMES = 20;
/** The same where a monitor fell since: a hostname may have nobody left, and who waits to be broken off may cost a fifth. */
const FELL_REST_TIMES = 4;
/** How often it is looked whether a planned drill is due, in ms: the wall clock may be set meanwhile, or the machine sleep. */
const PLANNED_LOOK_MS = 60_000;

/** What looks share. */
export type LookState = {
  readonly options: LookOptions;
  readonly now: () => Now;
  readonly watch: DrillWatch;
  readonly kept: KeptDrills;
  readonly alarm: ReturnType<typeof createAlarm>;
  /** The version of the world in which a drill was admitted: in the same one it need not be asked again whether it may begin. */
  readonly admittedIn: WeakMap<DrillSpec, number>;
  /** What drills do since the last look, and what planned ones are to do. */
  effects: Effects;
  /** Before then nothing under way is looked at, however often somebody asks: it is work for a large scope. In steady ms. */
  lookAt: number;
  /** The same where a monitor fell since the last look. */
  fellLookAt: number;
};

/** Lets time and what is seen take effect on what is under way, where it is time to. */
export function look(state: LookState): 'same' | 'other' {
  const { options, kept, watch, alarm } = state;
  const [moment, before] = [state.now(), kept.all()];
  if (before.size === 0) return 'same';
  if (moment.steady < state.lookAt) {
    alarm.set(wakeAt(state, moment));
    return 'same';
  }
  const is = kept.replace((progress) => {
    const { drill } = progress;
    return isUnderWay(drill) ? advanced(progress, () => watch.sightOf(drill, options.world), moment) : progress;
  });
  if (is === 'other' || moment.steady >= kept.againAt()) kept.keep();
  const ending = inState(state, 'rolling-back').filter(({ spec }) => before.get(spec.name)?.drill.state === 'running');
  for (const drill of ending) watch.sightOf(drill, options.world);
  // Most have nothing left of them as soon as there are answers without what they did.
  rewind(state, ending.length > 0 ? 'at-once' : moment);
  return is;
}

/**
 * Does what is to be done by now; after each step of it the answers are brought up to date by `onChange`. At most one drill begins:
 * the alarm rings for the next one at once, in a turn of its own. Each is work for as many hostnames as there are.
 */
export function settle(state: LookState, onChange: () => void): 'same' | 'other' {
  let is: 'same' | 'other' = 'same';
  let step = [look(state), beginOne(state)];
  while (step.includes('other')) {
    is = 'other';
    onChange();
    if (inState(state, 'rolling-back').length > 0) state.lookAt = 0;
    step = [look(state)];
  }
  return is;
}

/** A monitor fell: what runs is looked at soon, and not before the answers know of it. */
export function lookSoon(state: LookState): void {
  const now = state.now();
  const at = Math.max(state.fellLookAt, now.steady + LOOK_MS);
  if (at >= state.lookAt || inState(state, 'running').length === 0) return;
  state.lookAt = at;
  state.alarm.set(wakeAt(state, now));
}

/**
 * Lets one drill begin that is due, or end where it must not begin. One at a time: the next one is to see what this one does.
 * For one that was asked for at once somebody waits.
 */
function beginOne(state: LookState): 'same' | 'other' {
  const { options, kept, watch, admittedIn } = state;
  const ready = [...kept.all().values()].filter((progress) => isToBegin(progress, state.now()));
  const due = ready.find(({ drill }) => drill.spec.startAt === undefined) ?? ready[0];
  if (due === undefined) return 'same';
  const { drill } = due;
  // What another one fails is in no answer yet: beside one that is under way it is always asked again.
  const isAlone = ![...kept.all().values()].some((one) => isUnderWay(one.drill));
  const isAsAdmitted = isAlone && admittedIn.get(drill.spec) === options.world().version;
  const against = isAsAdmitted ? undefined : options.mayBegin?.(drill);
  const sight = (): DrillSight => {
    const { abort = against, isBack } = watch.sightOf(drill, options.world);
    return { abort, isBack };
  };
  const is = kept.replace((one) => (one.drill === drill ? advanced(one, sight, state.now()) : one));
  if (is === 'other') kept.keep();
  rewind(state);
  return is;
}

/** After an order: it is to be in the answers when this returns, and what began to roll back may be over. */
export function settleOrder(state: LookState, onChange: () => void): void {
  const { options, watch } = state;
  const isEnding = inState(state, 'rolling-back').map((drill) => watch.sightOf(drill, options.world)).length > 0;
  state.lookAt = 0;
  if (settle(state, onChange) === 'same') onChange();
  if (!isEnding) return;
  state.lookAt = 0;
  if (look(state) === 'other') onChange();
}

/**
 * Works out what drills do now, and when they are to be looked at next: after a rest by how long it took since `began`, or when
 * time brings one on.
 */
export function rewind(state: LookState, began: Now | 'at-once' = state.now()): void {
  const { watch, kept, alarm } = state;
  const effects = effectsOf(inState(state, 'running'), (drill) => watch.reachOf(drill));
  const ahead = inState(state, 'planned').flatMap((drill) => orderOf(drill) ?? []);
  state.effects = { ...effects, orders: asBefore([...effects.orders, ...ahead], state.effects.orders) };
  const now = state.now();
  const after = (times: number): number =>
    now.steady + (began === 'at-once' ? 0 : Math.max(LOOK_MS, (now.steady - began.steady) * times));
  const underWay = [...kept.all().values()].filter(({ drill }) => isUnderWay(drill));
  const next = underWay.length > 0 ? after(REST_TIMES) : Number.POSITIVE_INFINITY;
  state.fellLookAt = after(FELL_REST_TIMES);
  state.lookAt = Math.min(kept.againAt(), next, ...underWay.map((one) => dueAt(one, now)));
  alarm.set(wakeAt(state, now));
}

/** What drills do now. The order of one that is due and has not begun yet is about to begin: whether it may is asked then. */
export function effectsNow({ effects, now }: LookState): Effects {
  if (effects.orders.every(({ from }) => from === undefined)) return effects;
  const { wall } = now();
  const isDue = ({ from }: Override): boolean => from !== undefined && from <= wall;
  if (!effects.orders.some(isDue)) return effects;
  const orders = effects.orders.map((order) => (isDue(order) ? { ...order, from: wall + LOOK_MS } : order));
  return { ...effects, orders };
}

/** Those of one state. */
export function inState({ kept }: Pick<LookState, 'kept'>, state: DrillState): readonly Drill[] {
  return [...kept.all().values()].flatMap(({ drill }) => (drill.state === state ? [drill] : []));
}

function isToBegin({ drill: { state, spec } }: DrillProgress, { wall }: Now): boolean {
  return state === 'planned' && wall >= (spec.startAt ?? 0);
}

/** How far a planned one is away is known for now alone: the wall clock goes by its own will. */
function wakeAt({ kept, lookAt }: LookState, now: Now): number {
  const planned = [...kept.all().values()].filter(({ drill }) => drill.state === 'planned');
  const again = planned.length > 0 ? now.steady + PLANNED_LOOK_MS : Number.POSITIVE_INFINITY;
  return Math.min(lookAt, again, ...planned.map((one) => dueAt(one, now)));
}
