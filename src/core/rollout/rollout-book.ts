import type { Declaration, Model, MonitorId } from '../desired/model.ts';
import { createAlarm } from '../health/alarm.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import { createSteadyTime } from '../health/steady-time.ts';
import type { Timepiece } from '../health/timed-book.ts';
import { type RolloutRefusal, refusalOf } from './check.ts';
import { guardOf, type Watched, watchedBy } from './guard.ts';
import { createOverlay } from './overlay.ts';
import { advanced, dueAt, dwelling, type Guard, type Now, type Progress } from './progress.ts';
import {
  begun,
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

/** A change that could not be saved. */
type Unsaved = { readonly code: 'not-saved'; readonly message: string };

/** The rollouts, set by a clock. */
export type RolloutBook = {
  /** Lets time and health take effect. Call it before something is made of what is laid. */
  review(): void;
  /** The model with the rollouts in its policies. */
  lay(model: Model): Model;
  list(): readonly RolloutStanding[];
  /** Both resolve when the change is on stable storage and told by `onChange`, or with the refusal. */
  start(spec: RolloutSpec, by: string): Promise<RolloutRefusal | Unsaved | 'done'>;
  order(name: string, order: RolloutOrder, by: string): Promise<RolloutRefusal | Unsaved | 'done'>;
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
  readonly save: (rollouts: Rollouts) => Promise<void>;
  readonly onDue: () => void;
  readonly onChange: () => void;
};

/** How soon it is tried again to save what went on by itself, in ms. */
const SAVE_AGAIN_MS = 30_000;

/** A book without rollouts. */
export function createRolloutBook(options: RolloutBookOptions): RolloutBook {
  const { clock } = options;
  const time = createSteadyTime(() => clock.steady?.() ?? clock.now());
  const alarm = createAlarm({ time, after: (ms, task) => clock.after(ms, task), ring: options.onDue });
  const overlay = createOverlay();
  const watched = createWatchedBook(options);
  let all: ReadonlyMap<string, Progress> = new Map();
  let changes: Promise<unknown> = Promise.resolve();
  /** Orders that are being saved: meanwhile nothing goes on by itself. */
  let underWay = 0;
  let unsavedFrom = Number.POSITIVE_INFINITY;

  const now = (): Now => ({ steady: Math.floor(time.now()), wall: clock.now() });
  const guard = ({ rollout }: Progress): Guard => guardOf(watched(rollout.spec), options.health());
  const rewind = (): void => {
    const dues = [...all.values()].map((progress) => dueAt(progress, guard(progress)));
    alarm.set(Math.min(unsavedFrom + SAVE_AGAIN_MS, ...dues));
  };
  const keep = (): void => {
    unsavedFrom = Number.POSITIVE_INFINITY;
    const again = (): void => {
      unsavedFrom = now().steady;
      rewind();
    };
    options.save(rolloutsOf(all)).catch(again);
  };
  const change = (next: () => Rollouts | RolloutRefusal | 'done') => {
    underWay += 1;
    const done = changes.then(async () => {
      const wanted = next();
      if (wanted === 'done' || 'code' in wanted) return wanted;
      const failure = await failureOf(options.save(wanted));
      if (failure !== undefined) return { code: 'not-saved' as const, message: failure };
      all = taken(all, wanted, now());
      unsavedFrom = Number.POSITIVE_INFINITY;
      return 'done' as const;
    });
    changes = done;
    return done.finally(() => {
      underWay -= 1;
      options.onChange();
    });
  };

  return {
    review() {
      if (underWay > 0 || all.size === 0) return;
      const moment = now();
      const next = new Map([...all].map(([name, each]) => [name, advanced(each, guard(each), moment)]));
      const isMoved = [...next].some(([name, { rollout }]) => rollout !== all.get(name)?.rollout);
      all = next;
      if (isMoved || moment.steady >= unsavedFrom + SAVE_AGAIN_MS) keep();
      rewind();
    },
    lay: (model) =>
      overlay.lay(
        model,
        [...all.values()].map(({ rollout }) => rollout),
      ),
    list: () => [...all.values()].map((progress) => standingOf(progress, guard(progress), now())),
    start: (spec, by) =>
      change(() => {
        const rollouts = rolloutsOf(all);
        const refusal = refusalOf(spec, { rollouts, model: options.model(), declaration: options.declaration });
        return refusal ?? new Map(rollouts).set(spec.name, begun(spec, clock.now(), by));
      }),
    order: (name, order, by) => change(() => orderedOf(rolloutsOf(all), { name, order, by, since: clock.now() })),
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

function rolloutsOf(all: ReadonlyMap<string, Progress>): Rollouts {
  return new Map([...all].map(([name, { rollout }]) => [name, rollout]));
}

/** The progress of these rollouts: those that are other objects begin a dwell. */
function taken(before: ReadonlyMap<string, Progress>, rollouts: Rollouts, now: Now): ReadonlyMap<string, Progress> {
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

async function failureOf(saved: Promise<void>): Promise<string | undefined> {
  try {
    await saved;
    return undefined;
  } catch (error) {
    return `The change could not be saved: ${String(error)}`;
  }
}
