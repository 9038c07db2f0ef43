import type { Declaration, Model } from '../desired/model.ts';
import { createAlarm } from '../health/alarm.ts';
import type { StateChange } from '../health/shown-book.ts';
import { createSteadyTime } from '../health/steady-time.ts';
import type { Timepiece } from '../health/timed-book.ts';
import { createSavedChanges, type Unsaved } from '../orders/saved-changes.ts';
import type { Now } from '../rollout/progress.ts';
import { advanced, type DrillProgress, dueAt, takenOver } from './advance.ts';
import type { DrillRefusal } from './check.ts';
import { type Drill, type DrillMoment, type DrillSpec, type Drills, isUnderWay, noted } from './drill.ts';
import type { DrillPlan } from './drill-plan.ts';
import type { DrillShares } from './drill-shares.ts';
import { type Effects, effectsOf, failing, NO_EFFECTS } from './effects.ts';
import { drillsOf, forgottenIn, type Progresses, startedIn, stoppedIn } from './orders.ts';
import type { DrillWorld } from './sight.ts';
import { createWatch } from './watch.ts';

/** The drills, set by a clock. */
export type DrillBook = {
  /** Lets time and what is seen take effect. Call it before something is made of what drills do. */
  review(): void;
  /** What drills do since they were looked at last. */
  effects(): Effects;
  list(): readonly Drill[];
  /** Why it could not be started, as a drill. */
  refusal(spec: DrillSpec): DrillRefusal | undefined;
  /**
   * All resolve when the change is on stable storage and told by `onChange`, or with the refusal. `admit` is asked when it is
   * its turn: for what is foreseen, or for another refusal.
   */
  start<R extends { readonly code: string }>(
    spec: DrillSpec,
    by: string,
    admit: () => DrillPlan | R,
  ): Promise<R | DrillRefusal | Unsaved | 'done'>;
  stop(name: string, by: string): Promise<DrillRefusal | Unsaved | 'done'>;
  /** Takes one away that is over. */
  forget(name: string): Promise<DrillRefusal | Unsaved | 'done'>;
  /** Takes over what was saved: what ran when the process ended is rolled back. */
  restore(drills: Drills): void;
  /** For the timeline: an endpoint's monitor changed its state. */
  onStateChange(change: StateChange): void;
  /** For the timeline: something was seen of a drill. */
  note(name: string, moment: DrillMoment): void;
  /** Keeps who was answered with whom while it ran. */
  keepShares(name: string, shares: DrillShares): void;
  close(): void;
};

/** What a book needs. `onDue`: what drills do is another since a look of its own; `onChange`: since an order. */
export type DrillBookOptions = {
  readonly clock: Timepiece;
  readonly declaration: Pick<Declaration, 'monitors'>;
  /** With all orders laid over the model. */
  readonly world: () => DrillWorld;
  /** The model as it is written: scopes are looked up in it. */
  readonly model: () => Model;
  readonly save: (drills: Drills) => Promise<void>;
  readonly onDue: () => void;
  readonly onChange: () => void;
};

/** How often running drills are looked at, in ms. */
const LOOK_MS = 1000;
/** After a look that took long the next one comes so many times as late: looks cost at most a twentieth of the time. */
const REST_TIMES = 20;

type State = {
  readonly options: DrillBookOptions;
  readonly now: () => Now;
  readonly watch: ReturnType<typeof createWatch>;
  readonly changes: ReturnType<typeof createSavedChanges<Progresses>>;
  readonly alarm: ReturnType<typeof createAlarm>;
  all: Progresses;
  effects: Effects;
  /** Before then nothing is looked at, however often somebody asks: it is work for a large scope. In steady ms. */
  lookAt: number;
  /** What came while an order was being saved: the order would take it back. */
  later: readonly (() => void)[];
};

