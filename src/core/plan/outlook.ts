/**
 * What would become of the clients if one world took the place of another: who is sent where, and what is left for whom.
 * A pure function of two snapshots. What it tells is read from the answer tables that DNS would answer from.
 */
import type { Snapshot } from '../snapshot/snapshot.ts';
import { askingClients } from './asking-clients.ts';
import { clientGroups } from './clients.ts';
import { type ClusterOutlook, clusterOutlooks, type KnownLoads } from './cluster-outlook.ts';
import { type HostnameOutcome, outcomesOf } from './hostname-pairs.ts';
import { meanMoved, meanService } from './means.ts';
import { outcomeOf, type Service, type Trouble } from './outcome.ts';
import { createPairing } from './pairing.ts';
import type { QueryMix } from './query-mix.ts';
import { worstFirst } from './ranking.ts';
import { OWN_ADDRESSES } from './reading.ts';
import { rounded, type Shift, shiftOf } from './shift.ts';
import { type Affected, affectedBy, isHarm } from './troubles.ts';

/** How much is told, and what is known besides the worlds. */
export type OutlookOptions = KnownLoads & {
  /** Most hostnames in each list. */
  readonly listed: number;
  /**
   * What is asked, of the names and places of the world before: clients count by their questions then, and hostnames by
   * theirs, each for itself. Left out: clients count by addresses and hostnames alike.
   */
  readonly mix?: QueryMix;
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
  /** Fraction (0–1) of the questions that are for it; absent where they are not what clients are counted by. */
  readonly asked?: number;
  /** What is wrong with it afterwards. */
  readonly troubles: readonly Trouble[];
};

/** How many hostnames have so many usable clusters and had so many; the first of them by name. */
type FewerLeft = Shift & {
  readonly hostnames: number;
  readonly first: string;
  /** The clusters that the first one is left with. */
  readonly left: readonly string[];
};

/** What would happen. All of it is plain data. */
export type Outlook = {
  /** `harm`: hostnames or clients would be left without a cluster, residents sent away, or a cluster has too little room. */
  readonly verdict: 'fine' | 'harm';
  readonly hostnames: { readonly before: number; readonly after: number; readonly changed: number };
  readonly clusters: readonly ClusterOutlook[];
  /** Fraction of all clients, over all hostnames, that get no answer. */
  readonly nobody: Shift;
  /** The same for those who get addresses that only the last resort names. */
  readonly lastResortAddresses: Shift;
  /** Fraction of all clients that start at another cluster than before. */
  readonly moved: number;
  /** Longest time in seconds that resolvers keep answers which change. */
  readonly cachedSeconds: number;
  /** Hostnames that have fewer usable clusters than before, counted by how many there were and are; one of them by name. */
  readonly fewerUsable: readonly FewerLeft[];
  /** The same of those that are more than a standby (`LeftClusters`). */
  readonly fewerServing: readonly FewerLeft[];
  readonly affected: readonly Affected[];
  /** Hostnames that change or have something wrong, the worst first. */
  readonly worst: readonly HostnameOutlook[];
};

/** Compares two worlds. */
export function outlook(before: Snapshot, after: Snapshot, { listed, mix, ...loads }: OutlookOptions): Outlook {
  const addresses = clientGroups(before.places, after.places);
  const pairing = createPairing(before, after, mix === undefined ? addresses : askingClients(addresses, mix));
  const all = outcomesOf(before, after, {
    workOut: (pair) => outcomeOf(before, after, pairing, pair),
    weightOf: (name) => (mix === undefined ? 1 : (mix.names.get(name) ?? 0)),
  });
  const means = { before: meanService(all, 'before'), after: meanService(all, 'after') };
  const clusters = clusterOutlooks(before, after, means, loads);
  const affected = affectedBy(all, listed);
  const overrun = clusters.some(({ load }) => load.verdict === 'over');
  const changed = all.filter(({ outcome }) => outcome.answers === 'other');
  const asked = mix === undefined ? undefined : all.reduce((sum, { weight }) => sum + weight, 0);
  return {
    verdict: overrun || affected.some(isHarm) ? 'harm' : 'fine',
    hostnames: {
      before: before.model.hostnames.length,
      after: after.model.hostnames.length,
      changed: changed.length,
    },
    clusters,
    nobody: shiftOf(means, ({ nobody }) => nobody),
    lastResortAddresses: shiftOf(means, ({ shares }) => shares.get(OWN_ADDRESSES) ?? 0),
    moved: rounded(meanMoved(all)),
    cachedSeconds: cachedSeconds(before, changed),
    fewerUsable: fewerLeft(all, ({ clusters }) => clusters.usable),
    fewerServing: fewerLeft(all, ({ clusters }) => clusters.serving),
    affected,
    worst: worstFirst(all, listed).map((one) => hostnameOutlook(one, asked)),
  };
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

function fewerLeft(
  all: readonly HostnameOutcome[],
  clustersOf: (service: Service) => readonly string[],
): readonly FewerLeft[] {
  const found = new Map<string, FewerLeft>();
  for (const { name, outcome } of all) {
    const clusters = clustersOf(outcome.after);
    const [before, after] = [clustersOf(outcome.before).length, clusters.length];
    if (after >= before) continue;
    const key = `${before} ${after}`;
    const { hostnames = 0, first = name, left = clusters } = found.get(key) ?? {};
    found.set(key, { before, after, hostnames: hostnames + 1, first, left });
  }
  return [...found.values()].toSorted((a, b) => a.after - b.after || a.before - b.before);
}

/** `asked`: the sum of all weights, where these are questions. */
function hostnameOutlook({ name, outcome, weight }: HostnameOutcome, asked: number | undefined): HostnameOutlook {
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
    ...(asked === undefined ? {} : { asked: asked > 0 ? rounded(weight / asked) : 0 }),
    troubles: [...after.troubles],
  };
}
