import { ALL_BUCKETS } from '../../health/slow-start.ts';
import { admittedBy } from '../admission.ts';
import type { Choice, SteerInput, Trace } from '../decision.ts';
import { isRanked } from './nearest.ts';

/** Weights of choices of which some keep what others do not take add up to this. */
const PARTS = 65_536;

/** Choices, and the fraction (0–1] of the clients that they take. */
export type Spread = { readonly choices: readonly Choice[]; readonly taken: number };

/**
 * Where weights decide and nobody who is preferred takes all his clients (slow start, a cluster over capacity), those who
 * come `next` (the following tier) keep what is not taken: a failover cluster does not lose all its clients at once. They,
 * too, keep no more than they take; what nobody takes stays with those who are preferred. Where distances order the
 * clusters, clients are passed on to the next nearest of the same tier instead; sticky ones would move from cluster to
 * cluster.
 */
export function overflow(input: SteerInput, choices: readonly Choice[], next: () => Spread, trace?: Trace): Spread {
  const shares = choices.map(({ candidates }) => admittedBy(input, candidates) / ALL_BUCKETS);
  const isSticky = input.policy.sticky !== 'none';
  const isTakenWhole = choices.some(({ weight }, index) => weight > 0 && shares[index] === 1);
  if (shares.length === 0 || isTakenWhole || isSticky || isRanked(input)) return { choices, taken: 1 };
  // Weights are of what is taken: what would be taken of everything is more by the share of each.
  const everything = choices.reduce((sum, { weight }, index) => sum + weight / shares[index]!, 0);
  const taken = everything === 0 ? 1 : totalOf(choices) / everything;
  const others = next();
  if (others.choices.length === 0) return { choices, taken };
  const passed = (1 - taken) * others.taken;
  if (trace !== undefined) traceOverflow(others.choices, passed, trace);
  return {
    choices: [...inParts(choices, PARTS * (1 - passed)), ...inParts(others.choices, PARTS * passed)],
    taken: taken + passed,
  };
}

/** The same chances among each other, with weights that add up to about `parts`. */
function inParts(choices: readonly Choice[], parts: number): readonly Choice[] {
  const total = totalOf(choices);
  return choices.map((choice) => {
    const weight = choice.weight === 0 ? 0 : Math.max(1, Math.round((parts * choice.weight) / total));
    return { ...choice, weight };
  });
}

function totalOf(choices: readonly Choice[]): number {
  return choices.reduce((sum, { weight }) => sum + weight, 0);
}

function traceOverflow(others: readonly Choice[], share: number, trace: Trace): void {
  const reason = `keeps ${Math.round(share * 100)} % which those before it do not take`;
  for (const candidate of others.flatMap(({ candidates }) => candidates)) {
    trace({ filter: 'overflow', candidate, verdict: 'kept', reason });
  }
}
