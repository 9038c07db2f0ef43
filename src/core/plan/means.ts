/** What two worlds are to all hostnames together: means over them, each with its weight. */
import type { HostnameOutcome } from './hostname-pairs.ts';
import type { Outcome, Service } from './outcome.ts';

/** The part of a service that means are made of. */
export type MeanService = Pick<Service, 'shares' | 'nobody'>;

/** The mean over the hostnames that are served in this world. Where none of them has a weight, each counts alike. */
export function meanService(all: readonly HostnameOutcome[], world: 'before' | 'after'): MeanService {
  const served = weights(all.filter(({ outcome }) => !outcome[world].troubles.has('not-served')));
  const shares = new Map<string, number>();
  let nobody = 0;
  for (const [outcome, weight] of served) {
    nobody += outcome[world].nobody * weight;
    for (const [cluster, share] of outcome[world].shares) {
      shares.set(cluster, (shares.get(cluster) ?? 0) + share * weight);
    }
  }
  return { shares, nobody };
}

/** Fraction of all clients that start at another cluster than before. */
export function meanMoved(all: readonly HostnameOutcome[]): number {
  let moved = 0;
  for (const [outcome, weight] of weights(all)) moved += outcome.moved * weight;
  return moved;
}

/** Weights that sum up to 1, by outcome: many hostnames share one. */
function weights(all: readonly HostnameOutcome[]): ReadonlyMap<Outcome, number> {
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  const byOutcome = new Map<Outcome, number>();
  for (const { outcome, weight } of all) {
    byOutcome.set(outcome, (byOutcome.get(outcome) ?? 0) + (total > 0 ? weight : 1));
  }
  const divisor = total > 0 ? total : all.length;
  return new Map([...byOutcome].map(([outcome, weight]) => [outcome, weight / divisor]));
}
