import type { AnnotationContext } from './annotations/read.ts';
import type { Annotated } from './annotations/setting.ts';
import type { ClaimBook, Front } from './claim.ts';
import { type ClusterRoutes, createClusterRoutes } from './cluster-routes.ts';
import { differenceOf } from './difference.ts';
import type { Finding } from './finding.ts';
import { readFront, settle, settleCluster } from './fronts.ts';
import { sortObjects } from './gateway-api/cluster-objects.ts';
import { type Gateway, type GatewayApiObject, isRoute, type ListenerSet } from './gateway-api/objects.ts';
import { createOpenings, type Openings } from './gateway-api/openings.ts';
import type { Route } from './gateway-api/routes.ts';
import type { ClusterSpec, ConditionsMode } from './model.ts';
import type { NameBook } from './name-book.ts';
import { modeOf, sayObjections } from './readiness.ts';
import { createReport } from './report.ts';
import type { Resolution, Resolutions } from './resolution.ts';

/** One cluster: what its objects ask for. */
export type ClusterBook = {
  /** Takes the objects that the cluster has now, and what names lead to; `names` is told of what is different. */
  update(objects: readonly GatewayApiObject[], resolutions: Resolutions): void;
  /** Names to be resolved for its Gateways. */
  lookups(): Iterable<string>;
  /** The very same list where nothing is different. */
  findings(): readonly Finding[];
};

/** What a cluster needs. `rank` is its place in the order of names. */
export type ClusterBookOptions = {
  readonly cluster: ClusterSpec;
  readonly rank: number;
  readonly context: Omit<AnnotationContext, 'report'>;
  readonly claims: ClaimBook;
  readonly names: NameBook;
  readonly conditions: ConditionsMode | undefined;
  /** Whether a name is in one of our own zones. */
  readonly isOwn: (name: string) => boolean;
};

/** What follows from all but the Routes. */
type Base = {
  readonly openings: Openings;
  readonly routes: ClusterRoutes;
  readonly findings: readonly Finding[];
  /** Those that count only where somebody uses the front. */
  readonly byFront: ReadonlyMap<Front, readonly Finding[]>;
  readonly duplicates: number;
  /** What was known of the names of Gateways. */
  readonly asked: ReadonlyMap<string, Resolution | undefined>;
};

/** A cluster without objects. */
export function createClusterBook(options: ClusterBookOptions): ClusterBook {
  let objects: readonly GatewayApiObject[] = [];
  let base = createBase(objects, new Map(), options);
  let findings: readonly Finding[] | undefined;
  return {
    update(next, resolutions) {
      const isMoved = [...base.asked].some(([name, known]) => resolutions.get(name) !== known);
      if (next === objects && !isMoved) return;
      const before = objects;
      const changed = isMoved ? 'more' : changedRoutes(before, next, base.duplicates);
      objects = next;
      findings = undefined;
      if (changed === 'more') {
        if (before.length > 0) options.names.removeAll(options.rank);
        base = createBase(objects, resolutions, options);
        return;
      }
      for (const route of changed.removed) base.routes.detach(route);
      for (const route of changed.added) base.routes.attach(route);
      base.routes.settle();
    },
    findings() {
      findings ??= [...base.findings, ...base.routes.findings(), ...findingsOfFronts(base, options.conditions)];
      return findings;
    },
    lookups: () => base.asked.keys(),
  };
}

/** The Routes that were changed; `more` where other objects were, or where names may be taken twice. */
function changedRoutes(
  before: readonly GatewayApiObject[],
  after: readonly GatewayApiObject[],
  duplicates: number,
): { readonly removed: readonly Route[]; readonly added: readonly Route[] } | 'more' {
  if (duplicates > 0 || before.length === 0) return 'more';
  const { removed, added } = differenceOf(before, after);
  // Taking all of it anew costs about as much as changing half of it.
  if (removed.length + added.length > after.length / 2) return 'more';
  if (!removed.every(isRoute) || !added.every(isRoute)) return 'more';
  const wanted = new Set(added.map((route) => route.name));
  const holders = after.filter((object) => wanted.has(object.name) && isRoute(object));
  const keys = new Set(holders.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
  return keys.size < holders.length ? 'more' : { removed, added };
}

function createBase(objects: readonly GatewayApiObject[], resolutions: Resolutions, options: ClusterBookOptions): Base {
  const { cluster } = options;
  const report = createReport();
  const context: AnnotationContext = { ...options.context, report };
  const { routes, duplicates, ...sites } = sortObjects(objects, report);
  const settled = new Map<unknown, Annotated | undefined>([[cluster, settleCluster(cluster, context)]]);
  for (const one of sites.gateways) settled.set(one, settle(one, 'Gateway', cluster, context));
  for (const one of sites.listenerSets) settled.set(one, settle(one, 'ListenerSet', cluster, context));
  for (const one of sites.namespaces.values()) settle(one, 'Namespace', cluster, context);
  const byFront = new Map<Front, readonly Finding[]>();
  const fronts = new Map<Gateway, Front>();
  const frontReport = createReport();
  const asked = new Map<string, Resolution | undefined>();
  const lookup = { isOwn: options.isOwn, find: (name: string) => noted(asked, name, resolutions.get(name)) };
  const frontOf = (object: Gateway | ListenerSet, gateway: Gateway): Front => {
    const known = settled.get(object) === undefined ? fronts.get(gateway) : undefined;
    if (known !== undefined) return known;
    const sources = [...new Set<unknown>([object, gateway, cluster])].flatMap((one) => settled.get(one) ?? []);
    const front = readFront(gateway, sources, lookup, { ...context, report: frontReport });
    if (object === gateway) fronts.set(gateway, front);
    byFront.set(front, frontReport.take());
    return front;
  };
  const openings = createOpenings(sites, frontOf, report);
  const attached = createClusterRoutes({ ...options, openings });
  for (const route of routes) attached.attach(route);
  attached.settle();
  return { openings, routes: attached, findings: report.take(), byFront, duplicates, asked };
}

function noted<T>(asked: Map<string, T>, name: string, value: T): T {
  asked.set(name, value);
  return value;
}

function findingsOfFronts({ openings, byFront }: Base, conditions: ConditionsMode | undefined): readonly Finding[] {
  const found: Finding[] = [];
  const report = createReport();
  for (const { front, openings: own } of openings.holders) {
    const findings = byFront.get(front) ?? [];
    const isUsed = findings.length > 0 && own.some(({ named, serves }) => named > 0 || serves === 'itself');
    if (isUsed) found.push(...findings);
    for (const { objections, named, serves } of own) {
      const isSaid = objections.length > 0 && (named > 0 || serves === 'itself');
      if (isSaid) sayObjections(objections, modeOf(front.sources, conditions), report);
    }
  }
  return [...found, ...report.take()];
}
