import type { SteerInput } from '../decision.ts';

/** The candidates that are left by cluster, clusters by name. In a cluster the order of the input holds: by address. */
export function groupByCluster(input: SteerInput, left: readonly number[]): readonly (readonly [string, number[]])[] {
  const groups = new Map<string, number[]>();
  for (const index of left) {
    const { cluster } = input.candidates[index]!.endpoint;
    const group = groups.get(cluster);
    if (group === undefined) groups.set(cluster, [index]);
    else group.push(index);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
