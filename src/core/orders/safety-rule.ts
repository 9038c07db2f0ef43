/** Rules of safety, by name: what a change may break, whoever orders it. They are worked out in `core/plan/safety.ts`. */

/** The name of a rule: stable, and part of the code of the refusal (`safety-…`). */
export type SafetyRule = 'min-clusters' | 'max-moved' | 'max-drills' | 'blackout';

/** A rule that a change breaks, and how, in words. */
export type BrokenRule = { readonly rule: SafetyRule; readonly message: string };

/** Why a change was refused: it breaks a rule. */
export type SafetyRefusal = { readonly code: `safety-${SafetyRule}`; readonly message: string };

/** Whether what breaks a rule, or would leave a hostname without anybody, is refused. */
export type GuardMode = 'guarded' | 'forced';

/** What a change broke that was forced: the codes with which it would have been refused. */
export type ForcedPast = readonly (SafetyRefusal['code'] | 'drain-leaves-none')[];

/** The refusals of what breaks rules, one for each. */
export function refusalsOf(broken: readonly BrokenRule[]): readonly SafetyRefusal[] {
  return broken.map(({ rule, message }) => ({
    code: `safety-${rule}`,
    message: `${message} Use force to do it all the same.`,
  }));
}
