import type { Front } from '../claim.ts';
import { quote } from '../quote.ts';
import type { Report } from '../report.ts';
import { nearest } from '../suggest.ts';
import type { BackingObject } from './backing.ts';
import { type BackingBook, createBackingBook } from './backing-book.ts';
import type { Listener, NamespaceRule } from './listeners.ts';
import { idOf, originOf } from './metadata.ts';
import { againstHolder, againstListener, type Objection } from './objections.ts';
import type { Gateway, ListenerSet, Namespace } from './objects.ts';
import type { Holder, Opening } from './opening.ts';
import { introduceRivals } from './rivals.ts';
import type { ParentRef, Route } from './routes.ts';
import { fits } from './selector.ts';

/** What the objects of one cluster open for its Routes. */
export type Openings = {
  readonly holders: readonly Holder[];
  readonly backing: BackingBook;
  find(parent: ParentRef): Holder | undefined;
  /** The openings of a holder that admit such Routes. */
  admitting(holder: Holder, kind: Route['kind'], namespace: string): readonly Opening[];
  /** A Gateway with a name like that of one that is not there. */
  suggest(parent: ParentRef): string | undefined;
};

/** What Routes can attach to. */
export type Sites = {
  readonly gateways: readonly Gateway[];
  readonly listenerSets: readonly ListenerSet[];
  /** By name. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly backing: readonly BackingObject[];
};

/** The openings of all Gateways, and of the ListenerSets that their Gateway admits. */
export function createOpenings(
  sites: Sites,
  frontOf: (object: Gateway | ListenerSet, gateway: Gateway) => Front,
  report: Report,
): Openings {
  const byKind = new Map<string, Map<string, Map<string, Holder>>>();
  const holders: Holder[] = [];
  const backing = createBackingBook(sites.backing);
  const add = (object: Gateway | ListenerSet, gateway: Gateway): void => {
    const openings: Opening[] = [];
    const front = frontOf(object, gateway);
    const isSelective = object.listeners.some((listener) => listener.namespaces.from === 'Selector');
    const holder: Holder = { object, gateway, front, openings, isSelective, admitted: new Map() };
    const general = againstHolder(object, gateway);
    for (const listener of object.listeners) {
      const own = againstListener(object, listener, backing);
      const objections = own.length === 0 ? general : [...general, ...own];
      openings.push(openingOf(listener, holder, objections));
    }
    holders.push(holder);
    slot(slot(byKind, object.kind), object.namespace).set(object.name, holder);
  };
  const find = ({ kind, namespace, name }: Pick<ParentRef, 'kind' | 'namespace' | 'name'>): Holder | undefined =>
    byKind.get(kind)?.get(namespace)?.get(name);
  for (const gateway of sites.gateways) add(gateway, gateway);
  for (const set of sites.listenerSets) {
    const gateway = find(set.parent)?.gateway;
    if (gateway === undefined) {
      report.add('route-no-parent', originOf(set), `there is no Gateway ${quote(idOf(set.parent))}`);
    } else if (!admits(gateway.allowedListeners, gateway.namespace, set.namespace, sites)) {
      const message = `the Gateway ${idOf(gateway)} does not admit ListenerSets from namespace ${set.namespace}`;
      report.add('listener-set-not-allowed', originOf(set), message, "set the Gateway's spec.allowedListeners");
    } else add(set, gateway);
  }
  introduceRivals(holders, report);
  return { holders, backing, find, admitting: (...which) => admitting(sites, ...which), suggest: suggestion(sites) };
}

function openingOf(listener: Listener, holder: Holder, objections: readonly Objection[]): Opening {
  const free = { attached: 0, named: 0, serves: 'routes' } as const;
  return { listener, holder, objections, claims: new Map(), rivals: undefined, ...free };
}

/** Kept, because there may be many of one kind; and by namespace only where that makes a difference. */
function admitting(sites: Sites, holder: Holder, kind: Route['kind'], namespace: string): readonly Opening[] {
  const home = holder.object.namespace;
  const byNamespace = slot(holder.admitted, kind);
  const key = holder.isSelective || namespace === home ? namespace : '';
  const known = byNamespace.get(key);
  if (known !== undefined) return known;
  const found = holder.openings.filter(({ listener }) => {
    return listener.kinds.includes(kind) && admits(listener.namespaces, home, namespace, sites);
  });
  byNamespace.set(key, found);
  return found;
}

/** A Gateway that is missing is missed by many Routes: what was meant is looked for once. */
function suggestion({ gateways }: Sites): Openings['suggest'] {
  const suggestions = new Map<string, string | undefined>();
  return (parent) => {
    const id = idOf(parent);
    if (parent.kind === 'Gateway' && !suggestions.has(id)) suggestions.set(id, nearest(id, gateways.map(idOf)));
    return suggestions.get(id);
  };
}

function slot<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map<L, V>();
  map.set(key, made);
  return made;
}

/** Whether a rule of an object in namespace `home` admits something in namespace `guest`. */
function admits(rule: NamespaceRule, home: string, guest: string, { namespaces }: Sites): boolean {
  if (rule.from !== 'Selector') return rule.from === 'All' || (rule.from === 'Same' && home === guest);
  // The API server puts this label on every namespace; the picture may lack the object.
  const own = ['kubernetes.io/metadata.name', guest] as const;
  return fits(rule.selector, new Map([...(namespaces.get(guest)?.labels ?? []), own]));
}
