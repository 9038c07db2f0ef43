import { compareText } from '../order.ts';

/** Most clusters that are named in one message. */
const MAX_NAMED = 8;

/** What a cluster says of something. `by` is whatever the caller wants to find again. */
export type Saying<T> = { readonly cluster: string; readonly value: string; readonly by: T };

/** Clusters that say the same. */
export type Camp<T> = { readonly value: string; readonly sayings: readonly Saying<T>[] };

/**
 * The camps of clusters that disagree, the odd ones first and the majority last; `tie`: no camp is larger than all others.
 * Undefined where all say the same. Sayings are ordered by cluster.
 */
export function campsOf<T>(
  sayings: readonly Saying<T>[],
): { readonly camps: readonly Camp<T>[]; readonly outcome: 'majority' | 'tie' } | undefined {
  const byValue = Map.groupBy(sayings, ({ value }) => value);
  if (byValue.size < 2) return undefined;
  const camps = [...byValue]
    .map(([value, own]): Camp<T> => ({ value, sayings: own }))
    .toSorted((a, b) => a.sayings.length - b.sayings.length || compareText(firstOf(a), firstOf(b)));
  const isTie = camps.at(-1)?.sayings.length === camps.at(-2)?.sayings.length;
  return { camps, outcome: isTie ? 'tie' : 'majority' };
}

/** `VALUE in CLUSTERS; VALUE in CLUSTERS`. */
export function campsText<T>(camps: readonly Camp<T>[]): string {
  const shown = camps.slice(-MAX_NAMED).map(({ value, sayings }) => `${value} in ${clustersText(sayings)}`);
  return shown.join('; ') + (camps.length > MAX_NAMED ? `; ${camps.length - MAX_NAMED} more ways elsewhere` : '');
}

/** The names of clusters for a message. */
export function clustersText(clusters: readonly { readonly cluster: string }[]): string {
  const named = clusters.slice(0, MAX_NAMED).map(({ cluster }) => cluster);
  return named.join(', ') + (clusters.length > MAX_NAMED ? ` and ${clusters.length - MAX_NAMED} more` : '');
}

function firstOf<T>({ sayings }: Camp<T>): string {
  return sayings[0]?.cluster ?? '';
}
