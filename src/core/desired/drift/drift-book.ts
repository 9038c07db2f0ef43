import { isEqual } from '../equal.ts';
import { type Finding, type FindingCode, finding } from '../finding.ts';
import { idOf, originOf } from '../gateway-api/metadata.ts';
import { type GatewayApiObject, isRoute } from '../gateway-api/objects.ts';
import type { Route } from '../gateway-api/routes.ts';
import type { NameBook } from '../name-book.ts';
import { compareText } from '../order.ts';
import { createTally, type Remark } from '../remarks.ts';
import { isSameList } from '../same-list.ts';
import type { Ownership } from '../teams/ownership.ts';
import { listenerDrift } from './listener-drift.ts';
import { type Member, type Presence, presenceSaid, presencesOf } from './sibling-drift.ts';
import { type Comparable, createSiblingIndex, objectIn, type Siblings } from './sibling-index.ts';

/** Most findings of one kind of drift; the others are counted in one more. */
const MAX_SHOWN = 1000;

/** What differs between clusters that have the same objects. */
export type DriftBook = {
  /** Takes the objects that a cluster has now. */
  update(rank: number, objects: readonly GatewayApiObject[]): void;
  /** The very same list where it says the same. To be asked when the names are settled. */
  settle(): readonly Finding[];
};

/** What a book of drift needs to know. `clusters` are the names of the clusters by rank. */
export type DriftOptions = {
  readonly clusters: readonly string[];
  readonly names: Pick<NameBook, 'isAsked'>;
  readonly teamOf: Ownership['teamOf'];
  /** Whether a hostname of a Route, or of a listener, can be served from our zones. */
  readonly isOurs: (hostname: string) => boolean;
};

/** How siblings differ. Whether a missing hostname is missing is seen when all names are settled. */
type Drift = { readonly hostnames: readonly Presence<Member<Route>>[]; readonly remarks: readonly Remark[] };

const ALIKE: Drift = Object.freeze({ hostnames: Object.freeze([]), remarks: Object.freeze([]) });
const NONE: readonly Finding[] = Object.freeze([]);

/** An empty book. One cluster alone has nobody to differ from. */
export function createDriftBook(options: DriftOptions): DriftBook {
  if (options.clusters.length < 2) return { update: () => undefined, settle: () => NONE };
  const index = createSiblingIndex(options.clusters.length);
  const drifting = new Map<Siblings, Drift>();
  const last: (readonly GatewayApiObject[])[] = [];
  let findings = NONE;
  let state: 'told' | 'untold' = 'told';
  return {
    update(rank, objects) {
      if (last[rank] === objects) return;
      last[rank] = objects;
      state = 'untold';
      index.update(rank, objects);
    },
    settle() {
      if (state === 'told') return findings;
      state = 'told';
      for (const siblings of index.take()) {
        const drift = driftOf(siblings, options);
        if (drift.hostnames.length + drift.remarks.length === 0) drifting.delete(siblings);
        else drifting.set(siblings, drift);
      }
      const next = drifting.size === 0 ? NONE : findingsOf(drifting, options.names);
      if (!isEqual(next, findings)) findings = next;
      return findings;
    },
  };
}

function driftOf(siblings: Siblings, { clusters, teamOf, isOurs }: DriftOptions): Drift {
  if (areAlikeRoutes(siblings)) return ALIKE;
  const members: Member[] = [];
  for (const [rank, cell] of siblings.cells.entries()) {
    const object = objectIn(cell);
    if (object !== undefined) members.push({ rank, cluster: clusters[rank] ?? '', object });
  }
  const drift = { hostnames: [] as Presence<Member<Route>>[], remarks: [] as Remark[] };
  // What has the same name in namespaces of two teams is not the same.
  const byTeam = Map.groupBy(members, ({ cluster }) => teamOf(cluster, siblings.namespace));
  for (const own of byTeam.values()) {
    if (own.length < 2) continue;
    drift.hostnames.push(...hostnameDrift(own, isOurs));
    drift.remarks.push(...listenerDrift(own.filter(hasListeners), isOurs));
  }
  return drift;
}

/** Nearly all are: looking at them must cost next to nothing. */
function areAlikeRoutes({ cells }: Siblings): boolean {
  let first: Route['hostnames'] | undefined;
  for (const cell of cells) {
    const object = objectIn(cell);
    if (object === undefined) continue;
    if (!isRoute(object)) return false;
    first ??= object.hostnames;
    const { hostnames } = object;
    if (hostnames === first) continue;
    if (hostnames === 'any' || first === 'any' || !isSameList(hostnames, first)) return false;
  }
  return true;
}

/** Routes that leave their hostnames to the listeners are compared by those. */
function hostnameDrift(members: readonly Member[], isOurs: (hostname: string) => boolean) {
  const routes = members.filter(isRouteMember);
  if (routes.some(({ object }) => object.hostnames === 'any')) return [];
  return presencesOf(routes, ({ object }) => (object.hostnames === 'any' ? [] : object.hostnames.filter(isOurs)));
}

function isRouteMember(member: Member): member is Member<Route> {
  return isRoute(member.object);
}

type WithListeners = Exclude<Comparable, Route>;

function hasListeners(member: Member): member is Member<WithListeners> {
  return 'listeners' in member.object;
}

function findingsOf(drifting: ReadonlyMap<Siblings, Drift>, names: DriftOptions['names']): readonly Finding[] {
  const tally = createTally();
  const found: Finding[] = [];
  const ordered = [...drifting]
    .map(([siblings, drift]) => ({ key: `${idOf(siblings)} ${siblings.kind}`, drift }))
    .toSorted((a, b) => compareText(a.key, b.key));
  for (const { drift } of ordered) {
    for (const presence of drift.hostnames) {
      // Another object of the cluster may ask for it.
      const lacks = presence.lacks.filter(({ rank }) => !names.isAsked(presence.what, rank));
      if (lacks.length === 0) continue;
      const { at, message } = presenceSaid({ ...presence, lacks });
      const suggestion = 'add it there, or take it away from the others';
      tally.count(presence.what, { code: 'drift-hostname', origin: originOf(at.object), message, suggestion });
    }
    for (const { code, origin, message, suggestion } of drift.remarks) {
      found.push(finding(code, origin, message, suggestion));
    }
  }
  return Object.freeze([...bounded(tally.findings()), ...bounded(found)]);
}

/** At most `MAX_SHOWN` of each code, and one that counts the rest. */
function bounded(findings: readonly Finding[]): readonly Finding[] {
  const counts = new Map<FindingCode, number>();
  const shown: Finding[] = [];
  let next: Finding | undefined;
  for (const one of findings) {
    const count = (counts.get(one.code) ?? 0) + 1;
    counts.set(one.code, count);
    if (count <= MAX_SHOWN) shown.push(one);
    else next ??= one;
  }
  const rest = findings.length - shown.length;
  if (next !== undefined) shown.push(finding(next.code, next.origin, `from here on, ${rest} more are not listed`));
  return shown;
}
