import type { Declaration, Model } from '../desired/model.ts';
import { createAlarm } from '../health/alarm.ts';
import type { StateChange } from '../health/shown-book.ts';
import { createSteadyTime } from '../health/steady-time.ts';
import type { Timepiece } from '../health/timed-book.ts';
import type { Unsaved } from '../orders/saved-changes.ts';
import type { Now } from '../rollout/progress.ts';
import { ended, takenOver } from './advance.ts';
import type { DrillRefusal } from './check.ts';
import { type Drill, type DrillMoment, type DrillSpec, type Drills, hasMoment, noted } from './drill.ts';
import type { DrillPlan } from './drill-plan.ts';
import type { DrillShares } from './drill-shares.ts';
import { type Effects, failing, NO_EFFECTS } from './effects.ts';
import { createKeptDrills } from './kept-drills.ts';
import {
  effectsNow,
  inState,
  type LookOptions,
  type LookState,
  look,
  lookSoon,
  rewind,
  settle,
  settleOrder,
} from './look.ts';
import { drillsOf, forgottenIn, startedIn, stoppedIn } from './orders.ts';
import { createWatch } from './watch.ts';

/** The drills, set by a clock. */
export type DrillBook = {
  /** Lets time and what is seen take effect. Call it before something is made of what drills do. */
  review(): void;
  /** What drills do since they were looked at last; of planned ones the orders that begin with them. */
  effects(): Effects;
  list(): readonly Drill[];
  /** Why it could not be started, as a drill. */
  refusal(spec: DrillSpec): DrillRefusal | undefined;
  /**
   * All resolve when the change is on stable storage and told by `onChange`, or with the refusal. `admit` is asked when it is
   * its turn: for what is foreseen, or for another refusal. What is under way is stopped before it is saved, and without.
   */
  start<R extends { readonly code: string }>(
    spec: DrillSpec,
    by: string,
    admit: () => DrillPlan | R,
  ): Promise<R | DrillRefusal | Unsaved | 'done'>;
  stop(name: string, by: string): Promise<DrillRefusal | Unsaved | 'done'>;
  /** Takes one away that is over. */
  forget(name: string): Promise<DrillRefusal | Unsaved | 'done'>;
  /** Takes over what was saved, in the place of what there is: what ran when the process ended is rolled back. */
  restore(drills: Drills): void;
  /** An endpoint's monitor changed its state: for the timeline, and where it fell, what runs is looked at soon. */
  onStateChange(change: StateChange): void;
  /** For the timeline: something was seen of a drill. */
  note(name: string, moment: DrillMoment): void;
  /** Keeps who was answered with whom while it ran. */
  keepShares(name: string, shares: DrillShares): void;
  close(): void;
};

/** What a book needs. `onDue`: what drills do is another since a look of its own; `onChange`: since an order. */
export type DrillBookOptions = LookOptions & {
  readonly clock: Timepiece;
  readonly declaration: Pick<Declaration, 'monitors'>;
  /** The model as it is written: scopes are looked up in it. */
  readonly model: () => Model;
  /** Brings what is seen of the world up to date. Absent: it always is. */
  readonly flush?: () => void;
  readonly save: (drills: Drills) => Promise<void>;
  readonly onDue: () => void;
  readonly onChange: () => void;
};

type State = LookState & { readonly options: DrillBookOptions };

/** A book without drills. */
export function createDrillBook(options: DrillBookOptions): DrillBook {
  const state = newState(options);
  const { kept, watch, now } = state;
  const refusal = (spec: DrillSpec): DrillRefusal | undefined => {
    options.flush?.();
    return watch.refusal(spec, kept.all(), options.world());
  };
  return {
    review: () => void look(state),
    effects: () => effectsNow(state),
    list: () => [...drillsOf(kept.all()).values()],
    refusal,
    start<R extends { readonly code: string }>(spec: DrillSpec, by: string, admit: () => DrillPlan | R) {
      return kept.order<R | DrillRefusal>(() => {
        const admission = refusal(spec) ?? admit();
        if ('code' in admission) return admission;
        state.admittedIn.set(spec, options.world().version);
        return (all) => startedIn(all, { spec, by, now: now() }, admission);
      });
    },
    stop: async (name, by) =>
      stopAtOnce(state, name, by) ?? kept.order(() => (all) => stoppedIn(all, { name, by, now: now() })),
    forget: (name) => kept.order(() => (all) => forgottenIn(all, name)),
    restore(saved) {
      if (saved.size === 0 && kept.all().size === 0) return;
      kept.set(new Map([...saved].map(([name, drill]) => [name, takenOver(drill, now())])));
      // None of them runs; without any nobody would work it out anew.
      state.effects = NO_EFFECTS;
      kept.keep();
      state.lookAt = 0;
      options.onDue();
    },
    onStateChange({ monitor: { id }, after }) {
      if (after.state === 'up') return;
      lookSoon(state);
      if (!state.effects.failing.has(id)) return;
      const moment = { at: now().wall, kind: 'detected', detail: `${id}: ${after.state}` } as const;
      for (const drill of inState(state, 'running')) {
        if (hasMoment(drill, 'detected')) continue;
        if (failing(drill, watch.reachOf(drill)).has(id)) change(state, drill.spec.name, (one) => noted(one, moment));
      }
    },
    note: (name, moment) => change(state, name, (drill) => noted(drill, moment)),
    keepShares: (name, shares) => change(state, name, (drill) => Object.freeze({ ...drill, shares })),
    close: () => state.alarm.cancel(),
  };
}

function newState(options: DrillBookOptions): State {
  const { clock } = options;
  const time = createSteadyTime(() => clock.steady?.() ?? clock.now());
  const now = (): Now => ({ steady: Math.floor(time.now()), wall: clock.now() });
  // What is shown of a drill is in the answers.
  const ring = (): void => void settle(state, options.onChange);
  const state: State = {
    options,
    now,
    watch: createWatch(options),
    alarm: createAlarm({ time, after: (ms, task) => clock.after(ms, task), ring }),
    kept: createKeptDrills({
      save: options.save,
      steady: () => now().steady,
      onOrdered: () => settleOrder(state, options.onChange),
      onUnsaved: () => rewind(state),
    }),
    admittedIn: new WeakMap(),
    effects: NO_EFFECTS,
    lookAt: 0,
    fellLookAt: 0,
  };
  return state;
}

/**
 * What does something is taken back first and saved then: a restart takes it back in any case, so that nothing is lost by it.
 * Undefined where there is nothing of the kind.
 */
function stopAtOnce(state: State, name: string, by: string): 'done' | undefined {
  const { kept, now, options } = state;
  const known = kept.all().get(name);
  if (known === undefined || known.drill.state === 'planned') return undefined;
  const is = kept.replace((one) => (one === known ? ended(one, { kind: 'stopped', why: `by ${by}` }, now()) : one));
  if (is === 'same') return 'done';
  kept.keep();
  settleOrder(state, options.onChange);
  return 'done';
}

/** Changes what is told of one drill, and nothing of what it does. */
function change({ kept }: State, name: string, update: (drill: Drill) => Drill): void {
  const isOther = kept.replace((progress) => {
    const drill = progress.drill.spec.name === name ? update(progress.drill) : progress.drill;
    return drill === progress.drill ? progress : Object.freeze({ ...progress, drill });
  });
  if (isOther === 'other') kept.keep();
}
