import type { AnswerTable, DecisionsPart } from './answer-table.ts';
import { findTarget } from './find-target.ts';
import { NONE } from './layout.ts';
import { readSaid, startsOf } from './said.ts';
import type { Snapshot } from './snapshot.ts';

type Shares = ReadonlyMap<string, number>;

/** Shares by row: a row belongs to one shape of hostname, and many hostnames have it. */
const sharesOfRow = new WeakMap<DecisionsPart, Map<number, Shares>>();

/**
 * Fraction (0–1) of the answers for one hostname that start at each cluster, every place counted alike. The sum is
 * below 1 where some clients get nobody, or the last resort's own addresses. Empty for a name that is not steered.
 */
export function shares({ table, model }: Snapshot, hostname: string): ReadonlyMap<string, number> {
  const found = findTarget(table, hostname);
  const target = found?.owner === hostname ? found.target : NONE;
  const row = table.decisions.rowOf[target];
  const endpoints = model.hostnames[target]?.endpoints;
  if (row === undefined || endpoints === undefined) return new Map();
  const known = sharesOfRow.get(table.decisions) ?? new Map<number, Shares>();
  sharesOfRow.set(table.decisions, known);
  const own = known.get(row) ?? sharesOf(table, target, (candidate) => endpoints[candidate]?.cluster);
  known.set(row, own);
  return own;
}

function sharesOf(table: AnswerTable, target: number, clusterOf: (candidate: number) => string | undefined): Shares {
  const sums = new Map<string, number>();
  const all = table.places.places.length;
  for (const [order, places] of placesOfOrders(table, target)) {
    for (const { candidate, share } of startsOf(readSaid(table, target, order))) {
      const cluster = clusterOf(candidate);
      if (cluster !== undefined) sums.set(cluster, (sums.get(cluster) ?? 0) + (share * places) / all);
    }
  }
  return sums;
}

/** Order → how many places have it. */
function placesOfOrders({ classes, places }: AnswerTable, target: number): ReadonlyMap<number, number> {
  const all = places.places.length;
  const base = classes.base[target]!;
  if (base === NONE) return new Map([[NONE, all]]);
  const counts = new Map<number, number>();
  for (const order of classes.orderOf.subarray(base, base + all)) counts.set(order, (counts.get(order) ?? 0) + 1);
  return counts;
}
