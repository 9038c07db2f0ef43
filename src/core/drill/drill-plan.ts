import type { BrokenRule, GuardRule } from '../orders/safety-rule.ts';
import type { Outlook } from '../plan/outlook.ts';
import type { Shift } from '../plan/shift.ts';

/** Most clusters, and most hostnames, that a plan which is kept names. */
const MAX_PLAN_ENTRIES = 20;

/** What was foreseen of a drill: an outlook in short, so that it can be kept. Fractions are 0–1. */
export type DrillPlan = {
  /** When it was made, in ms since the epoch. */
  readonly at: number;
  readonly verdict: 'fine' | 'harm';
  /** Hostnames whose answers would change. */
  readonly changed: number;
  /** Fraction of the clients that would start at another cluster. */
  readonly moved: number;
  /** Fraction of the clients that would get no answer. */
  readonly nobody: Shift;
  /** Longest time in seconds that resolvers keep answers which change. */
  readonly cachedSeconds: number;
  /** Shares of the clusters. */
  readonly clusters: readonly (Shift & { readonly cluster: string })[];
  /** How many clusters would be usable, of the hostnames that fare worst. */
  readonly left: readonly (Shift & { readonly name: string })[];
  readonly troubles: readonly { readonly trouble: string; readonly count: number; readonly already: number }[];
  /** What it breaks, which was done by force. */
  readonly broken: readonly GuardRule[];
};

/** What is kept of an outlook; `at` in ms since the epoch. */
export function planOf(outlook: Outlook, broken: readonly BrokenRule[], at: number): DrillPlan {
  const { verdict, hostnames, moved, nobody, cachedSeconds, clusters, worst, affected } = outlook;
  return Object.freeze({
    at,
    verdict,
    changed: hostnames.changed,
    moved,
    nobody: { ...nobody },
    cachedSeconds,
    clusters: clusters.slice(0, MAX_PLAN_ENTRIES).map(({ cluster, before, after }) => ({ cluster, before, after })),
    left: worst.slice(0, MAX_PLAN_ENTRIES).map(({ name, usable }) => ({ name, ...usable })),
    troubles: affected.map(({ trouble, count, already }) => ({ trouble, count, already })),
    broken: broken.map(({ rule }) => rule),
  });
}
