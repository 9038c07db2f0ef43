import type { BrokenRule, GuardMode, SafetyRefusal } from '../orders/safety-rule.ts';
import { refusalsOf } from '../orders/safety-rule.ts';
import type { Unsaved } from '../orders/saved-changes.ts';
import type { Outlook } from '../plan/outlook.ts';
import { brokenRules, type SafetyRules } from '../plan/safety.ts';
import type { DrillRefusal } from './check.ts';
import type { Drill, DrillSpec } from './drill.ts';
import type { DrillBook } from './drill-book.ts';
import { planOf } from './drill-plan.ts';
import { outlookOf, type Stage } from './rehearsal.ts';

/** Why a drill was not started: as a drill, or by a rule of safety, whose name is in the code. */
export type DrillControlRefusal = DrillRefusal | Unsaved | SafetyRefusal;

/** What operators do with drills. All resolve when it is on stable storage and in force, or with the refusal. */
export type DrillControl = {
  list(): readonly Drill[];
  /** Why it could not be started, whatever the rules of safety say. */
  refusal(spec: DrillSpec): DrillRefusal | undefined;
  /** What a drill would do, and which rules it would break. */
  rehearse(spec: DrillSpec): { readonly outlook: Outlook; readonly broken: readonly BrokenRule[] };
  start(spec: DrillSpec, by: string, mode: GuardMode): Promise<DrillControlRefusal | 'done'>;
  stop(name: string, by: string): Promise<DrillControlRefusal | 'done'>;
  /** Takes one away that is over. */
  forget(name: string): Promise<DrillControlRefusal | 'done'>;
};

/** What it needs. `now` in ms since the epoch. */
export type DrillControlOptions = {
  readonly book: DrillBook;
  readonly rules: SafetyRules;
  readonly stage: () => Stage;
  readonly now: () => number;
};

/** Drills behind the rules of safety. */
export function createDrillControl({ book, rules, stage, now }: DrillControlOptions): DrillControl {
  const rehearse = (spec: DrillSpec): ReturnType<DrillControl['rehearse']> => {
    const outlook = outlookOf(spec, stage());
    const others = book.list().filter((drill) => meets(drill, spec, now())).length;
    const at = Math.max(now(), spec.startAt ?? 0);
    return { outlook, broken: brokenRules(rules, { outlook, drills: others + 1, now: at }) };
  };
  return {
    list: () => book.list(),
    refusal: (spec) => book.refusal(spec),
    rehearse,
    start: (spec, by, mode) =>
      // Asked when it is its turn: of two that are started at once the second one knows of the first.
      book.start<SafetyRefusal>(spec, by, () => {
        const { outlook, broken } = rehearse(spec);
        const [first] = mode === 'forced' ? [] : refusalsOf(broken);
        return first ?? planOf(outlook, broken, now());
      }),
    stop: (name, by) => book.stop(name, by),
    forget: (name) => book.forget(name),
  };
}

/** Whether a drill will be under way at the same time as another one that is asked for now. */
function meets({ spec, at, state, timeline }: Drill, { startAt = 0, lengthMs }: DrillSpec, now: number): boolean {
  if (state === 'over') return false;
  const begin = Math.max(startAt, now);
  // How long it takes to roll back is not known.
  if (state === 'rolling-back') return begin <= now;
  const begun = timeline.find(({ kind }) => kind === 'begun')?.at ?? Math.max(spec.startAt ?? 0, at);
  return begun < begin + lengthMs && begin < begun + spec.lengthMs;
}
