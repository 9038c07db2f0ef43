import { ALL_BUCKETS } from '../../health/slow-start.ts';
import { admittedBy } from '../admission.ts';
import type { Choice, SteerInput, Trace } from '../decision.ts';
import { isRanked } from './nearest.ts';

/** Weights of choices of which some keep what others do not take yet add up to this. */
const PARTS = 65_536;

/**
 * Where weights decide and everybody who is preferred starts slowly, those who come `next` (the following tier) keep what is
 * not taken yet: a failover cluster does not lose all its clients at once. Where distances order the clusters, clients
 * are passed on to the next nearest of the same tier instead; sticky ones would move from cluster to cluster.
 */
export function overflow(
  input: SteerInput,
  choices: readonly Choice[],
  next: () => readonly Choice[],
  trace?: Trace,
): readonly Choice[] {
  const shares = choices.map(({ candidates }) => admittedBy(input, candidates) / ALL_BUCKETS);
  const isSticky = input.policy.sticky !== 'none';
  if (shares.length === 0 || shares.includes(1) || isSticky || isRanked(input)) return choices;
  const others = next();
  if (others.length === 0) return choices;
  // Weights are of what is taken: what would be taken of everything is more by the share of each.
  const everything = choices.reduce((sum, { weight }, index) => sum + weight / shares[index]!, 0);
  const taken = everything === 0 ? 1 : totalOf(choices) / everything;
  if (trace !== undefined) traceOverflow(others, 1 - taken, trace);
  return [...inParts(choices, PARTS * taken), ...inParts(others, PARTS * (1 - taken))];
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
  const reason = `keeps ${Math.round(share * 100)} % while those before it start slowly`;
  for (const candidate of others.flatMap(({ candidates }) => candidates)) {
    trace({ filter: 'overflow', candidate, verdict: 'kept', reason });
  }
}
