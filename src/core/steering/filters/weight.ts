import { ALL_BUCKETS } from '../../health/slow-start.ts';
import { admitsAll, admittedWeight } from '../admission.ts';
import type { Candidate, Choice, SteerInput, Trace } from '../decision.ts';
import { groupByCluster } from './cluster-groups.ts';
import type { Order } from './filter.ts';

/**
 * Clusters start in proportion to their weight: the greatest among their endpoints that are left. Where all weights are
 * 0, everybody starts equally often. Who takes less than all of his clients counts so much less.
 */
export const weight: Order = (input, left, trace) => {
  const anyActive = left.some((index) => input.candidates[index]!.endpoint.weight > 0);
  if (trace !== undefined) traceWeights(input, left, anyActive, trace);
  return weighed(input, left, ({ endpoint }) => (anyActive ? endpoint.weight : 1));
};

/** In proportion to weights, too, where somebody has to start whoever is near: weight 0 counts as 1. */
export const weightFromOne: Order = (input, left) =>
  weighed(input, left, ({ endpoint }) => Math.max(1, endpoint.weight));

/** Every cluster starts equally often. */
export const equal: Order = (input, left, trace) => {
  if (trace !== undefined) traceEqual(input, left, trace);
  return weighed(input, left, () => 1);
};

function weighed(
  input: SteerInput,
  left: readonly number[],
  weightOf: (candidate: Candidate) => number,
): readonly Choice[] {
  const isPlain = admitsAll(input, left);
  return groupByCluster(input, left).map(([cluster, candidates]) => {
    let greatest = 0;
    for (const index of candidates) {
      const candidate = input.candidates[index]!;
      const own = weightOf(candidate);
      greatest = Math.max(greatest, isPlain ? own : admittedWeight(candidate, own));
    }
    return { cluster, weight: greatest, candidates };
  });
}

function traceWeights(input: SteerInput, left: readonly number[], anyActive: boolean, trace: Trace): void {
  for (const candidate of left) {
    const { endpoint, admits } = input.candidates[candidate]!;
    const reason = anyActive ? `weight ${endpoint.weight}` : 'all weights are 0: equal shares';
    trace({ filter: 'weight', candidate, verdict: 'kept', reason: `${reason}${partly(admits)}` });
  }
}

function traceEqual(input: SteerInput, left: readonly number[], trace: Trace): void {
  for (const candidate of left) {
    const reason = `equal shares${partly(input.candidates[candidate]!.admits)}`;
    trace({ filter: 'equal', candidate, verdict: 'kept', reason });
  }
}

/** What is said of one that takes less than all: it starts slowly, or its cluster is over capacity. */
export function partly(admits: number): string {
  return admits === ALL_BUCKETS ? '' : `, of which it takes ${Math.round((100 * admits) / ALL_BUCKETS)} %`;
}
