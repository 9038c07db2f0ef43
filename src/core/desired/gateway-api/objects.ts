import { parseAddress } from '../address.ts';
import { type Finding, finding, type Origin } from '../finding.ts';
import { deepFreeze } from '../freeze.ts';
import { quote } from '../quote.ts';
import {
  type EndpointSlice,
  type ReferenceGrant,
  readGrant,
  readServiceImport,
  readSlice,
  type ServiceImport,
  serviceOf,
} from './backing.ts';
import { readUnmet, type Unmet } from './conditions.ts';
import { parseHostname } from './hostnames.ts';
import { type Complain, type Listener, type NamespaceRule, readListeners, readNamespaceRule } from './listeners.ts';
import { kindOf, type Metadata, originOf, originOfBroken, readMetadata } from './metadata.ts';
import { type ParentRef, type Route, readParent, readRoute } from './routes.ts';
import { asList, asText, at, entriesOf, field } from './untrusted.ts';

/** A Gateway. */
export type Gateway = Metadata & {
  readonly kind: 'Gateway';
  readonly listeners: readonly Listener[];
  /** Values of `status.addresses` that are or claim to be IP addresses, unchecked. */
  readonly addresses: readonly string[];
  /** Hostnames in `status.addresses`, as load balancers of clouds have them: lower case, without final dot. */
  readonly addressNames: readonly string[];
  /** Values of `status.addresses` of other types, and what is no hostname. */
  readonly otherAddresses: readonly string[];
  /** What its controller says against it; absent: nothing. */
  readonly unmet?: readonly Unmet[];
  /** Namespaces whose ListenerSets it admits. */
  readonly allowedListeners: NamespaceRule;
};

/** A ListenerSet or XListenerSet: more listeners for a Gateway. */
export type ListenerSet = Metadata & {
  readonly kind: 'ListenerSet' | 'XListenerSet';
  readonly listeners: readonly Listener[];
  readonly parent: ParentRef;
  /** What its controller says against it; absent: nothing. */
  readonly unmet?: readonly Unmet[];
};

/** A Namespace. */
export type Namespace = Metadata & {
  readonly kind: 'Namespace';
  readonly labels: readonly (readonly [key: string, value: string])[];
};

/**
 * An object of a cluster with all that matters of it, and no more: deeply frozen plain data, which structured cloning
 * copies whole (a copy is to be frozen again: `deepFreeze`).
 */
export type GatewayApiObject =
  | Gateway
  | ListenerSet
  | Route
  | Namespace
  | ReferenceGrant
  | ServiceImport
  | EndpointSlice;

/**
 * What a raw value is. `foreign`: of a kind that has no meaning here, which is no mistake. `invalid`: nothing of it can be
 * used. Findings say what is wrong; those of an `object` say what was left out of it.
 */
export type ReadObject =
  | { readonly kind: 'object'; readonly object: GatewayApiObject; readonly findings: readonly Finding[] }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'invalid'; readonly findings: readonly Finding[] };

/** Whether an object is a Route. */
export function isRoute(object: GatewayApiObject): object is Route {
  return 'parents' in object;
}

const GATEWAY_CONDITIONS = ['Accepted', 'Programmed', 'ResolvedRefs'] as const;

const FOREIGN: ReadObject = Object.freeze({ kind: 'foreign' });
const NO_FINDINGS: readonly Finding[] = Object.freeze([]);

/**
 * Translates one raw object, as YAML, JSON or an API server gives it. Nothing in it makes it throw, and nothing of the raw
 * value is kept but texts. `origin` says where the object stands, without its name; it is kept and frozen, so objects of
 * one place may share it.
 */
export function readObject(value: unknown, origin: Origin): ReadObject {
  const kind = kindOf(value);
  if (kind === 'foreign' || isForeignSlice(value)) return FOREIGN;
  const metadata = 'problem' in kind ? kind : readMetadata(kind.kind, value, origin);
  if ('problem' in metadata) {
    return { kind: 'invalid', findings: [finding('object-invalid', originOfBroken(value, origin), metadata.problem)] };
  }
  let findings: Finding[] | undefined;
  const complain: Complain = (code, message) => {
    findings ??= [];
    findings.push(finding(code, originOf(metadata), message));
  };
  const object = readByKind(metadata, value, complain);
  if (object === undefined) return { kind: 'invalid', findings: findings ?? NO_FINDINGS };
  Object.freeze(origin);
  return { kind: 'object', object: isRoute(object) ? object : deepFreeze(object), findings: findings ?? NO_FINDINGS };
}

