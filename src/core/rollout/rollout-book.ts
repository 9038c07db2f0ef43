import type { Declaration, Model, MonitorId } from '../desired/model.ts';
import { createAlarm } from '../health/alarm.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import { createSteadyTime } from '../health/steady-time.ts';
import type { Timepiece } from '../health/timed-book.ts';
import { type BrokenRule, type ForcedPast, refusalsOf, type SafetyRefusal } from '../orders/safety-rule.ts';
import { createSavedChanges, type Unsaved } from '../orders/saved-changes.ts';
import { type RolloutRefusal, refusalOf } from './check.ts';
import { guardOf, type Watched, watchedBy } from './guard.ts';
import { createOverlay } from './overlay.ts';
import { advanced, dueAt, dwelling, type Guard, type Now, type Progress } from './progress.ts';
import {
  begun,
  FORWARD_ORDERS,
  ordered,
  percentOf,
  type Rollout,
  type RolloutOrder,
  type RolloutSpec,
  type Rollouts,
} from './rollout.ts';

/** How one rollout stands. `nextAt`: when time alone brings it on, ms since the epoch; undefined for never. */
export type RolloutStanding = {
  readonly rollout: Rollout;
  readonly percent: number;
  readonly nextAt: number | undefined;
  readonly guard: Guard;
};

/** That it is done in spite of the rules of safety, and why. Both end up in the rollout's `why`. */
type RolloutForce = { readonly reason: string };

/** Why nothing was ordered: stable codes, the same as those of the admin API. */
export type RolloutBookRefusal = RolloutRefusal | SafetyRefusal | Unsaved;

/** The rollouts, set by a clock. */
export type RolloutBook = {
  /** Lets time and health take effect. Call it before something is made of what is laid. */
  review(): void;
  /** The model with the rollouts in its policies. */
  lay(model: Model): Model;
  list(): readonly RolloutStanding[];
  /** Both resolve when the change is on stable storage and told by `onChange`, or with the refusal. */
  start(spec: RolloutSpec, by: string, force?: RolloutForce): Promise<RolloutBookRefusal | 'done'>;
  order(name: string, order: RolloutOrder, by: string, force?: RolloutForce): Promise<RolloutBookRefusal | 'done'>;
  /** Takes over what was saved, in the place of what there is: every dwell begins anew. */
  restore(rollouts: Rollouts): void;
  /** Wakes no more. */
  close(): void;
};

/** What a book needs. `onDue` wakes who calls `review`; `onChange` is told of what was ordered. */
export type RolloutBookOptions = {
  readonly clock: Timepiece;
  readonly declaration: Pick<Declaration, 'monitors'>;
  readonly model: () => Model;
  readonly health: () => ReadonlyMap<MonitorId, MonitorHealth>;
  /** The rules of safety that it breaks to have these rollouts from now on. Absent: there are none. */
  readonly breaks?: (wanted: Rollouts) => readonly BrokenRule[];
  readonly save: (rollouts: Rollouts) => Promise<void>;
  readonly onDue: () => void;
  readonly onChange: () => void;
};

