/** What stands before changes, by name: what a change may break, whoever orders it. The rules are worked out in `core/plan/safety.ts`. */

/** The name of a rule of safety: stable, and part of the code of the refusal (`safety-…`). */
type SafetyRule = 'min-clusters' | 'max-moved' | 'max-drills' | 'blackout';

/** A rule, or what has always held: that no hostname loses its last usable cluster. */
export type GuardRule = SafetyRule | 'drain-leaves-none';

/** A rule that a change breaks, and how, in words. */
export type BrokenRule = { readonly rule: GuardRule; readonly message: string };

/** The code with which a change is refused that breaks a rule. */
type GuardCode = `safety-${SafetyRule}` | 'drain-leaves-none';

/** Why a change was refused: it breaks a rule. */
export type SafetyRefusal = { readonly code: GuardCode; readonly message: string };

/** Whether what breaks a rule, or would leave a hostname without anybody, is refused. */
export type GuardMode = 'guarded' | 'forced';

/** What a change broke that was forced: the codes with which it would have been refused. */
export type ForcedPast = readonly GuardCode[];

/** The refusals of what breaks rules, one for each. */
export function refusalsOf(broken: readonly BrokenRule[]): readonly SafetyRefusal[] {
  return broken.map(({ rule, message }) => ({
    code: rule === 'drain-leaves-none' ? rule : `safety-${rule}`,
    message: `${message} Use force to do it all the same.`,
  }));
}
