import { shares } from '../../core/snapshot/explain.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { SHARE_SAMPLE } from '../limits.ts';

/** The last snapshot's shares: they are a function of the snapshot and of nothing else. */
const known = new WeakMap<Snapshot, ReadonlyMap<string, number>>();

/**
 * Fraction (0–1) of the answers that each cluster gets over all hostnames, each hostname counted alike. Of more than
 * `SHARE_SAMPLE` hostnames, as many evenly picked ones are read: the time goes off the thread that may serve DNS.
 */
export function meanShares(snapshot: Snapshot): ReadonlyMap<string, number> {
  const before = known.get(snapshot);
  if (before !== undefined) return before;
  const hostnames = sample(snapshot.model.hostnames);
  const sums = new Map<string, number>();
  for (const { name } of hostnames) {
    for (const [cluster, share] of shares(snapshot, name)) sums.set(cluster, (sums.get(cluster) ?? 0) + share);
  }
  const means = new Map([...sums].map(([cluster, sum]) => [cluster, sum / hostnames.length]));
  known.set(snapshot, means);
  return means;
}

function sample<T>(all: readonly T[]): readonly T[] {
  const step = Math.ceil(all.length / SHARE_SAMPLE);
  return step <= 1 ? all : all.filter((_, index) => index % step === 0);
}
