/** Shares over time: what the answers were to be, and who was answered with whom. */

import { shares } from '../snapshot/shares.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** Most samples that are kept of one drill: with more every other one is left out. */
export const MAX_SAMPLES = 600;
/** Most clusters of which shares are kept. */
export const MAX_SAMPLED_CLUSTERS = 10;
/** Most hostnames of a drill whose answers are looked at; of more, so many evenly picked ones. */
export const MAX_SAMPLED_HOSTNAMES = 100;

/**
 * One sample. `at`: ms since the epoch, the end of the time that it counts. `planned`: fractions (0–1) of the answers that
 * are to start at each cluster. `answered`: steered answers by the first cluster in them since the sample before.
 */
type ShareSample = {
  readonly at: number;
  readonly planned: readonly number[];
  readonly answered: readonly number[];
};

/** Samples in the order of time; their lists are in the order of `clusters`. */
export type DrillShares = { readonly clusters: readonly string[]; readonly samples: readonly ShareSample[] };

/** Without any samples. */
export function noShares(clusters: readonly string[]): DrillShares {
  return Object.freeze({ clusters: Object.freeze(clusters.slice(0, MAX_SAMPLED_CLUSTERS)), samples: [] });
}

/** What is read at one moment: by cluster, shares as planned and answers since the last time. */
export type ShareReading = {
  readonly at: number;
  readonly planned: ReadonlyMap<string, number>;
  readonly answered: ReadonlyMap<string, number>;
};

/** The same with one more sample. */
export function withSample({ clusters, samples }: DrillShares, { at, planned, answered }: ShareReading): DrillShares {
  const sample = Object.freeze({
    at,
    planned: clusters.map((cluster) => Math.round((planned.get(cluster) ?? 0) * PRECISION) / PRECISION),
    answered: clusters.map((cluster) => answered.get(cluster) ?? 0),
  });
  const all = [...samples, sample];
  return Object.freeze({ clusters, samples: Object.freeze(all.length > MAX_SAMPLES ? thinned(all) : all) });
}

/** Fractions are kept to a hundredth of a percent. */
const PRECISION = 10_000;

/** Two samples become one: the later one, with the answers of both. */
function thinned(samples: readonly ShareSample[]): readonly ShareSample[] {
  return samples.flatMap((sample, index) => {
    const next = samples[index + 1];
    if (index % 2 === 1) return [];
    if (next === undefined) return [sample];
    const answered = next.answered.map((count, cluster) => count + (sample.answered[cluster] ?? 0));
    return [Object.freeze({ ...next, answered })];
  });
}

/** Of some hostnames by name, those whose answers are looked at. */
export function sampled(names: readonly string[]): readonly string[] {
  const step = Math.ceil(names.length / MAX_SAMPLED_HOSTNAMES);
  return step <= 1 ? names : names.filter((_, index) => index % step === 0);
}

/** The answers of some hostnames: of each the shares of its clusters. Equal texts are equal answers. */
export function answersOf(snapshot: Snapshot, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => [...shares(snapshot, name)].toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** The mean shares of some hostnames. */
export function plannedShares(snapshot: Snapshot, names: readonly string[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const name of names) {
    for (const [cluster, share] of shares(snapshot, name)) sums.set(cluster, (sums.get(cluster) ?? 0) + share);
  }
  return new Map([...sums].map(([cluster, sum]) => [cluster, sum / names.length]));
}
