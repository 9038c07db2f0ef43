import type { HostnameOutcome } from './hostname-pairs.ts';
import type { Outcome } from './outcome.ts';
import { isNew, rankOf } from './troubles.ts';

/** The hostnames that change or meet a new trouble, the worst first: by trouble, by clients moved, by name. Clients of a hostname count by its weight. */
export function worstFirst(all: readonly HostnameOutcome[], listed: number): readonly HostnameOutcome[] {
  const badness = new Map<Outcome, number>();
  for (const { outcome } of all) if (!badness.has(outcome)) badness.set(outcome, worstRank(outcome));
  const rank = ({ outcome }: HostnameOutcome): number => badness.get(outcome) ?? Number.POSITIVE_INFINITY;
  const moved = ({ outcome, weight }: HostnameOutcome): number => outcome.moved * weight;
  return all
    .filter((one) => one.outcome.answers === 'other' || rank(one) < Number.POSITIVE_INFINITY)
    .toSorted((a, b) => order(rank(a), rank(b)) || moved(b) - moved(a) || (a.name < b.name ? -1 : 1))
    .slice(0, listed);
}

/** Infinity − Infinity is no number. */
function order(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function worstRank(outcome: Outcome): number {
  const ranks = [...outcome.after.troubles].filter((trouble) => isNew(trouble, outcome)).map(rankOf);
  return Math.min(Number.POSITIVE_INFINITY, ...ranks);
}
