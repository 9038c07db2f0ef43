import type { BrokenRule, GuardMode, SafetyRefusal } from '../orders/safety-rule.ts';
import { refusalsOf } from '../orders/safety-rule.ts';
import type { Unsaved } from '../orders/saved-changes.ts';
import type { Outlook } from '../plan/outlook.ts';
import type { DrillRefusal } from './check.ts';
import type { Drill, DrillSpec } from './drill.ts';
import type { DrillBook } from './drill-book.ts';
import type { DrillGuard } from './drill-guard.ts';
import { planOf } from './drill-plan.ts';

/** Why a drill was not started: as a drill, or by a rule of safety, whose name is in the code. */
export type DrillControlRefusal = DrillRefusal | Unsaved | SafetyRefusal;

/** What operators do with drills. All resolve when it is on stable storage and in force, or with the refusal. */
export type DrillControl = {
  list(): readonly Drill[];
  /** Why it could not be started, whatever the rules of safety say. */
  refusal(spec: DrillSpec): DrillRefusal | undefined;
  /** What a drill would do, and what it would break. */
  rehearse(spec: DrillSpec): { readonly outlook: Outlook; readonly broken: readonly BrokenRule[] };
  start(spec: DrillSpec, by: string, mode: GuardMode): Promise<DrillControlRefusal | 'done'>;
  stop(name: string, by: string): Promise<DrillControlRefusal | 'done'>;
  /** Takes one away that is over. */
  forget(name: string): Promise<DrillControlRefusal | 'done'>;
};

/** What it needs. `now` in ms since the epoch. */
export type DrillControlOptions = {
  readonly book: DrillBook;
  readonly guard: Pick<DrillGuard, 'rehearse'>;
  readonly now: () => number;
};

/** Drills behind what stands before changes. */
export function createDrillControl({ book, guard, now }: DrillControlOptions): DrillControl {
  const { rehearse } = guard;
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
