import { type Drill, percentOf, rampOf } from '../core/drill/drill.ts';
import { drillLines } from './drill-text.ts';

/** Most drills below the live table. */
const SHOWN = 5;

/** The drills that are not over, in a line each. */
export function liveDrills(drills: readonly Drill[]): readonly string[] {
  const all = drills.filter(({ state }) => state !== 'over');
  return drillLines({ total: all.length, first: all.slice(0, SHOWN).map(fieldsOf) });
}

/** As the admin API shows it. */
function fieldsOf(drill: Drill): object {
  const { spec, state, step, since, by, timeline } = drill;
  const { kind: action, ...weight } = spec.action;
  const begun = timeline.find(({ kind }) => kind === 'begun')?.at;
  const times = {
    startAt: timeText(spec.startAt),
    since: timeText(since),
    endsAt: timeText(begun === undefined ? undefined : begun + spec.lengthMs),
  };
  const { steps } = rampOf(spec);
  const { name, scope, reason } = spec;
  return {
    name,
    action,
    ...weight,
    scope,
    state,
    percent: percentOf(drill),
    ramp: { steps },
    step: step + 1,
    by,
    reason,
    ...times,
  };
}

function timeText(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