function readByKind(metadata: Metadata, value: unknown, complain: Complain): GatewayApiObject | undefined {
  const { kind } = metadata;
  if (kind === 'Gateway') return readGateway(metadata, value, complain);
  if (kind === 'Namespace') return { ...metadata, kind, labels: readLabels(at(value, 'metadata', 'labels')) };
  if (kind === 'ListenerSet' || kind === 'XListenerSet') return readListenerSet(metadata, kind, value, complain);
  if (kind === 'ReferenceGrant') return readGrant(metadata, value);
  if (kind === 'ServiceImport') return readServiceImport(metadata, value);
  if (kind === 'EndpointSlice') return readSlice(metadata, value, serviceOf(value) ?? '');
  return readRoute(metadata, kind, value, complain);
}

/** Most slices are of Services of the cluster itself. */
function isForeignSlice(value: unknown): boolean {
  return field(value, 'kind') === 'EndpointSlice' && serviceOf(value) === undefined;
}

function readGateway(metadata: Metadata, value: unknown, complain: Complain): Gateway {
  const listeners = at(value, 'spec', 'listeners');
  if (!Array.isArray(listeners)) complain('object-invalid', 'spec.listeners is not a list');
  const generation = at(value, 'metadata', 'generation');
  const unmet = readUnmet(at(value, 'status', 'conditions'), generation, GATEWAY_CONDITIONS);
  const holder = { listeners, statuses: at(value, 'status', 'listeners'), generation, namespace: metadata.namespace };
  return {
    ...metadata,
    kind: 'Gateway',
    listeners: readListeners(holder, 1, complain),
    ...readAddresses(at(value, 'status', 'addresses')),
    allowedListeners: readNamespaceRule(at(value, 'spec', 'allowedListeners', 'namespaces'), 'None', complain),
    ...(unmet && { unmet }),
  };
}

function readAddresses(list: unknown): Pick<Gateway, 'addresses' | 'addressNames' | 'otherAddresses'> {
  const addresses: string[] = [];
  const addressNames: string[] = [];
  const otherAddresses: string[] = [];
  for (const one of asList(list)) {
    const text = asText(field(one, 'value'));
    if (text === undefined) continue;
    const type = field(one, 'type') ?? 'IPAddress';
    const name = type === 'Hostname' && !text.startsWith('*') ? parseHostname(text) : undefined;
    // Some controllers call every address a Hostname.
    if (type === 'IPAddress' || (type === 'Hostname' && parseAddress(text) !== undefined)) addresses.push(text);
    else if (name === undefined) otherAddresses.push(text);
    else if (!addressNames.includes(name)) addressNames.push(name);
  }
  return { addresses, addressNames, otherAddresses };
}

function readListenerSet(
  metadata: Metadata,
  kind: ListenerSet['kind'],
  value: unknown,
  complain: Complain,
): ListenerSet | undefined {
  const parent = readParent(at(value, 'spec', 'parentRef'), metadata.namespace, complain);
  if (parent?.kind !== 'Gateway') {
    const id = parent === undefined ? '' : `${parent.namespace}/${parent.name}`;
    complain('object-invalid', `spec.parentRef names no Gateway ${quote(id)}`);
    return undefined;
  }
  const generation = at(value, 'metadata', 'generation');
  const listeners = at(value, 'spec', 'listeners');
  const holder = { listeners, statuses: at(value, 'status', 'listeners'), generation, namespace: metadata.namespace };
  const unmet = readUnmet(at(value, 'status', 'conditions'), generation, GATEWAY_CONDITIONS);
  return { ...metadata, kind, parent, listeners: readListeners(holder, 0, complain), ...(unmet && { unmet }) };
}

function readLabels(value: unknown): Namespace['labels'] {
  return entriesOf(value).flatMap(([key, one]) => (typeof one === 'string' ? [[key, one] as const] : []));
}
