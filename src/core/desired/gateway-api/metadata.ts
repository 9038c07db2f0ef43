import type { Origin } from '../finding.ts';
import { quote } from '../quote.ts';
import { asText, at, entriesOf } from './untrusted.ts';

/** Kinds that are read, by API group. Older names of an object stand beside the newer one. */
const GROUP_OF = {
  Gateway: 'gateway.networking.k8s.io',
  ListenerSet: 'gateway.networking.k8s.io',
  XListenerSet: 'gateway.networking.x-k8s.io',
  HTTPRoute: 'gateway.networking.k8s.io',
  GRPCRoute: 'gateway.networking.k8s.io',
  TLSRoute: 'gateway.networking.k8s.io',
  Namespace: '',
} as const;

const VERSIONS = ['v1', 'v1beta1', 'v1alpha1', 'v1alpha2', 'v1alpha3'];

/** A kind that is read. */
export type Kind = keyof typeof GROUP_OF;

/** What every object has. */
export type Metadata = {
  readonly kind: Kind;
  /** Empty for a Namespace. */
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`. */
  readonly id: string;
  readonly origin: Origin;
  readonly annotations: readonly (readonly [string, unknown])[];
  readonly labels: ReadonlyMap<string, string>;
};

/** The group of a kind that is read; undefined for other kinds. */
export function groupOf(kind: string): string | undefined {
  return isKind(kind) ? GROUP_OF[kind] : undefined;
}

/** The kind of an object; `foreign` where it is none of ours. A text says what is wrong with it. */
export function kindOf(value: unknown): { readonly kind: Kind } | { readonly problem: string } | 'foreign' {
  const kind = asText(at(value, 'kind'));
  const apiVersion = asText(at(value, 'apiVersion'));
  if (kind === undefined || apiVersion === undefined || !isKind(kind)) return 'foreign';
  const slash = apiVersion.lastIndexOf('/');
  if (apiVersion.slice(0, Math.max(0, slash)) !== GROUP_OF[kind]) return 'foreign';
  const version = apiVersion.slice(slash + 1);
  return VERSIONS.includes(version) ? { kind } : { problem: `the version ${quote(version)} of ${kind} is not known` };
}

/** Reads an object's metadata, or says what is wrong with it. */
export function readMetadata(kind: Kind, value: unknown, origin: Origin): Metadata | { readonly problem: string } {
  const name = at(value, 'metadata', 'name');
  const namespace = kind === 'Namespace' ? '' : (at(value, 'metadata', 'namespace') ?? 'default');
  if (!isObjectName(name)) return { problem: `${kind}: metadata.name is missing or no object name` };
  if (namespace !== '' && !isObjectName(namespace)) return { problem: `${kind} ${name}: no valid metadata.namespace` };
  const id = namespace === '' ? name : `${namespace}/${name}`;
  return {
    kind,
    namespace,
    name,
    id,
    origin: Object.freeze({ ...origin, object: `${kind} ${id}` }),
    annotations: entriesOf(at(value, 'metadata', 'annotations')),
    labels: textsOf(at(value, 'metadata', 'labels')),
  };
}

function isKind(text: string): text is Kind {
  return Object.hasOwn(GROUP_OF, text);
}

/** An RFC 1123 subdomain, as Kubernetes wants it; so names are safe to print and `/` can separate them. */
function isObjectName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 253 && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(value);
}

function textsOf(value: unknown): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [key, one] of entriesOf(value)) if (typeof one === 'string') texts.set(key, one);
  return texts;
}
