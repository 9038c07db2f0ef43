/**
 * What would become of the clients if one world took the place of another: who is sent where, and what is left for whom.
 * A pure function of two snapshots. What it tells is read from the answer tables that DNS would answer from.
 */
import { capacities } from '../desired/loads.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { clientGroups } from './clients.ts';
import { type HostnameOutcome, outcomesOf } from './hostname-pairs.ts';
import { type Outcome, outcomeOf, type Service, type Trouble } from './outcome.ts';
import { createPairing } from './pairing.ts';
import { worstFirst } from './ranking.ts';
import { OWN_ADDRESSES } from './reading.ts';
import { type Affected, affectedBy, isHarm } from './troubles.ts';

/** How much is told, and what is known besides the worlds. */
export type OutlookOptions = {
  /** Most hostnames in each list. */
  readonly listed: number;
  /** Requests per second of all clients together; left out where it is not known. */
  readonly load?: number;
};

/** A fraction (0–1) in each world. */
type Shift = { readonly before: number; readonly after: number };

/** One cluster in both worlds. Its shares are of the answers of all hostnames, each counted alike. */
type ClusterOutlook = Shift & {
  readonly cluster: string;
  /** In the world after, in requests per second; absent without one. */
  readonly capacity?: number;
  /** Requests per second of all clients together at which the cluster is full; absent where it never is. */
  readonly fullAt?: { readonly before?: number; readonly after?: number };
  /** Requests per second that it would get, and whether that is over its capacity; absent where the load is not known. */
  readonly load?: { readonly before: number; readonly after: number; readonly verdict: 'fits' | 'over' };
};

/** One hostname in both worlds. */
type HostnameOutlook = {
  readonly name: string;
  /** By cluster, all that have a share in either world. */
  readonly clusters: readonly (Shift & { readonly cluster: string })[];
  readonly nobody: Shift;
  readonly lastResortAddresses: Shift;
  /** How many clusters are usable. */
  readonly usable: Shift;
  readonly moved: number;
  /** What is wrong with it afterwards. */
  readonly troubles: readonly Trouble[];
};

/** What would happen. All of it is plain data. */
export type Outlook = {
  /** `harm`: hostnames or clients would be left without a cluster, residents sent away, or a cluster has too little room. */
  readonly verdict: 'fine' | 'harm';
  readonly hostnames: { readonly before: number; readonly after: number; readonly changed: number };
  readonly clusters: readonly ClusterOutlook[];
  /** Fraction of all clients, each hostname counted alike, that get no answer. */
  readonly nobody: Shift;
  /** The same for those who get addresses that only the last resort names. */
  readonly lastResortAddresses: Shift;
  /** Fraction of all clients that start at another cluster than before. */
  readonly moved: number;
  /** Longest time in seconds that resolvers keep answers which change. */
  readonly cachedSeconds: number;
  readonly affected: readonly Affected[];
  /** Hostnames that change or have something wrong, the worst first. */
  readonly worst: readonly HostnameOutlook[];
};

/** Compares two worlds. */
export function outlook(before: Snapshot, after: Snapshot, { listed, load }: OutlookOptions): Outlook {
  const pairing = createPairing(before, after, clientGroups(before.places, after.places));
  const all = outcomesOf(before, after, (pair) => outcomeOf(before, after, pairing, pair));
  const sums = { before: sumOf(all, 'before'), after: sumOf(all, 'after') };
  const clusters = clusterOutlooks(before, after, sums, load);
  const affected = affectedBy(all, listed);
  const overrun = clusters.some((cluster) => cluster.load?.verdict === 'over');
  const changed = all.filter(({ outcome }) => outcome.answers === 'other');
  return {
    verdict: overrun || affected.some(isHarm) ? 'harm' : 'fine',
    hostnames: {
      before: before.model.hostnames.length,
      after: after.model.hostnames.length,
      changed: changed.length,
    },
    clusters,
    nobody: shiftOf(sums, ({ nobody }) => nobody),
    lastResortAddresses: shiftOf(sums, ({ shares }) => shares.get(OWN_ADDRESSES) ?? 0),
    moved: rounded(all.reduce((sum, { outcome }) => sum + outcome.moved, 0) / Math.max(1, all.length)),
    cachedSeconds: cachedSeconds(before, changed),
    affected,
    worst: worstFirst(all, listed).map(hostnameOutlook),
  };
}

