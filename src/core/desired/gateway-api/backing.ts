/** Objects that say whether what a Route leads to is there and allowed: read, and never answered. */
import { type Metadata, NO_ANNOTATIONS } from './metadata.ts';
import { asList, asText, at, field } from './untrusted.ts';

/** Most entries of a ReferenceGrant that are read, as Gateway API allows. */
const MAX_GRANTS = 16;

/** The label that names the Service of other clusters whose endpoints an EndpointSlice lists (KEP-1645). */
export const SERVICE_LABEL = 'multicluster.kubernetes.io/service-name';

/** A ReferenceGrant: objects of its namespace that others may name. */
export type ReferenceGrant = Metadata & {
  readonly kind: 'ReferenceGrant';
  readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
  /** Without a name: all of the kind. */
  readonly to: readonly { readonly group: string; readonly kind: string; readonly name?: string }[];
};

/** A ServiceImport. `unexported`: no cluster exports the Service. `unready`: it says so itself. */
export type ServiceImport = Metadata & {
  readonly kind: 'ServiceImport';
  readonly state: 'exported' | 'unexported' | 'unready' | 'unknown';
};

/** An EndpointSlice of a Service of other clusters. */
export type EndpointSlice = Metadata & {
  readonly kind: 'EndpointSlice';
  readonly service: string;
  readonly ready: 'some' | 'none';
};

/** One of them. */
export type BackingObject = ReferenceGrant | ServiceImport | EndpointSlice;

/** Reads a ReferenceGrant. Entries that are not whole allow nothing. */
export function readGrant(metadata: Metadata, value: unknown): ReferenceGrant {
  const entries = (key: string): readonly unknown[] => asList(at(value, 'spec', key)).slice(0, MAX_GRANTS);
  return {
    ...metadata,
    kind: 'ReferenceGrant',
    from: entries('from').flatMap((one) => {
      const [group, kind, namespace] = textsOf(one, 'group', 'kind', 'namespace');
      return group === undefined || !kind || !namespace ? [] : [{ group, kind, namespace }];
    }),
    to: entries('to').flatMap((one) => {
      const [group, kind, name] = textsOf(one, 'group', 'kind', 'name');
      return group === undefined || !kind ? [] : [name ? { group, kind, name } : { group, kind }];
    }),
  };
}

/** Reads a ServiceImport: who exports it, and its condition `Ready`. */
export function readServiceImport(metadata: Metadata, value: unknown): ServiceImport {
  const conditions = asList(at(value, 'status', 'conditions'));
  const isUnready = conditions.some((one) => field(one, 'type') === 'Ready' && field(one, 'status') === 'False');
  const clusters = at(value, 'status', 'clusters');
  const known = !Array.isArray(clusters) ? 'unknown' : clusters.length === 0 ? 'unexported' : 'exported';
  return { ...metadata, kind: 'ServiceImport', state: isUnready ? 'unready' : known };
}

/** The Service of other clusters that an EndpointSlice is about; undefined for other slices. */
export function serviceOf(value: unknown): string | undefined {
  return asText(at(value, 'metadata', 'labels', SERVICE_LABEL)) || undefined;
}

/** Reads an EndpointSlice: what changes with every Pod is not kept. */
export function readSlice(metadata: Metadata, value: unknown, service: string): EndpointSlice {
  // A condition that is left out is to be read as ready (discovery.k8s.io/v1, EndpointConditions).
  const isReady = asList(field(value, 'endpoints')).some((one) => at(one, 'conditions', 'ready') !== false);
  return {
    ...metadata,
    annotations: NO_ANNOTATIONS,
    kind: 'EndpointSlice',
    service,
    ready: isReady ? 'some' : 'none',
  };
}

function textsOf(value: unknown, ...keys: readonly string[]): readonly (string | undefined)[] {
  return keys.map((key) => asText(field(value, key)));
}
