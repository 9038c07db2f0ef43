import type { AnnotationContext } from './annotations/read.ts';
import { createBundler, type Served } from './bundler.ts';
import type { Bundle, ClaimBook } from './claim.ts';
import type { Finding } from './finding.ts';
import { settle } from './fronts.ts';
import { type Attachment, attachmentsOf } from './gateway-api/attach.ts';
import { ANY_HOSTNAME } from './gateway-api/hostnames.ts';
import { originOf } from './gateway-api/metadata.ts';
import type { Holder } from './gateway-api/opening.ts';
import type { Openings } from './gateway-api/openings.ts';
import type { Route } from './gateway-api/routes.ts';
import type { ClusterSpec, ConditionsMode } from './model.ts';
import type { NameBook } from './name-book.ts';
import { createPlacement } from './placement.ts';
import { type Judged, judgeAttachments, modeOf, unreadyBy } from './readiness.ts';
import { createReport, type Report } from './report.ts';

/** What one cluster's Routes and listeners ask for, while its Gateways, ListenerSets and Namespaces stay as they are. */
export type ClusterRoutes = {
  attach(route: Route): void;
  detach(route: Route): void;
  /** Lets the listeners that nobody is attached to serve their own hostnames. */
  settle(): void;
  /** What is wrong with Routes that are attached now, and with settings that they leave without effect. */
  findings(): readonly Finding[];
};

/** What the Routes of a cluster need. `names` is told what they ask for. */
export type ClusterRoutesOptions = {
  readonly cluster: ClusterSpec;
  readonly rank: number;
  readonly openings: Openings;
  readonly context: Omit<AnnotationContext, 'report'>;
  readonly claims: ClaimBook;
  readonly names: NameBook;
  /** What is made of conditions where no annotation says it. */
  readonly conditions: ConditionsMode | undefined;
};

/** Nobody is attached; each listener is to be settled. */
export function createClusterRoutes(options: ClusterRoutesOptions): ClusterRoutes {
  const { openings, context, names, rank, cluster, conditions } = options;
  const report = createReport();
  const found = new Map<Route, readonly Finding[]>();
  const unsettled = new Set<Holder>(openings.holders);
  const bundler = createBundler(cluster, rank, options.claims);
  const placement = createPlacement();
  const count = (attachments: readonly Attachment[], step: 1 | -1): void => {
    for (const { hostname, opening } of attachments) {
      opening.attached += step;
      if (hostname !== ANY_HOSTNAME) opening.named += step;
      if (opening.attached === (step === 1 ? 1 : 0)) unsettled.add(opening.holder);
    }
  };
  return {
    attach(route) {
      const settings = settle(route, 'Route', cluster, { ...context, report });
      const attachments = attachmentsOf(route, openings, report);
      const judged = judgeAttachments(attachments, { route, settings, backing: openings.backing, conditions, report });
      if (settings !== undefined) {
        placement.attach(route, settings, attachments);
        if (route.parents.length === 0) sayUnused(route, report);
      }
      const findings = report.take();
      if (findings.length > 0) found.set(route, findings);
      count(attachments, 1);
      const bundleOf = bundler(route.kind, settings);
      for (const [hostname, served] of byHostname(judged)) names.add(hostname, route, bundleOf(served));
    },
    detach(route) {
      found.delete(route);
      const attachments = attachmentsOf(route, openings, report);
      report.take();
      placement.detach(route, attachments);
      count(attachments, -1);
      for (const [hostname] of byHostname(attachments)) names.remove(hostname, route, rank);
    },
    settle() {
      const bundleOf = bundler('none', undefined);
      for (const holder of unsettled) {
        settleHolder(holder, rank, names, bundleOf, modeOf(holder.front.sources, conditions));
      }
      unsettled.clear();
    },
    findings: () => [...[...found.values()].flat(), ...placement.findings(openings.holders)],
  };
}

/** What is attached to nothing else is said where its parents are looked for. */
function sayUnused(route: Route, report: Report): void {
  const message = 'no annotation of the Route has an effect: no parentRef names a Gateway or ListenerSet';
  report.add('annotation-unused', originOf(route), message);
}

function settleHolder(
  { object, openings }: Holder,
  rank: number,
  names: NameBook,
  bundleOf: (served: readonly Served[]) => Bundle,
  mode: ConditionsMode,
): void {
  const free = new Map<string, Served[]>();
  for (const opening of openings) {
    const { hostname } = opening.listener;
    if (opening.serves === 'itself') names.remove(hostname, object, rank);
    opening.serves = hostname !== ANY_HOSTNAME && opening.attached === 0 ? 'itself' : 'routes';
    if (opening.serves === 'routes') continue;
    const others = free.get(hostname);
    const unready = unreadyBy(opening.objections, mode);
    const served = unready === undefined ? { opening } : { opening, unready };
    if (others === undefined) free.set(hostname, [served]);
    else others.push(served);
  }
  for (const [hostname, served] of free) names.add(hostname, object, bundleOf(served));
}

type ByHostname = readonly (readonly [hostname: string, attachments: readonly Judged[]])[];

/** By hostname; what has none is left out. */
function byHostname(attachments: readonly Judged[]): ByHostname {
  const [first] = attachments;
  if (first === undefined) return [];
  if (attachments.every(({ hostname }) => hostname === first.hostname)) {
    return first.hostname === ANY_HOSTNAME ? [] : [[first.hostname, attachments]];
  }
  const byName = Map.groupBy(attachments, (attachment) => attachment.hostname);
  byName.delete(ANY_HOSTNAME);
  return [...byName];
}
