import type { SteerInput, Trace } from '../decision.ts';
import { groupByCluster } from './cluster-groups.ts';
import type { Order } from './filter.ts';

/**
 * Clusters start in proportion to their weight: the greatest among their endpoints that are left. Where all weights are
 * 0, everybody starts equally often.
 */
export const weight: Order = (input, left, trace) => {
  const anyActive = left.some((index) => input.candidates[index]!.endpoint.weight > 0);
  const choices = groupByCluster(input, left).map(([cluster, candidates]) => ({
    cluster,
    weight: anyActive ? greatestWeight(input, candidates) : 1,
    candidates,
  }));
  if (trace !== undefined) traceWeights(input, left, anyActive, trace);
  return choices;
};

/** Every cluster starts equally often. */
export const equal: Order = (input, left) =>
  groupByCluster(input, left).map(([cluster, candidates]) => ({ cluster, weight: 1, candidates }));

function greatestWeight(input: SteerInput, candidates: readonly number[]): number {
  let greatest = 0;
  for (const index of candidates) greatest = Math.max(greatest, input.candidates[index]!.endpoint.weight);
  return greatest;
}

function traceWeights(input: SteerInput, left: readonly number[], anyActive: boolean, trace: Trace): void {
  for (const candidate of left) {
    const own = input.candidates[candidate]!.endpoint.weight;
    const reason = anyActive ? `weight ${own}` : 'all weights are 0: equal shares';
    trace({ filter: 'weight', candidate, verdict: 'kept', reason });
  }
}
