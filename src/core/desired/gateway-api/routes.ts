import { isSaid, readUnmet, type Unmet } from './conditions.ts';
import { parseHostname } from './hostnames.ts';
import { type Complain, shown } from './listeners.ts';
import type { Metadata } from './metadata.ts';
import { type Reference, readBackends } from './references.ts';
import { asInteger, asList, asText, at, field } from './untrusted.ts';

/** Most parents of one Route, as Gateway API allows. */
const MAX_PARENTS = 32;
/** Most hostnames of one Route, as Gateway API allows. */
const MAX_HOSTNAMES = 16;

/** Where a Route asks to be attached. */
export type ParentRef = {
  /** The kind with its group's Gateway API meaning; parents of other groups are not listed at all. */
  readonly kind: 'Gateway' | 'ListenerSet' | 'XListenerSet';
  readonly namespace: string;
  readonly name: string;
  readonly section?: string;
  readonly port?: number;
  /** What the parent's controllers say against this attachment; absent: nothing. */
  readonly unmet?: readonly Unmet[];
};

/** A Route of any kind. Those without hostnames of their own (TCPRoute, UDPRoute) have those of their listeners. */
export type Route = Metadata & {
  readonly kind: 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'TCPRoute' | 'UDPRoute';
  readonly parents: readonly ParentRef[];
  /**
   * `any` where the Route gives none. Empty where it gives only invalid ones: then it fits nothing. `ANY_HOSTNAME` beside
   * others, which only migration makes: those of the listeners and the others.
   */
  readonly hostnames: 'any' | readonly string[];
  /** Its backends, where it depends on more than Services of its namespace that its readiness is said of; else absent. */
  readonly backends?: readonly Reference[];
};

const PARENT_CONDITIONS = ['Accepted', 'ResolvedRefs'] as const;

/** Reads a Route's `spec`. Frozen all the way down: Routes are most of a fleet, and looking for what to freeze takes time. */
export function readRoute(metadata: Metadata, kind: Route['kind'], value: unknown, complain: Complain): Route {
  const spec = field(value, 'spec');
  const parents = asList(field(spec, 'parentRefs'));
  const hasHostnames = kind !== 'TCPRoute' && kind !== 'UDPRoute';
  const hostnames = hasHostnames ? asList(field(spec, 'hostnames')) : [];
  const statuses = asList(at(value, 'status', 'parents'));
  const generation = at(value, 'metadata', 'generation');
  if (parents.length > MAX_PARENTS)
    complain('object-invalid', `more than ${MAX_PARENTS} parentRefs; the rest is left out`);
  if (hostnames.length > MAX_HOSTNAMES)
    complain('object-invalid', `more than ${MAX_HOSTNAMES} hostnames; the rest is left out`);
  const isRefsSaid = statuses.some((one) => isSaid(field(one, 'conditions'), generation, 'ResolvedRefs'));
  const backends = readBackends(field(spec, 'rules'), metadata.namespace, isRefsSaid ? 'settled' : 'needed');
  const read = readParents(parents, metadata.namespace, complain);
  return Object.freeze({
    ...metadata,
    kind,
    parents: statuses.length === 0 ? read : withStatuses(read, statuses, metadata.namespace, generation),
    hostnames: hostnames.length === 0 ? 'any' : readHostnames(hostnames, complain),
    ...(backends && { backends }),
  });
}

/** Several controllers may speak of one parent, and one of them is its own: it is met where one of them says so. */
function withStatuses(
  parents: readonly ParentRef[],
  statuses: readonly unknown[],
  namespace: string,
  generation: unknown,
): readonly ParentRef[] {
  const said = statuses.slice(0, MAX_PARENTS).flatMap((status) => {
    const parent = readParent(field(status, 'parentRef'), namespace, () => undefined);
    return parent === undefined ? [] : [{ parent, conditions: field(status, 'conditions') }];
  });
  const unmetOf = (parent: ParentRef): readonly Unmet[] | undefined => {
    const own = said.filter((one) => isSameParent(one.parent, parent));
    const verdicts = own.map(({ conditions }) => readUnmet(conditions, generation, PARENT_CONDITIONS));
    return verdicts.includes(undefined) ? undefined : verdicts[0];
  };
  if (parents.every((parent) => unmetOf(parent) === undefined)) return parents;
  return Object.freeze(
    parents.map((parent) => {
      const unmet = unmetOf(parent);
      return unmet === undefined ? parent : Object.freeze({ ...parent, unmet });
    }),
  );
}

function isSameParent(a: ParentRef, b: ParentRef): boolean {
  const isNamesake = a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
  return isNamesake && a.section === b.section && a.port === b.port;
}

function readParents(values: readonly unknown[], namespace: string, complain: Complain): readonly ParentRef[] {
  const parents: ParentRef[] = [];
  for (const value of values.slice(0, MAX_PARENTS)) {
    const parent = readParent(value, namespace, complain);
    if (parent !== undefined) parents.push(Object.freeze(parent));
  }
  return Object.freeze(parents);
}

function readHostnames(values: readonly unknown[], complain: Complain): readonly string[] {
  const hostnames: string[] = [];
  for (const value of values.slice(0, MAX_HOSTNAMES)) {
    const hostname = typeof value === 'string' ? parseHostname(value) : undefined;
    if (hostname === undefined) complain('hostname-invalid', `${shown(value)} is not a hostname`);
    else if (!hostnames.includes(hostname)) hostnames.push(hostname);
  }
  return Object.freeze(hostnames);
}

/** Reads a parentRef; undefined where it is wrong or points to something else, such as a Service of a mesh. */
export function readParent(value: unknown, namespace: string, complain: Complain): ParentRef | undefined {
  const name = asText(field(value, 'name'));
  if (name === undefined) {
    complain('object-invalid', 'a parentRef lacks a name');
    return undefined;
  }
  const kind = parentKind(field(value, 'group') ?? 'gateway.networking.k8s.io', field(value, 'kind') ?? 'Gateway');
  if (kind === undefined) return undefined;
  const section = asText(field(value, 'sectionName'));
  const port = asInteger(field(value, 'port'), 1, 65_535);
  const home = asText(field(value, 'namespace')) ?? namespace;
  if (section === undefined && port === undefined) return { kind, namespace: home, name };
  return {
    kind,
    namespace: home,
    name,
    ...(section === undefined ? {} : { section }),
    ...(port === undefined ? {} : { port }),
  };
}

function parentKind(group: unknown, kind: unknown): ParentRef['kind'] | undefined {
  if (group === 'gateway.networking.x-k8s.io') return kind === 'XListenerSet' ? kind : undefined;
  if (group !== 'gateway.networking.k8s.io') return undefined;
  return kind === 'Gateway' || kind === 'ListenerSet' ? kind : undefined;
}
