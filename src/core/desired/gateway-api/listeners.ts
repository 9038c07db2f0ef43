import { quote } from '../quote.ts';
import { isSaid, readUnmet, type Unmet } from './conditions.ts';
import { ANY_HOSTNAME, parseHostname } from './hostnames.ts';
import { groupOf } from './metadata.ts';
import { type Reference, readCertificates } from './references.ts';
import { type LabelSelector, parseSelector } from './selector.ts';
import { asInteger, asList, asText, at, field } from './untrusted.ts';

/** Most listeners of one Gateway or ListenerSet, as Gateway API allows. */
const MAX_LISTENERS = 64;

/** Which namespaces may attach something. */
export type NamespaceRule =
  | { readonly from: 'Same' | 'All' | 'None' }
  | { readonly from: 'Selector'; readonly selector: LabelSelector };

/** One listener of a Gateway or ListenerSet. */
export type Listener = {
  readonly name: string;
  /** `ANY_HOSTNAME` where none is given. */
  readonly hostname: string;
  /** 1–65535; 0 where a ListenerSet leaves the choice to the controller. */
  readonly port: number;
  /** HTTP, HTTPS, TLS, TCP, UDP or a name of the controller's own. */
  readonly protocol: string;
  readonly mode: 'Terminate' | 'Passthrough';
  /** How many certificates it names. */
  readonly certificates: number;
  readonly namespaces: NamespaceRule;
  /** Kinds of routes that may attach. */
  readonly kinds: readonly string[];
  /** Certificates that it may use only where a ReferenceGrant says so; absent: none. */
  readonly borrowed?: readonly Reference[];
  /** What its controller says against it; absent: nothing. */
  readonly unmet?: readonly Unmet[];
};

/** The object around listeners, as it is written. */
export type ListenerHolder = {
  readonly listeners: unknown;
  /** `status.listeners`. */
  readonly statuses: unknown;
  /** `metadata.generation`. */
  readonly generation: unknown;
  readonly namespace: string;
};

/** Says what is wrong with an object. */
export type Complain = (code: 'object-invalid' | 'hostname-invalid', message: string) => void;

/** Kinds of routes by the protocol of the listener; a protocol of the controller's own takes all of them. */
const KINDS_OF_PROTOCOL: ReadonlyMap<string, readonly string[]> = new Map([
  ['HTTP', ['HTTPRoute', 'GRPCRoute']],
  ['HTTPS', ['HTTPRoute', 'GRPCRoute']],
  ['TLS', ['TLSRoute', 'TCPRoute']],
  ['TCP', ['TCPRoute']],
  ['UDP', ['UDPRoute']],
]);
const ALL_KINDS = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'];

const LISTENER_CONDITIONS = ['Accepted', 'Programmed', 'ResolvedRefs', 'Conflicted'] as const;

/** The valid listeners of an object, each name once; `lowestPort` is 0 where the port may be left open. */
export function readListeners(holder: ListenerHolder, lowestPort: 0 | 1, complain: Complain): readonly Listener[] {
  const listeners = new Map<string, Listener>();
  const list = asList(holder.listeners);
  if (list.length > MAX_LISTENERS)
    complain('object-invalid', `more than ${MAX_LISTENERS} listeners; the rest is left out`);
  for (const [index, one] of list.slice(0, MAX_LISTENERS).entries()) {
    const listener = readListener(one, index, lowestPort, complain);
    if (listener === undefined) continue;
    if (listeners.has(listener.name)) complain('object-invalid', `two listeners are named ${quote(listener.name)}`);
    else listeners.set(listener.name, withStatus(listener, one, holder));
  }
  return [...listeners.values()];
}

/** Reads `namespaces: { from, selector }`. What is not understood admits nobody. */
export function readNamespaceRule(value: unknown, fallback: 'Same' | 'None', complain: Complain): NamespaceRule {
  const from = field(value, 'from') ?? fallback;
  if (from === 'Same' || from === 'All' || from === 'None') return { from };
  const selector = from === 'Selector' ? parseSelector(field(value, 'selector')) : undefined;
  if (selector !== undefined) return { from: 'Selector', selector };
  complain('object-invalid', 'a rule for namespaces is not valid and admits nobody');
  return { from: 'None' };
}

function readListener(value: unknown, index: number, lowestPort: 0 | 1, complain: Complain): Listener | undefined {
  const name = asText(field(value, 'name'));
  const protocol = asText(field(value, 'protocol'));
  const port = asInteger(field(value, 'port') ?? (lowestPort === 0 ? 0 : undefined), lowestPort, 65_535);
  if (name === undefined || protocol === undefined || port === undefined) {
    complain('object-invalid', `listener ${index} lacks a name, a protocol or a port 1–65535`);
    return undefined;
  }
  const hostname = readHostname(field(value, 'hostname'), complain);
  if (hostname === undefined) return undefined;
  const mode = at(value, 'tls', 'mode') === 'Passthrough' ? 'Passthrough' : 'Terminate';
  const certificates = asList(at(value, 'tls', 'certificateRefs')).length;
  const namespaces = readNamespaceRule(at(value, 'allowedRoutes', 'namespaces'), 'Same', complain);
  return { name, hostname, port, protocol, mode, certificates, namespaces, kinds: readKinds(value, protocol) };
}

/** With what its controller says of it, and what it borrows where the controller is silent about that. */
function withStatus(listener: Listener, value: unknown, { statuses, generation, namespace }: ListenerHolder): Listener {
  const status = asList(statuses).find((one) => field(one, 'name') === listener.name);
  const conditions = field(status, 'conditions');
  const unmet = readUnmet(conditions, generation, LISTENER_CONDITIONS);
  const grant = isSaid(conditions, generation, 'ResolvedRefs') ? 'settled' : 'needed';
  const borrowed = readCertificates(value, namespace, grant);
  return { ...listener, ...(borrowed && { borrowed }), ...(unmet && { unmet }) };
}

function readHostname(value: unknown, complain: Complain): string | undefined {
  if (value === undefined || value === null || value === '') return ANY_HOSTNAME;
  const hostname = typeof value === 'string' ? parseHostname(value) : undefined;
  if (hostname === undefined)
    complain('hostname-invalid', `${shown(value)} is not a hostname; the listener is left out`);
  return hostname;
}

function readKinds(listener: unknown, protocol: string): readonly string[] {
  const spoken = KINDS_OF_PROTOCOL.get(protocol) ?? ALL_KINDS;
  const wanted = asList(at(listener, 'allowedRoutes', 'kinds'));
  if (wanted.length === 0) return spoken;
  const isWanted = (kind: string): boolean =>
    wanted.some((one) => field(one, 'kind') === kind && (field(one, 'group') ?? groupOf(kind)) === groupOf(kind));
  return spoken.filter(isWanted);
}

/** A foreign value for a message. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? quote(value) : `a ${typeof value}`;
}
