/** Whether what people order breaks a rule of safety: looked at where it is ordered, one after the other. */
import type { Override } from '../orders/override.ts';
import type { BrokenRule } from '../orders/safety-rule.ts';
import type { Outlook } from '../plan/outlook.ts';
import { brokenRules, looksAhead, type SafetyRules } from '../plan/safety.ts';
import type { Rollouts } from '../rollout/rollout.ts';
import { outlookWith, outlookWithRollouts, type Stage } from './rehearsal.ts';

/** Every rule that a change would break. Where no rule looks ahead, nothing is worked out. */
export type SafetyGuard = {
  /** One more order, or one in the place of that of its name, when it begins. */
  readonly ofOrder: (order: Override) => readonly BrokenRule[];
  /** These rollouts instead of those that there are. */
  readonly ofRollouts: (wanted: Rollouts) => readonly BrokenRule[];
};

/** What it needs. `stage`: the world as it is now. `now` in ms since the epoch. */
export type SafetyGuardOptions = {
  readonly rules: SafetyRules;
  readonly stage: () => Stage;
  readonly now: () => number;
};

/** The rules that hold for overrides, drains of clusters and rollouts; those of drills are in `drill-control.ts`. */
export function createSafetyGuard({ rules, stage, now }: SafetyGuardOptions): SafetyGuard {
  const broken = (at: number, lookAhead: () => Outlook): readonly BrokenRule[] => {
    const ahead = looksAhead(rules) ? { outlook: lookAhead() } : {};
    return brokenRules(rules, { ...ahead, drills: 0, now: at });
  };
  return {
    ofOrder: (order) => broken(Math.max(now(), order.from ?? 0), () => outlookWith(order, stage())),
    ofRollouts: (wanted) => broken(now(), () => outlookWithRollouts(wanted, stage())),
  };
}