/** A book without drills. */
export function createDrillBook(options: DrillBookOptions): DrillBook {
  const state = newState(options);
  const { changes, watch, now } = state;
  return {
    review: () => void look(state),
    effects: () => state.effects,
    list: () => [...drillsOf(state.all).values()],
    refusal: (spec) => watch.refusal(spec, state.all, now().wall),
    start: (spec, by, admit) =>
      changes.order(() => {
        const refusal = watch.refusal(spec, state.all, now().wall);
        return refusal ?? startedIn(state.all, { spec, by, now: now() }, admit());
      }),
    stop: (name, by) => changes.order(() => stoppedIn(state.all, { name, by, now: now() })),
    forget: (name) => changes.order(() => forgottenIn(state.all, name)),
    restore(saved) {
      if (saved.size === 0) return;
      state.all = new Map([...saved].map(([name, drill]) => [name, takenOver(drill, now())]));
      changes.keep(state.all);
      state.lookAt = 0;
      options.onDue();
    },
    onStateChange({ monitor: { id }, after }) {
      if (!state.effects.failing.has(id) || after.state === 'up') return;
      const moment = { at: now().wall, kind: 'detected', detail: `${id}: ${after.state}` } as const;
      for (const drill of running(state)) {
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
  const state: State = {
    options,
    now,
    watch: createWatch(options),
    alarm: createAlarm({
      time,
      after: (ms, task) => clock.after(ms, task),
      ring() {
        // What is shown of a drill is in the answers.
        if (look(state) === 'other') options.onChange();
      },
    }),
    changes: createSavedChanges<Progresses>({
      save: (wanted) => options.save(drillsOf(wanted)),
      apply(wanted) {
        state.all = wanted;
      },
      steady: () => now().steady,
      onOrdered() {
        if (state.changes.state() === 'still') caughtUp(state);
        state.lookAt = 0;
        options.onChange();
      },
      onUnsaved: () => rewind(state),
    }),
    all: new Map(),
    effects: NO_EFFECTS,
    lookAt: 0,
    later: [],
  };
  return state;
}

/** Lets time and what is seen take effect where it is time to. */
function look(state: State): 'same' | 'other' {
  const { options, changes, watch, alarm } = state;
  const moment = state.now();
  if (changes.state() === 'saving' || state.all.size === 0) return 'same';
  if (moment.steady < state.lookAt) {
    alarm.set(state.lookAt);
    return 'same';
  }
  const sight = (one: Drill) => () => watch.sightOf(one, options.world);
  const is = replace(state, (progress) => advanced(progress, sight(progress.drill), moment));
  if (is === 'other' || moment.steady >= changes.againAt()) changes.keep(state.all);
  rewind(state, state.now().steady - moment.steady);
  return is;
}

/** Works out what drills do now, and when they are to be looked at next. `tookMs`: what the look took. */
function rewind(state: State, tookMs = 0): void {
  const { all, watch, changes, alarm } = state;
  const before = state.now();
  state.effects = all.size === 0 ? NO_EFFECTS : effectsOf(running(state), (drill) => watch.reachOf(drill));
  const now = state.now();
  const progresses = [...all.values()];
  const restMs = Math.max(LOOK_MS, (tookMs + now.steady - before.steady) * REST_TIMES);
  const next = progresses.some(({ drill }) => isUnderWay(drill)) ? now.steady + restMs : Number.POSITIVE_INFINITY;
  state.lookAt = Math.min(changes.againAt(), next, ...progresses.map((one) => dueAt(one, now)));
  alarm.set(state.lookAt);
}

function running({ all }: State): readonly Drill[] {
  return [...all.values()].flatMap(({ drill }) => (drill.state === 'running' ? [drill] : []));
}

function replace(state: State, update: (progress: DrillProgress) => DrillProgress): 'same' | 'other' {
  const next = new Map([...state.all].map(([name, progress]) => [name, update(progress)]));
  const isOther = [...next].some(([name, { drill }]) => drill !== state.all.get(name)?.drill);
  state.all = next;
  return isOther ? 'other' : 'same';
}

/** Changes what is told of one drill, and nothing of what it does. */
function change(state: State, name: string, update: (drill: Drill) => Drill): void {
  if (state.changes.state() === 'saving') {
    state.later = [...state.later, () => change(state, name, update)];
    return;
  }
  const isOther = replace(state, (progress) => {
    const drill = progress.drill.spec.name === name ? update(progress.drill) : progress.drill;
    return drill === progress.drill ? progress : Object.freeze({ ...progress, drill });
  });
  if (isOther === 'other') state.changes.keep(state.all);
}

function caughtUp(state: State): void {
  const { later } = state;
  state.later = [];
  for (const each of later) each();
}
