import type { Declaration, Model } from '../desired/model.ts';
import type { DrillSight } from './advance.ts';
import { type DrillRefusal, refusalOf } from './check.ts';
import type { Drill, DrillSpec } from './drill.ts';
import { drillsOf, type Progresses } from './orders.ts';
import { type Reach, reachOf } from './reach.ts';
import { abortReason, type Baseline, baselineOf, type DrillWorld, isBack } from './sight.ts';

/** Looks at drills and remembers: what a drill is about for as long as the model is the same, and how it was when it began. */
export type DrillWatch = {
  reachOf(drill: Drill): Reach;
  /** How it is before a drill begins is what it is judged by: look at it then. */
  sightOf(drill: Drill, world: () => DrillWorld): DrillSight;
  /** `now` in ms since the epoch. */
  refusal(spec: DrillSpec, all: Progresses, now: number): DrillRefusal | undefined;
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
  const remember = (spec: DrillSpec, world: DrillWorld): void => {
    const reach = reachIn(spec);
    judged.set(spec, { baseline: baselineOf(reach, world), version: Number.NaN, in: reach, sight: GOES_ON });
  };

  return {
    reachOf: ({ spec }) => reachIn(spec),
    sightOf({ spec, state }, world) {
      if (state === 'planned') remember(spec, world());
      if (state === 'running') return judge(spec, world());
      return { abort: undefined, isBack: state === 'rolling-back' && isBack(spec, reachIn(spec), world()) };
    },
    refusal: (spec, all, now) =>
      refusalOf(spec, reachOf(spec, options.model()), {
        drills: drillsOf(all),
        declaration: options.declaration,
        now,
      }),
  };
}
