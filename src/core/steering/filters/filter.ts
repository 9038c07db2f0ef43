import type { Candidate, Choice, FilterName, SteerInput, Trace } from '../decision.ts';

/** Takes the indexes of the candidates that are left and returns those it keeps, in the same order. */
export type Filter = (input: SteerInput, left: readonly number[], trace?: Trace) => readonly number[];

/** Turns the candidates that are left into clusters with their shares, in order of preference. */
export type Order = (input: SteerInput, left: readonly number[], trace?: Trace) => readonly Choice[];

/** One judgement of a filter: which candidates it keeps, and in words why. `why` runs only where somebody traces. */
export type Rule = {
  readonly filter: FilterName;
  readonly keeps: (candidate: Candidate) => boolean;
  readonly why: (candidate: Candidate, kept: boolean) => string;
};

/** Applies a rule to the candidates that are left. */
export function sift(input: SteerInput, left: readonly number[], rule: Rule, trace?: Trace): readonly number[] {
  const kept: number[] = [];
  for (const index of left) {
    const candidate = input.candidates[index]!;
    const keeps = rule.keeps(candidate);
    if (keeps) kept.push(index);
    if (trace === undefined) continue;
    const verdict = keeps ? 'kept' : 'dropped';
    trace({ filter: rule.filter, candidate: index, verdict, reason: rule.why(candidate, keeps) });
  }
  return kept;
}
