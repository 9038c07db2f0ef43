import type { Origin } from '../finding.ts';
import { compareOrigins, compareText } from '../order.ts';
import type { SourceObject } from '../picture.ts';
import { quote } from '../quote.ts';
import type { Report } from '../report.ts';
import { type Complain, type Listener, type NamespaceRule, readListeners, readNamespaceRule } from './listeners.ts';
import { kindOf, type Metadata, readMetadata } from './metadata.ts';
import { type ParentRef, type Route, readParent, readRoute } from './routes.ts';
import { asList, asText, at, field } from './untrusted.ts';

/** A Gateway. */
export type Gateway = Metadata & {
  readonly listeners: readonly Listener[];
  /** Values of `status.addresses` that are or claim to be IP addresses, unchecked. */
  readonly addresses: readonly string[];
  /** Values of `status.addresses` of other types, such as Hostname. */
  readonly otherAddresses: readonly string[];
  /** Namespaces whose ListenerSets it admits. */
  readonly allowedListeners: NamespaceRule;
};

/** A ListenerSet or XListenerSet: more listeners for a Gateway. */
export type ListenerSet = Metadata & { readonly listeners: readonly Listener[]; readonly parent: ParentRef };

/** What one cluster's picture holds, each kind ordered by `namespace/name`. */
export type ClusterObjects = {
  readonly gateways: readonly Gateway[];
  readonly listenerSets: readonly ListenerSet[];
  readonly routes: readonly Route[];
  /** Namespace objects by name, with the label that the API server puts on every one of them. */
  readonly namespaces: ReadonlyMap<string, Metadata>;
};

/**
 * Reads the objects that matter out of whatever a source found. What is wrong with one of them is reported at its
 * origin; objects of other kinds are passed over in silence.
 */
export function readObjects(objects: readonly SourceObject[], report: Report): ClusterObjects {
  const found = new Map<string, { readonly metadata: Metadata; readonly value: unknown }>();
  for (const { origin, value } of objects.toSorted((a, b) => compareOrigins(a.origin, b.origin))) {
    const metadata = identify(value, origin, report);
    if (metadata === undefined) continue;
    const key = `${metadata.kind} ${metadata.id}`;
    if (found.has(key))
      report.add('object-duplicate', metadata.origin, `${key} exists more than once; the first counts`);
    else found.set(key, { metadata, value });
  }
  return sorted(
    [...found.values()].toSorted((a, b) => compareMetadata(a.metadata, b.metadata)),
    report,
  );
}

function sorted(
  found: readonly { readonly metadata: Metadata; readonly value: unknown }[],
  report: Report,
): ClusterObjects {
  const gateways: Gateway[] = [];
  const listenerSets: ListenerSet[] = [];
  const routes: Route[] = [];
  const namespaces = new Map<string, Metadata>();
  for (const { metadata, value } of found) {
    const complain: Complain = (code, message) => report.add(code, metadata.origin, message);
    switch (metadata.kind) {
      case 'Gateway':
        gateways.push(readGateway(metadata, value, complain));
        break;
      case 'ListenerSet':
      case 'XListenerSet':
        listenerSets.push(...readListenerSet(metadata, value, complain));
        break;
      case 'Namespace':
        namespaces.set(metadata.name, { ...metadata, labels: namespaceLabels(metadata.name, metadata.labels) });
        break;
      case 'HTTPRoute':
      case 'GRPCRoute':
      case 'TLSRoute':
        routes.push(readRoute(metadata, value, complain));
    }
  }
  return { gateways, listenerSets, routes, namespaces };
}

/** Labels of a namespace with the one that it has even where the picture lacks its object. */
export function namespaceLabels(name: string, labels: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...labels, ['kubernetes.io/metadata.name', name]]);
}

function identify(value: unknown, origin: Origin, report: Report): Metadata | undefined {
  const kind = kindOf(value);
  if (kind === 'foreign') return undefined;
  const metadata = 'problem' in kind ? kind : readMetadata(kind.kind, value, origin);
  if (!('problem' in metadata)) return metadata;
  report.add('object-invalid', origin, metadata.problem);
  return undefined;
}

function readGateway(metadata: Metadata, value: unknown, complain: Complain): Gateway {
  const listeners = at(value, 'spec', 'listeners');
  if (!Array.isArray(listeners)) complain('object-invalid', 'spec.listeners is not a list');
  const addresses: string[] = [];
  const otherAddresses: string[] = [];
  for (const one of asList(at(value, 'status', 'addresses'))) {
    const address = asText(field(one, 'value'));
    const type = field(one, 'type') ?? 'IPAddress';
    if (address !== undefined) (type === 'IPAddress' ? addresses : otherAddresses).push(address);
  }
  return {
    ...metadata,
    listeners: readListeners(listeners, 1, complain),
    addresses,
    otherAddresses,
    allowedListeners: readNamespaceRule(at(value, 'spec', 'allowedListeners', 'namespaces'), 'None', complain),
  };
}

function readListenerSet(metadata: Metadata, value: unknown, complain: Complain): readonly ListenerSet[] {
  const parent = readParent(at(value, 'spec', 'parentRef'), metadata.namespace, complain);
  if (parent?.kind !== 'Gateway') {
    complain('object-invalid', `spec.parentRef names no Gateway ${quote(parent?.id ?? '')}`);
    return [];
  }
  return [{ ...metadata, parent, listeners: readListeners(at(value, 'spec', 'listeners'), 0, complain) }];
}

/** By kind and `namespace/name`. */
function compareMetadata(a: Metadata, b: Metadata): number {
  return compareText(a.id, b.id) || compareText(a.kind, b.kind);
}
