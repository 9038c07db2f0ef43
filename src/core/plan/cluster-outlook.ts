/** Clusters in two worlds: their shares, their loads, and whether they have the room. */
import { capacities } from '../desired/loads.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { MIN_MEASURED_SHARE } from './limits.ts';
import type { MeanService } from './means.ts';
import { rounded, type Shift, shiftOf } from './shift.ts';

/** What is known of loads. */
export type KnownLoads = {
  /** Requests per second of all clients together; left out where nobody gives it. */
  readonly load?: number;
  /** Cluster → what was measured of it, in the unit of its capacity. Counts where `load` is left out. */
  readonly measured?: ReadonlyMap<string, number>;
};

/**
 * Why it is not known whether a cluster has the room. `no-capacity`: it has none. `no-load`: none is given and none measured.
 * `no-share`: it would get clients and has next to none now, so that its load says nothing of them.
 */
type UnknownRoom = 'no-capacity' | 'no-load' | 'no-share';

/** The load of a cluster in both worlds, in requests per second or in the unit of its capacity; absent where not known. */
type ClusterLoad = {
  readonly source: 'given' | 'measured' | 'none';
  readonly before?: number;
  readonly after?: number;
  /** `over-already`: what is measured is over the capacity, and would not grow. */
  readonly verdict: 'fits' | 'over' | 'over-already' | 'not-known';
  /** With `not-known`. */
  readonly reason?: UnknownRoom;
};

/** One cluster in both worlds. Its shares are of the answers of all hostnames. */
export type ClusterOutlook = Shift & {
  readonly cluster: string;
  /** In the world after, in requests per second; absent without one. */
  readonly capacity?: number;
  /** Requests per second of all clients together at which the cluster is full; absent where it never is. */
  readonly fullAt?: { readonly before?: number; readonly after?: number };
  readonly load: ClusterLoad;
};

/** All clusters of both worlds. */
export function clusterOutlooks(
  before: Snapshot,
  after: Snapshot,
  means: { readonly before: MeanService; readonly after: MeanService },
  loads: KnownLoads,
): readonly ClusterOutlook[] {
  const old = capacities(before.model.clusters);
  const next = capacities(after.model.clusters);
  const names = new Set([...after.model.clusters, ...before.model.clusters].map(({ name }) => name));
  return [...names].map((cluster) => {
    const shift = shiftOf(means, ({ shares }) => shares.get(cluster) ?? 0);
    const capacity = next.get(cluster);
    const fullAt = {
      ...fullWith('before', old.get(cluster), shift.before),
      ...fullWith('after', capacity, shift.after),
    };
    return {
      cluster,
      ...shift,
      ...(capacity === undefined ? {} : { capacity }),
      ...(Object.keys(fullAt).length === 0 ? {} : { fullAt }),
      load: loadOf(cluster, shift, capacity, loads),
    };
  });
}

function fullWith(world: 'before' | 'after', capacity: number | undefined, share: number): { [world]?: number } {
  return capacity === undefined || share === 0 ? {} : { [world]: capacity / share };
}

function loadOf(
  cluster: string,
  { before, after }: Shift,
  capacity: number | undefined,
  { load, measured }: KnownLoads,
): ClusterLoad {
  if (load !== undefined) {
    return judged({ source: 'given', before: rounded(before * load), after: rounded(after * load) }, capacity);
  }
  const rate = measured?.get(cluster);
  if (rate === undefined) {
    return { source: 'none', verdict: 'not-known', reason: capacity === undefined ? 'no-capacity' : 'no-load' };
  }
  if (after > before && before < MIN_MEASURED_SHARE) {
    return { source: 'measured', before: rate, verdict: 'not-known', reason: 'no-share' };
  }
  // Who had no clients and gets none keeps what it has of others.
  const grown = before === 0 ? rate : rounded((rate * after) / before);
  return judged({ source: 'measured', before: rate, after: grown }, capacity);
}

function judged(loads: Shift & { readonly source: 'given' | 'measured' }, capacity: number | undefined): ClusterLoad {
  if (capacity === undefined) return { ...loads, verdict: 'not-known', reason: 'no-capacity' };
  if (loads.after <= capacity) return { ...loads, verdict: 'fits' };
  // What is given is nobody's present: only what is measured can be so already.
  const isAlready = loads.source === 'measured' && loads.after <= loads.before;
  return { ...loads, verdict: isAlready ? 'over-already' : 'over' };
}
