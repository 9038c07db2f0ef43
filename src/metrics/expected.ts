import type { QueryMix } from '../core/plan/query-mix.ts';
import type { AnswerTable } from '../core/snapshot/answer-table.ts';
import { findTarget } from '../core/snapshot/find-target.ts';
import { orderOf } from '../core/snapshot/order.ts';
import { readSaid, type Start, startsOf } from '../core/snapshot/said.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';

/** Most hostnames that expected shares are made of: those asked for most. */
const MAX_EXPECTED_NAMES = 200;
/** Most client places that expected shares are made of: those asked from most. */
const MAX_EXPECTED_PLACES = 200;
/** How long what is asked counts as it was read, in ms: to read it takes a walk over all hostnames. */
const MIX_REFRESH_MS = 60_000;
/** The same while nothing was asked yet, in ms. */
const EMPTY_MIX_REFRESH_MS = 2_000;

/** Where the steered answers should go. */
export type ExpectedShares = {
  /** Fraction of the answers with a cluster that start at each; clusters without any are in it with 0. */
  readonly clusters: ReadonlyMap<string, number>;
  /** Fraction of the questions that are answered with no cluster. */
  readonly unserved: number;
};

/** Says where the answers of a snapshot should go, by what was asked lately; undefined while that is not known. */
export type Expectation = (snapshot: Snapshot) => ExpectedShares | undefined;

/** Reads what is asked now and then, and works the shares out anew whenever the answers are others. `now` in ms. */
export function createExpectation(readMix: () => QueryMix, now: () => number): Expectation {
  let mix: QueryMix | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let last:
    | { readonly snapshot: Snapshot; readonly mix: QueryMix; readonly shares: ExpectedShares | undefined }
    | undefined;
  return (snapshot) => {
    const age = Math.abs(now() - readAt);
    const isUsable = mix?.state === 'observed' && mix.table === snapshot.places;
    if (mix === undefined || age >= (isUsable ? MIX_REFRESH_MS : EMPTY_MIX_REFRESH_MS)) {
      mix = readMix();
      readAt = now();
    }
    if (last?.snapshot !== snapshot || last.mix !== mix)
      last = { snapshot, mix, shares: expectedShares(snapshot, mix) };
    return last.shares;
  };
}

/**
 * Which places ask for which names is not counted: each name counts as asked from all places alike. The shares are those of
 * the names and places that are asked for and from most.
 */
function expectedShares({ table, model, places }: Snapshot, mix: QueryMix): ExpectedShares | undefined {
  if (mix.state !== 'observed' || mix.table !== places) return undefined;
  const names = most(mix.names, MAX_EXPECTED_NAMES);
  const askers = most(mix.places, MAX_EXPECTED_PLACES);
  const sums = new Map(model.clusters.map(({ name }) => [name, 0]));
  let [asked, served] = [0, 0];
  for (const [name, nameRate] of names) {
    const found = findTarget(table, name);
    const endpoints = found?.owner === name ? model.hostnames[found.target]?.endpoints : undefined;
    if (found === undefined || endpoints === undefined) continue;
    const startsAt = createStarts(table, found.target);
    for (const [place, placeRate] of askers) {
      const rate = nameRate * placeRate;
      asked += rate;
      for (const { candidate, share } of startsAt(place)) {
        const cluster = endpoints[candidate]?.cluster;
        // The last resort's own addresses are no cluster's.
        if (cluster === undefined) continue;
        sums.set(cluster, (sums.get(cluster) ?? 0) + rate * share);
        served += rate * share;
      }
    }
  }
  if (asked === 0) return undefined;
  const clusters = new Map([...sums].map(([cluster, sum]) => [cluster, served > 0 ? sum / served : 0]));
  return Object.freeze({ clusters, unserved: Math.max(0, 1 - served / asked) });
}

/** Where the answers for one target start, by place; many places have the same order. */
function createStarts(table: AnswerTable, target: number): (place: number) => readonly Start[] {
  const known = new Map<number, readonly Start[]>();
  return (place) => {
    const order = orderOf(table, target, place);
    const starts = known.get(order) ?? startsOf(readSaid(table, target, order));
    known.set(order, starts);
    return starts;
  };
}

function most<T>(rates: ReadonlyMap<T, number>, count: number): readonly (readonly [T, number])[] {
  return [...rates].toSorted(([, one], [, other]) => other - one).slice(0, count);
}
