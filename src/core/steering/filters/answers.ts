import type { Choice, SteerInput, Trace } from '../decision.ts';
import { isRanked } from './nearest.ts';

/**
 * Leaves out the clusters that no answer reaches: those behind the point where an answer is full in every case. An
 * answer is full once one address family has `policy.answers` addresses. Distant places then often share a decision.
 */
export function answers(input: SteerInput, choices: readonly Choice[], trace?: Trace): readonly Choice[] {
  const reached = choices.slice(0, reachOf(input, choices));
  if (trace !== undefined) traceShares(choices, reached.length, trace);
  return reached;
}

/**
 * Only a lone start at the head fixes where an answer ends; from several starts the ring reaches all. Where distances
 * order the choices it is a ring of those that may start, and the others follow behind all of them.
 */
function reachOf(input: SteerInput, choices: readonly Choice[]): number {
  const isOneRing = choices.slice(1).some((choice) => choice.weight > 0) && !isRanked(input);
  if (isOneRing) return choices.length;
  const starts = choices.filter((choice) => choice.weight > 0).length;
  const counts = { 4: 0, 6: 0 };
  for (const [rank, choice] of choices.entries()) {
    for (const index of choice.candidates) counts[input.candidates[index]!.endpoint.family] += 1;
    if (rank + 1 >= starts && Math.max(counts[4], counts[6]) >= input.policy.answers) return rank + 1;
  }
  return choices.length;
}

function traceShares(choices: readonly Choice[], reach: number, trace: Trace): void {
  const total = choices.reduce((sum, choice) => sum + choice.weight, 0);
  for (const [rank, { candidates, weight }] of choices.entries()) {
    const share = `${Number(((100 * weight) / total).toFixed(1))} % of the answers start here`;
    const followed = weight > 0 ? share : 'follows where an answer has room';
    for (const candidate of candidates) {
      if (rank < reach) trace({ filter: 'answers', candidate, verdict: 'kept', reason: followed });
      else trace({ filter: 'answers', candidate, verdict: 'dropped', reason: 'answers are full before it' });
    }
  }
}
