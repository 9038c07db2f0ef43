/** What operators make of the drills that there are: the drills afterwards, or why they stay what they are. */
import type { Now } from '../rollout/progress.ts';
import { type DrillProgress, ended, planned } from './advance.ts';
import type { DrillRefusal } from './check.ts';
import { asked, type DrillSpec, type Drills } from './drill.ts';
import type { DrillPlan } from './drill-plan.ts';

/** Drills with what a restart forgets, by name. */
export type Progresses = ReadonlyMap<string, DrillProgress>;

/** The drills of some progresses. */
export function drillsOf(all: Progresses): Drills {
  return new Map([...all].map(([name, { drill }]) => [name, drill]));
}

type Start = { readonly spec: DrillSpec; readonly by: string; readonly now: Now };

/** With one more. */
export function startedIn(all: Progresses, { spec, by, now }: Start, plan: DrillPlan): Progresses {
  return new Map(all).set(spec.name, planned(asked(spec, now.wall, by, plan), now));
}

type Stop = { readonly name: string; readonly by: string; readonly now: Now };

/** With one that is stopped. One that is ending, or over, is `done`. */
export function stoppedIn(all: Progresses, { name, by, now }: Stop): Progresses | DrillRefusal | 'done' {
  const known = all.get(name);
  if (known === undefined) return unknownDrill(name);
  const next = ended(known, { kind: 'stopped', why: `by ${by}` }, now);
  return next === known ? 'done' : new Map(all).set(name, next);
}

/** Without one that is over. */
export function forgottenIn(all: Progresses, name: string): Progresses | DrillRefusal {
  const known = all.get(name);
  if (known === undefined) return unknownDrill(name);
  if (known.drill.state === 'over') return new Map([...all].filter(([each]) => each !== name));
  return { code: 'drill-under-way', message: `Drill "${name}" is ${known.drill.state}: stop it first.` };
}

function unknownDrill(name: string): DrillRefusal {
  return { code: 'drill-unknown', message: `There is no drill "${name}".` };
}
