/** Whether a drill breaks what stands before changes: looked at when it is asked for, and again when a planned one begins. */
import type { BrokenRule, GuardRule } from '../orders/safety-rule.ts';
import type { Outlook } from '../plan/outlook.ts';
import { brokenRules, looksAhead, type SafetyRules } from '../plan/safety.ts';
import { leavesNone } from '../steering/drain-guard.ts';
import type { Drill, DrillSpec } from './drill.ts';
import { othersRunning, peakWith } from './overlap.ts';
import { leftWithoutBy, outlookOf, type Stage } from './rehearsal.ts';

/** The guard of drills. */
export type DrillGuard = {
  /** What a drill would do, and what it would break, the worst first. */
  rehearse(spec: DrillSpec): { readonly outlook: Outlook; readonly broken: readonly BrokenRule[] };
  /** Why a planned drill must not begin now, with the name of the rule; undefined where it may. What it was forced past does not count. */
  mayBegin(drill: Drill): string | undefined;
};

/** What it needs. `stage`: the world as it is now. `now` in ms since the epoch. */
export type DrillGuardOptions = {
  readonly rules: SafetyRules;
  readonly list: () => readonly Drill[];
  readonly stage: () => Stage;
  readonly now: () => number;
};

/** A guard by these rules. */
export function createDrillGuard({ rules, list, stage, now }: DrillGuardOptions): DrillGuard {
  return {
    rehearse(spec) {
      const world = stage();
      const outlook = outlookOf(spec, world);
      const begin = Math.max(now(), spec.startAt ?? 0);
      const change = { outlook, drills: peakWith(spec, list(), now()), now: begin };
      return {
        outlook,
        broken: [...leavesNone(nameOf(spec), leftWithoutBy(spec, begin, world)), ...brokenRules(rules, change)],
      };
    },
    mayBegin(drill) {
      const { spec } = drill;
      const world = stage();
      const ahead = looksAhead(rules) ? { outlook: outlookOf(spec, world) } : {};
      const others = list().filter((other) => !isForcedPast(other, 'max-drills'));
      const change = { ...ahead, drills: othersRunning(drill, others, now()) + 1, now: now() };
      const broken = [
        ...leavesNone(nameOf(spec), leftWithoutBy(spec, now(), world)),
        ...brokenRules(rules, change),
      ].find(({ rule }) => !isForcedPast(drill, rule));
      return broken && `${broken.rule}: ${broken.message}`;
    },
  };
}

function nameOf({ name }: DrillSpec): string {
  return `Drill ${name}`;
}

function isForcedPast({ forced = [] }: Drill, rule: GuardRule): boolean {
  return forced.includes(rule);
}
