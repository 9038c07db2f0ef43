import { parseHostname } from './hostnames.ts';
import { type Complain, shown } from './listeners.ts';
import type { Metadata } from './metadata.ts';
import { asInteger, asList, asText, at, field } from './untrusted.ts';

/** Most parents of one Route, as Gateway API allows. */
const MAX_PARENTS = 32;
/** Most hostnames of one Route, as Gateway API allows. */
const MAX_HOSTNAMES = 16;

/** Where a Route asks to be attached. */
export type ParentRef = {
  /** The kind with its group's Gateway API meaning; parents of other groups are not listed at all. */
  readonly kind: 'Gateway' | 'ListenerSet' | 'XListenerSet';
  readonly id: string;
  readonly section?: string;
  readonly port?: number;
};

/** An HTTPRoute, GRPCRoute or TLSRoute. */
export type Route = Metadata & {
  readonly parents: readonly ParentRef[];
  /** `any` where the Route gives none. Empty where it gives only invalid ones: then it fits nothing. */
  readonly hostnames: 'any' | readonly string[];
};

/** Reads a Route's `spec`. */
export function readRoute(metadata: Metadata, value: unknown, complain: Complain): Route {
  const parents = asList(at(value, 'spec', 'parentRefs'));
  const hostnames = asList(at(value, 'spec', 'hostnames'));
  if (parents.length > MAX_PARENTS)
    complain('object-invalid', `more than ${MAX_PARENTS} parentRefs; the rest is left out`);
  if (hostnames.length > MAX_HOSTNAMES)
    complain('object-invalid', `more than ${MAX_HOSTNAMES} hostnames; the rest is left out`);
  return {
    ...metadata,
    parents: parents.slice(0, MAX_PARENTS).flatMap((one) => readParent(one, metadata.namespace, complain) ?? []),
    hostnames: hostnames.length === 0 ? 'any' : readHostnames(hostnames.slice(0, MAX_HOSTNAMES), complain),
  };
}

function readHostnames(values: readonly unknown[], complain: Complain): readonly string[] {
  const hostnames = new Set<string>();
  for (const value of values) {
    const hostname = typeof value === 'string' ? parseHostname(value) : undefined;
    if (hostname === undefined) complain('hostname-invalid', `${shown(value)} is not a hostname`);
    else hostnames.add(hostname);
  }
  return [...hostnames];
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
  const id = `${asText(field(value, 'namespace')) ?? namespace}/${name}`;
  return { kind, id, ...(section === undefined ? {} : { section }), ...(port === undefined ? {} : { port }) };
}

function parentKind(group: unknown, kind: unknown): ParentRef['kind'] | undefined {
  if (group === 'gateway.networking.x-k8s.io') return kind === 'XListenerSet' ? kind : undefined;
  if (group !== 'gateway.networking.k8s.io') return undefined;
  return kind === 'Gateway' || kind === 'ListenerSet' ? kind : undefined;
}
