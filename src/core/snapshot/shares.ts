import { placeClassesOf } from './compile.ts';
import { readSaid } from './decision-row.ts';
import { findTarget } from './find-target.ts';
import { NONE } from './layout.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Fraction (0–1) of the answers for one hostname that start at each cluster, every place counted alike. The sum is
 * below 1 where some clients get nobody, or the last resort's own addresses. Empty for a name that is not steered.
 */
export function shares(snapshot: Snapshot, hostname: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  const found = findTarget(snapshot.table, hostname);
  const target = found?.owner === hostname ? found.target : NONE;
  const classes = placeClassesOf(snapshot, target);
  const endpoints = snapshot.model.hostnames[target]?.endpoints;
  if (classes === undefined || endpoints === undefined) return sums;
  const places = classes.sizes.reduce((sum, size) => sum + size, 0);
  for (const [index, size] of classes.sizes.entries()) {
    const { choices } = readSaid(snapshot.table.decisions, target, index);
    const total = choices.reduce((sum, { weight }) => sum + weight, 0);
    for (const [rank, { weight, candidates }] of choices.entries()) {
      const cluster = endpoints[candidates[0] ?? NONE]?.cluster;
      // Without any weight the first choice starts every answer.
      const starts = total > 0 ? weight / total : Number(rank === 0);
      if (cluster !== undefined && starts > 0) {
        sums.set(cluster, (sums.get(cluster) ?? 0) + (starts * size) / places);
      }
    }
  }
  return sums;
}