type Sum = Pick<Service, 'shares' | 'nobody'>;

/** The mean over the hostnames that are served in this world. */
function sumOf(all: readonly HostnameOutcome[], world: 'before' | 'after'): Sum {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of all) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const served = [...counts].filter(([outcome]) => !outcome[world].troubles.has('not-served'));
  const hostnames = served.reduce((sum, [, count]) => sum + count, 0);
  const shares = new Map<string, number>();
  let nobody = 0;
  for (const [outcome, count] of served) {
    nobody += (outcome[world].nobody * count) / hostnames;
    for (const [cluster, share] of outcome[world].shares) {
      shares.set(cluster, (shares.get(cluster) ?? 0) + (share * count) / hostnames);
    }
  }
  return { shares, nobody };
}

function shiftOf<T>(of: { readonly before: T; readonly after: T }, value: (one: T) => number): Shift {
  return { before: rounded(value(of.before)), after: rounded(value(of.after)) };
}

/** Sums of fractions are off by some 10⁻¹⁶; a half is to be a half. */
function rounded(fraction: number): number {
  return Math.round(fraction * PRECISION) / PRECISION;
}

const PRECISION = 1e12;

function clusterOutlooks(
  before: Snapshot,
  after: Snapshot,
  sums: { readonly before: Sum; readonly after: Sum },
  load: number | undefined,
): readonly ClusterOutlook[] {
  const old = capacities(before.model.clusters);
  const next = capacities(after.model.clusters);
  const names = new Set([...after.model.clusters, ...before.model.clusters].map(({ name }) => name));
  return [...names].map((cluster) => {
    const shift = shiftOf(sums, ({ shares }) => shares.get(cluster) ?? 0);
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
      ...(load === undefined ? {} : { load: loadOf(shift, load, capacity) }),
    };
  });
}

function fullWith(world: 'before' | 'after', capacity: number | undefined, share: number): { [world]?: number } {
  return capacity === undefined || share === 0 ? {} : { [world]: capacity / share };
}

function loadOf({ before, after }: Shift, load: number, capacity = Number.POSITIVE_INFINITY) {
  const loads = { before: rounded(before * load), after: rounded(after * load) };
  const verdict: 'fits' | 'over' = loads.after > capacity ? 'over' : 'fits';
  return { ...loads, verdict };
}

/** That there is nothing is kept as long as the SOA says (RFC 2308 §5). */
function cachedSeconds({ model }: Snapshot, changed: readonly HostnameOutcome[]): number {
  const negativeTtl = new Map(model.zones.map(({ apex, soa }) => [apex, Math.min(soa.ttl, soa.minimum)]));
  let longest = 0;
  for (const { zone, outcome } of changed) {
    longest = Math.max(longest, outcome.ttl, outcome.negative === 'other' ? (negativeTtl.get(zone) ?? 0) : 0);
  }
  return longest;
}

function hostnameOutlook({ name, outcome }: HostnameOutcome): HostnameOutlook {
  const { before, after, moved } = outcome;
  const named = new Set([...before.shares.keys(), ...after.shares.keys()]);
  return {
    name,
    clusters: [...named]
      .filter((cluster) => cluster !== OWN_ADDRESSES)
      .toSorted()
      .map((cluster) => ({ cluster, ...shiftOf(outcome, ({ shares }: Service) => shares.get(cluster) ?? 0) })),
    nobody: shiftOf(outcome, ({ nobody }: Service) => nobody),
    lastResortAddresses: shiftOf(outcome, ({ shares }: Service) => shares.get(OWN_ADDRESSES) ?? 0),
    usable: { before: before.usable, after: after.usable },
    moved: rounded(moved),
    troubles: [...after.troubles],
  };
}