/** A book without rollouts. */
export function createRolloutBook(options: RolloutBookOptions): RolloutBook {
  const { clock } = options;
  const time = createSteadyTime(() => clock.steady?.() ?? clock.now());
  const alarm = createAlarm({ time, after: (ms, task) => clock.after(ms, task), ring: options.onDue });
  const overlay = createOverlay();
  const watched = createWatchedBook(options);
  let all: Progresses = new Map();
  const now = (): Now => ({ steady: Math.floor(time.now()), wall: clock.now() });
  const guard = ({ rollout }: Progress): Guard => guardOf(watched(rollout.spec), options.health());
  const changes = createSavedChanges<Rollouts>({
    save: options.save,
    apply(rollouts) {
      all = taken(all, rollouts, now());
    },
    steady: () => now().steady,
    onOrdered: options.onChange,
    onUnsaved: () => rewind(),
  });
  const rewind = (): void => {
    const dues = [...all.values()].map((progress) => dueAt(progress, guard(progress)));
    alarm.set(Math.min(changes.againAt(), ...dues));
  };

  const safe = (wanted: Rollouts, name: string, force: RolloutForce | undefined): Rollouts | SafetyRefusal => {
    const against = refusalsOf(options.breaks?.(wanted) ?? []);
    const [first] = against;
    if (first === undefined) return wanted;
    return force === undefined
      ? first
      : forcedPast(
          wanted,
          name,
          force,
          against.map(({ code }) => code),
        );
  };

  return {
    review() {
      if (changes.state() === 'saving' || all.size === 0) return;
      const moment = now();
      const next = new Map([...all].map(([name, each]) => [name, advanced(each, guard(each), moment)]));
      const isMoved = [...next].some(([name, { rollout }]) => rollout !== all.get(name)?.rollout);
      all = next;
      if (isMoved || moment.steady >= changes.againAt()) changes.keep(rolloutsOf(all));
      rewind();
    },
    lay: (model) =>
      overlay.lay(
        model,
        [...all.values()].map(({ rollout }) => rollout),
      ),
    list: () => [...all.values()].map((progress) => standingOf(progress, guard(progress), now())),
    start: (spec, by, force) =>
      changes.order<RolloutBookRefusal>(() => {
        const rollouts = rolloutsOf(all);
        const refusal = refusalOf(spec, { rollouts, model: options.model(), declaration: options.declaration });
        return refusal ?? safe(new Map(rollouts).set(spec.name, begun(spec, clock.now(), by)), spec.name, force);
      }),
    order: (name, order, by, force) =>
      changes.order<RolloutBookRefusal>(() => {
        const wanted = orderedOf(rolloutsOf(all), { name, order, by, since: clock.now() });
        const isForward = wanted !== 'done' && !('code' in wanted) && FORWARD_ORDERS.includes(order);
        return isForward ? safe(wanted, name, force) : wanted;
      }),
    restore(rollouts) {
      all = taken(new Map(), rollouts, now());
    },
    close: () => alarm.cancel(),
  };
}

/** What must be up for each rollout, worked out once for each model. */
function createWatchedBook({ model }: Pick<RolloutBookOptions, 'model'>): (spec: RolloutSpec) => readonly Watched[] {
  const known = new WeakMap<Model, Map<RolloutSpec, readonly Watched[]>>();
  return (spec) => {
    const current = model();
    const bySpec = known.get(current) ?? new Map<RolloutSpec, readonly Watched[]>();
    const watched = bySpec.get(spec) ?? watchedBy(spec, current);
    known.set(current, bySpec.set(spec, watched));
    return watched;
  };
}

type Progresses = ReadonlyMap<string, Progress>;

type Order = { readonly name: string; readonly order: RolloutOrder; readonly by: string; readonly since: number };

function orderedOf(rollouts: Rollouts, { name, order, by, since }: Order): Rollouts | RolloutRefusal | 'done' {
  const rollout = rollouts.get(name);
  if (rollout === undefined) return { code: 'rollout-unknown', message: `There is no rollout "${name}".` };
  if (order === 'end') return new Map([...rollouts].filter(([each]) => each !== name));
  const next = ordered(rollout, order, since, by);
  if (next === rollout) return 'done';
  if (next !== undefined) return new Map(rollouts).set(name, next);
  const message = `${order} is no order for a ${rollout.spec.plan.kind} rollout that is ${rollout.state}.`;
  return { code: 'rollout-order', message };
}

function forcedPast(wanted: Rollouts, name: string, { reason }: RolloutForce, past: ForcedPast): Rollouts {
  const rollout = wanted.get(name);
  if (rollout === undefined) return wanted;
  const why = `${rollout.why}, forced past ${past.join(', ')}: ${reason}`;
  return new Map(wanted).set(name, Object.freeze({ ...rollout, why }));
}

function rolloutsOf(all: Progresses): Rollouts {
  return new Map([...all].map(([name, { rollout }]) => [name, rollout]));
}

/** The progress of these rollouts: those that are other objects begin a dwell. */
function taken(before: Progresses, rollouts: Rollouts, now: Now): Progresses {
  return new Map(
    [...rollouts].map(([name, rollout]) => {
      const known = before.get(name);
      return [name, known?.rollout === rollout ? known : dwelling(rollout, now)];
    }),
  );
}

function standingOf(progress: Progress, guard: Guard, now: Now): RolloutStanding {
  const due = dueAt(progress, guard);
  const nextAt = due === Number.POSITIVE_INFINITY ? undefined : now.wall + Math.max(0, due - now.steady);
  return { rollout: progress.rollout, percent: percentOf(progress.rollout), nextAt, guard };
}
