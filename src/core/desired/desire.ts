import { createMeantBy } from './annotations/read.ts';
import { createClaimBook } from './claim.ts';
import { type ClusterBook, createClusterBook } from './cluster-book.ts';
import { createDriftBook } from './drift/drift-book.ts';
import { createFactDrift, type KnownCluster } from './drift/fact-drift.ts';
import type { Finding } from './finding.ts';
import { deepFreeze } from './freeze.ts';
import type { GatewayApiObject } from './gateway-api/objects.ts';
import { loadFindings, loadsOf, verdictsByName } from './loads.ts';
import { createZonePolicies } from './maps/zone-policy.ts';
import type { Declaration, Model } from './model.ts';
import { createMonitorBook } from './monitor-book.ts';
import { createNameBook } from './name-book.ts';
import { wholeTree } from './named-monitors.ts';
import { compareText } from './order.ts';
import { createPatternBook } from './pattern.ts';
import type { Picture } from './picture.ts';
import { createTargetGuard } from './probe-targets.ts';
import { ordered } from './report.ts';
import type { Resolutions } from './resolution.ts';
import { isSameList } from './same-list.ts';
import { answeredBy, namesIn, servabilityIn } from './servable.ts';
import { guardNames } from './teams/guarded-names.ts';
import { ownershipOf } from './teams/ownership.ts';
import { NO_TEAMS } from './teams/team.ts';

const NO_RESOLUTIONS: Resolutions = new Map();

/** What all clusters ask for, merged into one model; `resolutions` is what the names of its `lookups` lead to. */
export type Desire = (pictures: readonly Picture[], resolutions?: Resolutions) => Model;

/**
 * What all clusters ask for, merged into one model. A pure function: the order of pictures and of their objects does not
 * matter, nothing in them makes it throw, and what is wrong with them is in `findings`. Pictures of clusters that are not
 * declared are passed over. The result is deeply frozen, and the declaration with it.
 */
export function desire(
  declaration: Declaration,
  pictures: readonly Picture[],
  resolutions: Resolutions = NO_RESOLUTIONS,
): Model {
  return createDesire(declaration)(pictures, resolutions);
}

/**
 * The same for pictures that follow each other: it remembers what it was given last, and its work is in proportion to what
 * changed since. The model equals what `desire` makes of the same pictures. What did not change in it is the very same
 * object: hostnames, their endpoints and policies, the lists of hostnames, monitors and findings, and the model itself.
 */
export function createDesire(declaration: Declaration): Desire {
  const { prefix, zones, clusters, probe, teams, conditions, monitors: named = [] } = deepFreeze(declaration);
  const ours: Pick<Model, 'teams' | 'named'> = { ...(teams && { teams }), ...(named.length > 0 && { named }) };
  const claims = createClaimBook();
  const monitors = createMonitorBook();
  // They are watched whether anybody refers to them or not: what is to be relied on is to be seen first.
  for (const one of named) monitors.retain(wholeTree(one));
  const byName = verdictsByName(named);
  const patterns = createPatternBook({ defaults: probe, named: byName, loads: loadsOf(named) }, claims, monitors);
  const sorted = clusters.toSorted((a, b) => compareText(a.name, b.name));
  const byRank = sorted.map((cluster) => cluster.name);
  const ownership = ownershipOf(teams ?? NO_TEAMS);
  const servability = servabilityIn(zones);
  const isOwn = answeredBy(servability);
  const all = createNameBook({ servability, policyIn: createZonePolicies(zones), claims, patterns, monitors });
  const names = teams === undefined ? all : guardNames(all, ownership, byRank);
  const drift = createDriftBook({ clusters: byRank, names, teamOf: ownership.teamOf, isOurs: namesIn(zones) });
  const factDrift = createFactDrift();
  const context = {
    prefix,
    clusters: new Set(clusters.map((cluster) => cluster.name)),
    monitors: new Set(byName.keys()),
    maps: new Set(declaration.maps),
    meantBy: createMeantBy(),
    targetGuard: createTargetGuard(probe.allow ?? []),
  };
  const books = sorted.map((cluster, rank) => ({
    cluster: cluster.name,
    book: createClusterBook({ cluster, rank, context, claims, names, conditions, isOwn }),
    objectsOf: createConcatenation(),
  }));
  const findingsOf = createFindings();
  const ofLoads = loadFindings(clusters, named);
  let last: Model | undefined;
  let lookups: readonly string[] = Object.freeze([]);
  return (pictures, resolutions = NO_RESOLUTIONS) => {
    const byCluster = Map.groupBy(pictures, (picture) => picture.cluster);
    const own = books.map(({ cluster }) => byCluster.get(cluster) ?? []);
    for (const [rank, { book, objectsOf }] of books.entries()) {
      const objects = objectsOf(own[rank] ?? []);
      book.update(objects, resolutions);
      drift.update(rank, objects);
    }
    const { hostnames, findings: ofNames } = names.settle();
    claims.settle();
    const { monitors: watched, calculated } = monitors.settle();
    const noticed = own.flatMap((pictures) => pictures.map((picture) => picture.findings));
    const others = [ofLoads, drift.settle(), factDrift(factsOf(own))];
    const findings = findingsOf([...noticed, ...books.map(({ book }) => book.findings()), ofNames, ...others]);
    lookups = lookupsOf(books, lookups);
    const isSame =
      last?.lookups === lookups &&
      last.hostnames === hostnames &&
      last.monitors === watched &&
      last.calculated === calculated &&
      last.findings === findings;
    if (last === undefined || !isSame) {
      const made = calculated === undefined ? ours : { ...ours, calculated };
      last = Object.freeze({ zones, clusters, ...made, hostnames, monitors: watched, lookups, findings });
    }
    return last;
  };
}

/** The names that Gateways of all clusters have for their addresses; the very same list where they are the same. */
function lookupsOf(
  books: readonly { readonly book: Pick<ClusterBook, 'lookups'> }[],
  before: readonly string[],
): readonly string[] {
  const names = [...new Set(books.flatMap(({ book }) => [...book.lookups()]))].toSorted(compareText);
  return isSameList(names, before) ? before : Object.freeze(names);
}

/** What sources tell of the clusters themselves. */
function factsOf(pictures: readonly (readonly Picture[])[]): readonly KnownCluster[] {
  return pictures.flat().flatMap(({ cluster, about }) => (about === undefined ? [] : [{ cluster, facts: about }]));
}

/** The objects of several pictures of one cluster; the very same list where the pictures have the same lists. */
function createConcatenation(): (pictures: readonly Picture[]) => readonly GatewayApiObject[] {
  let lists: readonly (readonly GatewayApiObject[])[] = [];
  let all: readonly GatewayApiObject[] = [];
  return (pictures) => {
    const next = pictures.map((picture) => picture.objects);
    if (isSameList(next, lists)) return all;
    lists = next;
    const [only] = next;
    all = next.length === 1 && only !== undefined ? only : next.flat();
    return all;
  };
}

/** All findings in order; the very same list where its parts are the same lists. */
function createFindings(): (parts: readonly (readonly Finding[])[]) => readonly Finding[] {
  let last: readonly (readonly Finding[])[] = [];
  let all: readonly Finding[] = Object.freeze([]);
  return (parts) => {
    if (isSameList(parts, last)) return all;
    last = parts;
    if (parts.some((part) => part.length > 0) || all.length > 0) all = deepFreeze(ordered(parts.flat()));
    return all;
  };
}
