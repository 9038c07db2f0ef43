import { MAX_VALUE } from '../annotations/limits.ts';
import type { Origin } from '../finding.ts';
import { quote } from '../quote.ts';
import { asText, at, entriesOf, field } from './untrusted.ts';

/** Kinds that are read, by API group. Older names of an object stand beside the newer one. */
const GROUP_OF = {
  Gateway: 'gateway.networking.k8s.io',
  ListenerSet: 'gateway.networking.k8s.io',
  XListenerSet: 'gateway.networking.x-k8s.io',
  HTTPRoute: 'gateway.networking.k8s.io',
  GRPCRoute: 'gateway.networking.k8s.io',
  TLSRoute: 'gateway.networking.k8s.io',
  TCPRoute: 'gateway.networking.k8s.io',
  UDPRoute: 'gateway.networking.k8s.io',
  ReferenceGrant: 'gateway.networking.k8s.io',
  ServiceImport: 'multicluster.x-k8s.io',
  EndpointSlice: 'discovery.k8s.io',
  Namespace: '',
} as const;

const VERSIONS = ['v1', 'v1beta1', 'v1alpha1', 'v1alpha2', 'v1alpha3'];

/** kubectl's copy of the whole object: larger than all the rest, and nobody's setting. */
const COPY_OF_OBJECT = 'kubectl.kubernetes.io/last-applied-configuration';

/** Labels of a Gateway by which Kuadrant balances: kept beside the annotations, for those who move over from it. */
const STEERING_LABELS = 'kuadrant.io/lb-attribute-';

/** A kind that is read. */
export type Kind = keyof typeof GROUP_OF;

/** Who asks for something: an object by its name, and where it stands. */
export type Asker = {
  readonly kind: Kind;
  /** Empty for a Namespace. */
  readonly namespace: string;
  readonly name: string;
  /** As the source gave it: the file and the line, or the source's own words. */
  readonly origin: Origin;
};

/** All annotations of an object, whatever their prefix, and such labels; undefined where the value is no text. */
export type AnnotationList = readonly (readonly [key: string, value: string | undefined])[];

/** What every object has. */
export type Metadata = Asker & { readonly annotations: AnnotationList };

/** Most objects have no annotation that is kept: they share this one. */
export const NO_ANNOTATIONS: AnnotationList = Object.freeze([]);

/** `namespace/name`, or the name of what is in no namespace. */
export function idOf({ namespace, name }: Pick<Asker, 'namespace' | 'name'>): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** Where an object stands, with its name, for a finding. */
export function originOf(asker: Asker): Origin {
  return Object.freeze({ ...asker.origin, object: `${asker.kind} ${idOf(asker)}` });
}

/** The group of a kind that is read; undefined for other kinds. */
export function groupOf(kind: string): string | undefined {
  return isKind(kind) ? GROUP_OF[kind] : undefined;
}

/** The kind of an object; `foreign` where it is none of ours. A text says what is wrong with it. */
export function kindOf(value: unknown): { readonly kind: Kind } | { readonly problem: string } | 'foreign' {
  const kind = asText(field(value, 'kind'));
  const apiVersion = asText(field(value, 'apiVersion'));
  if (kind === undefined || apiVersion === undefined || !isKind(kind)) return 'foreign';
  const slash = apiVersion.lastIndexOf('/');
  if (apiVersion.slice(0, Math.max(0, slash)) !== GROUP_OF[kind]) return 'foreign';
  const version = apiVersion.slice(slash + 1);
  return VERSIONS.includes(version) ? { kind } : { problem: `the version ${quote(version)} of ${kind} is not known` };
}

/** Reads an object's metadata, or says what is wrong with it. */
export function readMetadata(kind: Kind, value: unknown, origin: Origin): Metadata | { readonly problem: string } {
  const metadata = field(value, 'metadata');
  const name = field(metadata, 'name');
  const namespace = kind === 'Namespace' ? '' : (field(metadata, 'namespace') ?? 'default');
  if (!isObjectName(name)) return { problem: `${kind}: metadata.name is missing or no object name` };
  if (namespace !== '' && !isObjectName(namespace)) return { problem: `${kind} ${name}: no valid metadata.namespace` };
  return { kind, namespace, name, origin, annotations: readAnnotationList(kind, metadata) };
}

/** Where an object stands that cannot be read, with what can be read of its name. */
export function originOfBroken(value: unknown, origin: Origin): Origin {
  const kind = shownText(field(value, 'kind'));
  const name = shownText(at(value, 'metadata', 'name'));
  if (kind === undefined || name === undefined) return origin;
  const namespace = shownText(at(value, 'metadata', 'namespace')) ?? 'default';
  return Object.freeze({ ...origin, object: `${kind} ${namespace}/${name}` });
}

/** Names are foreign text that ends up on terminals: one that is not plain is shown quoted. */
function shownText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return /^[\w.-]{1,253}$/.test(value) ? value : quote(value);
}

function isKind(text: string): text is Kind {
  return Object.hasOwn(GROUP_OF, text);
}

/** An RFC 1123 subdomain, as Kubernetes wants it; so names are safe to print and `/` can separate them. */
function isObjectName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 253 && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(value);
}

/** A value that is too long for any setting is kept just long enough to show that. */
function readAnnotationList(kind: Kind, metadata: unknown): AnnotationList {
  const list: (readonly [string, string | undefined])[] = [];
  const keep = (key: string, value: unknown): void => {
    const text = typeof value === 'string' ? value.trim().slice(0, MAX_VALUE + 1) : undefined;
    list.push(Object.freeze([key, text] as const));
  };
  for (const [key, one] of entriesOf(field(metadata, 'annotations'))) if (key !== COPY_OF_OBJECT) keep(key, one);
  if (kind === 'Gateway') {
    for (const [key, one] of entriesOf(field(metadata, 'labels'))) if (key.startsWith(STEERING_LABELS)) keep(key, one);
  }
  return list.length === 0 ? NO_ANNOTATIONS : Object.freeze(list);
}
