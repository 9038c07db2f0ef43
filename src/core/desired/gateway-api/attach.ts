import { quote } from '../quote.ts';
import type { Report } from '../report.ts';
import { nearest } from '../suggest.ts';
import { ANY_HOSTNAME, intersect } from './hostnames.ts';
import type { Listener, NamespaceRule } from './listeners.ts';
import { type ClusterObjects, type Gateway, type ListenerSet, namespaceLabels } from './objects.ts';
import type { ParentRef, Route } from './routes.ts';
import { fits } from './selector.ts';

/** The object that holds listeners, and the Gateway that serves them. */
export type Holder = { readonly object: Gateway | ListenerSet; readonly gateway: Gateway };

/** A hostname that a listener serves: for a Route, or by itself where no Route is attached to it. */
export type Attachment = {
  readonly hostname: string;
  readonly holder: Holder;
  readonly listener: Listener;
  readonly route?: Route;
};

/**
 * Every hostname that one cluster's listeners serve, by the rules of Gateway API: parentRefs (sectionName, port),
 * allowedRoutes, and the intersection of hostnames. A listener with a hostname and no Route serves its hostname: the
 * Route may be of a kind that is not read here, such as TCPRoute.
 */
export function attach(objects: ClusterObjects, report: Report): readonly Attachment[] {
  const holders = holdersOf(objects, report);
  const attachments: Attachment[] = [];
  const taken = new Set<Listener>();
  for (const route of objects.routes) {
    for (const parent of route.parents) {
      for (const attachment of attachTo(route, parent, holders.get(`${parent.kind} ${parent.id}`), objects, report)) {
        taken.add(attachment.listener);
        if (attachment.hostname !== ANY_HOSTNAME) attachments.push(attachment);
      }
    }
  }
  for (const holder of holders.values()) {
    for (const listener of holder.object.listeners) {
      const isFree = listener.hostname !== ANY_HOSTNAME && !taken.has(listener);
      if (isFree) attachments.push({ hostname: listener.hostname, holder, listener });
    }
  }
  return attachments;
}

/** Gateways, and the ListenerSets that their Gateway admits, by kind and `namespace/name`. */
function holdersOf(objects: ClusterObjects, report: Report): ReadonlyMap<string, Holder> {
  const holders = new Map<string, Holder>();
  for (const gateway of objects.gateways) holders.set(`Gateway ${gateway.id}`, { object: gateway, gateway });
  for (const set of objects.listenerSets) {
    const gateway = holders.get(`Gateway ${set.parent.id}`)?.gateway;
    if (gateway === undefined) {
      report.add('route-no-parent', set.origin, `there is no Gateway ${quote(set.parent.id)}`);
    } else if (!admits(gateway.allowedListeners, gateway.namespace, set.namespace, objects)) {
      const message = `the Gateway ${gateway.id} does not admit ListenerSets from namespace ${set.namespace}`;
      report.add('listener-set-not-allowed', set.origin, message, "set the Gateway's spec.allowedListeners");
    } else holders.set(`${set.kind} ${set.id}`, { object: set, gateway });
  }
  return holders;
}

/** The attachments of a Route to one of its parents; `ANY_HOSTNAME` where neither side has a hostname. */
function attachTo(
  route: Route,
  parent: ParentRef,
  holder: Holder | undefined,
  objects: ClusterObjects,
  report: Report,
): readonly Attachment[] {
  if (holder === undefined) {
    const candidates = objects.gateways.map((gateway) => gateway.id);
    const meant = parent.kind === 'Gateway' ? nearest(parent.id, candidates) : undefined;
    const message = `there is no ${parent.kind} ${quote(parent.id)} to attach to`;
    report.add('route-no-parent', route.origin, message, meant && `did you mean ${meant}?`);
    return [];
  }
  const { listeners, namespace, id } = holder.object;
  const named = listeners.filter((one) => isNamed(one, parent));
  if (named.length === 0) {
    const section = parent.section === undefined ? '' : ` named ${quote(parent.section)}`;
    const port = parent.port === undefined ? '' : ` on port ${parent.port}`;
    report.add('route-no-parent', route.origin, `${parent.kind} ${id} has no listener${section}${port}`);
    return [];
  }
  const open = named.filter((one) => {
    return one.kinds.includes(route.kind) && admits(one.namespaces, namespace, route.namespace, objects);
  });
  if (open.length === 0) {
    const message = `${parent.kind} ${id} admits no ${route.kind} from namespace ${route.namespace}`;
    report.add('route-not-allowed', route.origin, message, "see the listener's protocol and allowedRoutes");
    return [];
  }
  const attachments = open.flatMap((listener) => commonNames(route, holder, listener));
  reportNames(route, parent, attachments, report);
  return attachments;
}

function reportNames(route: Route, parent: ParentRef, attachments: readonly Attachment[], report: Report): void {
  if (attachments.length === 0) {
    const message = `no hostname of the Route fits a listener of ${parent.kind} ${parent.id}`;
    report.add('route-no-match', route.origin, message);
  } else if (attachments.every(({ hostname }) => hostname === ANY_HOSTNAME)) {
    const message = `neither the Route nor the listeners of ${parent.kind} ${parent.id} name a hostname`;
    report.add('hostname-open', route.origin, message, 'set spec.hostnames on the Route');
  }
}

function commonNames(route: Route, holder: Holder, listener: Listener): readonly Attachment[] {
  const wanted = route.hostnames === 'any' ? [ANY_HOSTNAME] : route.hostnames;
  const common = new Set(wanted.map((one) => intersect(listener.hostname, one)));
  return [...common].flatMap((hostname) => (hostname === undefined ? [] : { hostname, holder, listener, route }));
}

function isNamed(listener: Listener, { section, port }: ParentRef): boolean {
  return (section === undefined || listener.name === section) && (port === undefined || listener.port === port);
}

/** Whether a rule of an object in namespace `home` admits something in namespace `guest`. */
function admits(rule: NamespaceRule, home: string, guest: string, { namespaces }: ClusterObjects): boolean {
  if (rule.from !== 'Selector') return rule.from === 'All' || (rule.from === 'Same' && home === guest);
  return fits(rule.selector, namespaces.get(guest)?.labels ?? namespaceLabels(guest, new Map()));
}
