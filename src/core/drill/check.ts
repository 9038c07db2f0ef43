import type { Declaration, Model } from '../desired/model.ts';
import { isWeight, mistakeIn, WEIGHT } from '../orders/check.ts';
import { isName, NAME_RULE } from '../orders/name.ts';
import { mistakeInSteps } from '../orders/percent-steps.ts';
import type { DrillSpec, Drills } from './drill.ts';
import type { Reach } from './reach.ts';
import { mistakeInScope, type ScopeRefusal } from './scope-check.ts';

/** Most drills that are kept, those that are over included. */
const MAX_DRILLS = 200;
/** Most steps of a ramp. */
export const MAX_RAMP_STEPS = 20;
/** Shortest length of a drill, and of a step of its ramp, in ms. */
export const MIN_DRILL_MS = 1_000;
/** Longest length of a drill, in ms: a week. */
export const MAX_DRILL_MS = 604_800_000;
/** How far ahead a drill is planned at most, in ms: a year. */
const MAX_DRILL_AHEAD_MS = 31_536_000_000;
/** Most monitors that break off a drill. */
export const MAX_ABORT_MONITORS = 20;

/** Why a drill was refused: stable codes, the same as those of the admin API. */
export type DrillRefusal = {
  readonly code:
    | ScopeRefusal['code']
    | 'drill-exists'
    | 'drill-invalid'
    | 'drill-shared-monitor'
    | 'drill-under-way'
    | 'drill-unknown'
    | 'drill-would-abort'
    | 'drills-full'
    | 'monitor-unknown';
  readonly message: string;
};

/** What a new drill is checked against. */
export type DrillChecks = {
  /** Ms since the epoch. */
  readonly now: number;
  readonly drills: Drills;
  readonly declaration: Pick<Declaration, 'monitors'>;
  /** As it is written. */
  readonly model: Model;
};

/** Why this drill may not begin; undefined where it may. `reach` is what it is about. */
export function refusalOf(spec: DrillSpec, reach: Reach, world: DrillChecks): DrillRefusal | undefined {
  return (
    contradiction(spec, world) ??
    taken(spec, world) ??
    unknown(spec, world) ??
    mistakeInScope(spec, reach, world.model) ??
    nothingIn(reach, spec)
  );
}

function contradiction(spec: DrillSpec, { now }: DrillChecks): DrillRefusal | undefined {
  const { name, scope, action, lengthMs, startAt = 0, abort } = spec;
  if (!isName(name)) return invalid(NAME_RULE);
  const mistake = mistakeIn(scope);
  if (mistake !== undefined) return invalid(mistake);
  if (action.kind === 'weight' && !isWeight(action.weight)) return invalid(WEIGHT);
  if (abort.monitors.length > MAX_ABORT_MONITORS)
    return invalid(`At most ${MAX_ABORT_MONITORS} monitors break off a drill.`);
  if (!(abort.healthyShare >= 0 && abort.healthyShare <= 1))
    return invalid('`healthyShare` is a fraction from 0 to 1.');
  if (!(lengthMs >= MIN_DRILL_MS && lengthMs <= MAX_DRILL_MS)) return invalid('A drill lasts from 1 s to 168 h.');
  if (!(startAt <= now + MAX_DRILL_AHEAD_MS)) return invalid('A drill is planned at most a year ahead.');
  return rampMistake(spec);
}

function rampMistake({ ramp, lengthMs }: DrillSpec): DrillRefusal | undefined {
  if (ramp === undefined) return undefined;
  const { steps, everyMs } = ramp;
  if (!(everyMs >= MIN_DRILL_MS)) return invalid('A step lasts 1 s or longer.');
  const mistake = mistakeInSteps(steps, MAX_RAMP_STEPS);
  if (mistake !== undefined) return invalid(mistake);
  return everyMs * (steps.length - 1) < lengthMs ? undefined : invalid('The drill is over before its last step.');
}

function invalid(message: string): DrillRefusal {
  return { code: 'drill-invalid', message };
}

function taken({ name }: DrillSpec, { drills }: DrillChecks): DrillRefusal | undefined {
  const known = drills.get(name);
  if (known !== undefined) {
    return { code: 'drill-exists', message: `There is a drill "${name}" already; it is ${known.state}.` };
  }
  if (drills.size < MAX_DRILLS) return undefined;
  return { code: 'drills-full', message: `There are ${MAX_DRILLS} drills already. Forget one that is over first.` };
}

function unknown({ abort }: DrillSpec, { declaration }: DrillChecks): DrillRefusal | undefined {
  const named = new Set(declaration.monitors?.map(({ name }) => name));
  const unheard = abort.monitors.find((monitor) => !named.has(monitor));
  if (unheard === undefined) return undefined;
  return { code: 'monitor-unknown', message: `The configuration has no monitor "${unheard}".` };
}

/** Why a drill would be about nothing; undefined where there is something that it can do something to. */
export function nothingIn(
  { endpoints, monitors, shared }: Reach,
  { action }: Pick<DrillSpec, 'action'>,
): DrillRefusal | undefined {
  if (endpoints.length === 0) return { code: 'drill-nothing', message: 'No endpoint fits the scope.' };
  if (action.kind !== 'fail' || monitors.length > 0) return undefined;
  if (shared.length === 0) {
    return { code: 'drill-nothing', message: 'Nothing in the scope is probed: there is nothing that could fail.' };
  }
  const message = `What is meant is probed together with others (${shared[0]}). Widen the scope, or use drain.`;
  return { code: 'drill-shared-monitor', message };
}
