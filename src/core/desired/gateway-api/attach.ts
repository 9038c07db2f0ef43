import { quote } from '../quote.ts';
import type { Report } from '../report.ts';
import { ANY_HOSTNAME, intersect } from './hostnames.ts';
import { idOf, originOf } from './metadata.ts';
import type { Holder, Opening } from './opening.ts';
import type { Openings } from './openings.ts';
import { isIsolated } from './rivals.ts';
import type { ParentRef, Route } from './routes.ts';

/** A hostname that a listener serves for a Route; `ANY_HOSTNAME` where neither of them has one. */
export type Attachment = { readonly hostname: string; readonly opening: Opening; readonly parent: ParentRef };

const ANY: readonly string[] = [ANY_HOSTNAME];

/**
 * What the listeners of a cluster serve for one Route, by the rules of Gateway API: parentRefs (sectionName, port),
 * allowedRoutes, and the intersection of hostnames. The same may be in it more than once.
 */
export function attachmentsOf(route: Route, openings: Openings, report: Report): readonly Attachment[] {
  const found: Found = { attachments: [], isolated: [] };
  for (const parent of route.parents) attachTo(route, parent, openings, report, found);
  if (found.isolated.length > 0) reportIsolated(route, found, report);
  return found.attachments;
}

/** `isolated`: what a more specific listener takes. */
type Found = { readonly attachments: Attachment[]; readonly isolated: Attachment[] };

function attachTo(route: Route, parent: ParentRef, openings: Openings, report: Report, found: Found): void {
  const { attachments, isolated } = found;
  const holder = openings.find(parent);
  if (holder === undefined) {
    const meant = openings.suggest(parent);
    const message = `there is no ${parent.kind} ${quote(idOf(parent))} to attach to`;
    report.add('route-no-parent', originOf(route), message, meant && `did you mean ${meant}?`);
    return;
  }
  const admitting = openings.admitting(holder, route.kind, route.namespace);
  const isAny = parent.section === undefined && parent.port === undefined;
  const open = isAny ? admitting : admitting.filter((one) => isNamed(one, parent));
  if (open.length === 0) {
    reportClosed(route, parent, holder, report);
    return;
  }
  const before = attachments.length;
  const isolatedBefore = isolated.length;
  for (const opening of open) {
    for (const wanted of route.hostnames === 'any' ? ANY : route.hostnames) {
      const hostname = intersect(opening.listener.hostname, wanted);
      if (hostname === undefined) continue;
      (isIsolated(hostname, opening) ? isolated : attachments).push({ hostname, opening, parent });
    }
  }
  if (attachments.length === before && isolated.length > isolatedBefore) return;
  reportNames(route, parent, attachments, before, report);
}

function reportClosed(route: Route, parent: ParentRef, holder: Holder, report: Report): void {
  const id = idOf(parent);
  if (holder.openings.some((one) => isNamed(one, parent))) {
    const message = `${parent.kind} ${id} admits no ${route.kind} from namespace ${route.namespace}`;
    report.add('route-not-allowed', originOf(route), message, "see the listener's protocol and allowedRoutes");
    return;
  }
  const section = parent.section === undefined ? '' : ` named ${quote(parent.section)}`;
  const port = parent.port === undefined ? '' : ` on port ${parent.port}`;
  report.add('route-no-parent', originOf(route), `${parent.kind} ${id} has no listener${section}${port}`);
}

function reportNames(
  route: Route,
  parent: ParentRef,
  attachments: readonly Attachment[],
  from: number,
  report: Report,
): void {
  if (attachments.length === from) {
    const message = `no hostname of the Route fits a listener of ${parent.kind} ${idOf(parent)}`;
    report.add('route-no-match', originOf(route), message);
    return;
  }
  for (let index = from; index < attachments.length; index++) {
    if (attachments[index]?.hostname !== ANY_HOSTNAME) return;
  }
  // They have no hostnames of their own, and a listener for TCP or UDP has none either: nobody asked for a name.
  if (route.kind === 'TCPRoute' || route.kind === 'UDPRoute') return;
  const message = `neither the Route nor the listeners of ${parent.kind} ${idOf(parent)} name a hostname`;
  report.add('hostname-open', originOf(route), message, 'set spec.hostnames on the Route');
}

function reportIsolated(route: Route, { attachments, isolated }: Found, report: Report): void {
  for (const { hostname, opening, parent } of isolated) {
    if (attachments.some((one) => one.hostname === hostname)) continue;
    const where = `listener ${quote(opening.listener.name)} of ${parent.kind} ${idOf(parent)}`;
    const message = `${hostname} is served by a more specific listener than ${where}`;
    report.add('route-isolated', originOf(route), message, 'attach the Route to that listener, too');
  }
}

function isNamed({ listener }: Opening, { section, port }: ParentRef): boolean {
  return (section === undefined || listener.name === section) && (port === undefined || listener.port === port);
}
