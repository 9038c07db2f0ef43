import type { Declaration, Model } from '../desired/model.ts';
import type { DrillSight } from './advance.ts';
import { type DrillRefusal, nothingIn, refusalOf } from './check.ts';
import type { Drill, DrillSpec } from './drill.ts';
import { drillsOf, type Progresses } from './orders.ts';
import { type Reach, reachOf } from './reach.ts';
import { abortReason, type Baseline, baselineOf, type DrillWorld, isBack } from './sight.ts';
import { wouldAbort } from './would-abort.ts';

/** Looks at drills and remembers: what a drill is about for as long as the model is the same, and how it was when it began. */
export type DrillWatch = {
  reachOf(drill: Drill): Reach;
  /**
   * Of one that is planned: why it must not begin now. How it is then is what it is judged by once it runs. Look at one that is
   * rolled back as soon as it is: nothing of it is left in other answers than those of then.
   */
  sightOf(drill: Drill, world: () => DrillWorld): DrillSight;
  /** Why it must not be started, by all but the rules of safety. */
  refusal(spec: DrillSpec, all: Progresses, world: DrillWorld): DrillRefusal | undefined;
};

type Reached = { readonly in: Model; readonly reach: Reach };
type Judged = { readonly baseline: Baseline; readonly version: number; readonly in: Reach; readonly sight: DrillSight };

/** Why nothing is seen that would end it. */
const GOES_ON: DrillSight = Object.freeze({ abort: undefined, isBack: false });

/** A watch that has looked at nothing yet. */
export function createWatch(options: {
  readonly model: () => Model;
  readonly declaration: Pick<Declaration, 'monitors'>;
}): DrillWatch {
  const reached = new WeakMap<DrillSpec, Reached>();
  const judged = new WeakMap<DrillSpec, Judged>();
  /** In which world it began to roll back. */
  const takenBack = new WeakMap<DrillSpec, number>();

  const reachIn = (spec: DrillSpec): Reach => {
    const [model, known] = [options.model(), reached.get(spec)];
    if (known?.in === model) return known.reach;
    const reach = reachOf(spec, model);
    reached.set(spec, { in: model, reach });
    return reach;
  };
  const judge = (spec: DrillSpec, world: DrillWorld): DrillSight => {
    const [reach, known] = [reachIn(spec), judged.get(spec)];
    // What the answers are made of is the same as when it was looked at last.
    if (known?.version === world.version && known.in === reach) return known.sight;
    const baseline = known?.baseline ?? baselineOf(reach, world);
    const sight = { abort: abortReason(spec, reach, baseline, world), isBack: false };
    judged.set(spec, { baseline, version: world.version, in: reach, sight });
    return sight;
  };
  /** How it is before the drill does anything is what it is judged by. */
  const before = (spec: DrillSpec, world: DrillWorld): DrillSight => {
    const reach = reachIn(spec);
    judged.set(spec, { baseline: baselineOf(reach, world), version: Number.NaN, in: reach, sight: GOES_ON });
    return { abort: nothingIn(reach, spec)?.message ?? wouldAbort(spec, reach, world, 'now'), isBack: false };
  };

  /** Whether the answers are the same as when it began to roll back: what it did may still be in them. */
  const isStillIn = (spec: DrillSpec, { version }: DrillWorld): boolean => {
    const since = takenBack.get(spec) ?? version;
    takenBack.set(spec, since);
    return since === version;
  };

  return {
    reachOf: ({ spec }) => reachIn(spec),
    sightOf({ spec, state }, world) {
      if (state === 'planned') return before(spec, world());
      if (state === 'running') return judge(spec, world());
      if (state !== 'rolling-back' || isStillIn(spec, world())) return GOES_ON;
      return { abort: undefined, isBack: isBack(spec, reachIn(spec), world()) };
    },
    refusal(spec, all, world) {
      const reach = reachOf(spec, options.model());
      const { declaration } = options;
      const refusal = refusalOf(spec, reach, {
        drills: drillsOf(all),
        declaration,
        now: world.now,
        model: options.model(),
      });
      if (refusal !== undefined) return refusal;
      const why = wouldAbort(spec, reach, world, (spec.startAt ?? 0) > world.now ? 'ahead' : 'now');
      return why === undefined ? undefined : { code: 'drill-would-abort', message: `It would be broken off: ${why}.` };
    },
  };
}
