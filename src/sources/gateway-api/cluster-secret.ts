import type { Location } from '../../core/desired/area.ts';
import type { Origin } from '../../core/desired/finding.ts';
import { asText, at, entriesOf } from '../../core/desired/gateway-api/untrusted.ts';
import { parseLocation, SOMEWHERE } from '../../core/desired/location-text.ts';
import type { ClusterSpec } from '../../core/desired/model.ts';
import { quote } from '../../core/desired/quote.ts';
import { locationOfRegion } from '../../core/desired/regions.ts';
import type { LiveCluster } from './cluster-watch.ts';
import { MAX_SECRET_ANNOTATIONS } from './limits.ts';
import { readSecretKubeconfig } from './secret-kubeconfig.ts';

/** A cluster as a labelled Secret describes it, without the way there. */
export type ClusterSecret = {
  readonly spec: ClusterSpec;
  readonly watch: Omit<LiveCluster, 'access'>;
  readonly server: string;
  /** The kubeconfig, checked and written anew. */
  readonly kubeconfig: string;
};

/** Where its kubeconfig is: in the first of these that it has. The second is that of Cluster API and Flux. */
const DATA_KEYS = ['kubeconfig', 'value'] as const;
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Most namespaces that a Secret may name, as in the configuration. */
const MAX_NAMESPACES = 16;
/** Most GatewayClasses that a Secret may name, as in the configuration. */
const MAX_CLASSES = 64;

/** Where findings about a Secret point. */
export function secretOrigin(namespace: string, name: string): Origin {
  return Object.freeze({ file: 'cluster-secrets', object: `Secret ${namespace}/${name}` });
}

/** Reads a raw Secret. Never throws; what cannot be used is a problem in words that hold nothing secret. */
export function readClusterSecret(
  value: unknown,
  prefix: string,
  origin: Origin,
): ClusterSecret | { readonly problem: string } {
  const own = entriesOf(at(value, 'metadata', 'annotations')).flatMap(([key, text]) =>
    key.startsWith(prefix) && typeof text === 'string' ? [[key.slice(prefix.length), text] as const] : [],
  );
  if (own.length > MAX_SECRET_ANNOTATIONS) return { problem: `it has over ${MAX_SECRET_ANNOTATIONS} annotations` };
  const { name: given, location, region, namespaces, selector, ...rest } = Object.fromEntries(own);
  const { 'gateway-classes': classes, ...annotations } = rest;
  const name = given ?? asText(at(value, 'metadata', 'name')) ?? '';
  if (!NAME.test(name)) return { problem: `${quote(name)} is no cluster name; give the annotation ${prefix}name` };
  const place = placeOf(location, region);
  if (typeof place === 'object' && 'problem' in place) return place;
  const scope = scopeOf(namespaces, selector, classes);
  if ('problem' in scope) return scope;
  const data = DATA_KEYS.map((key) => asText(at(value, 'data', key))).find((text) => text !== undefined);
  if (data === undefined) return { problem: 'it has no data.kubeconfig' };
  const kubeconfig = readSecretKubeconfig(Buffer.from(data, 'base64'));
  if ('problem' in kubeconfig) return kubeconfig;
  const base = { name, annotations, origin };
  return {
    spec: Object.freeze(
      place === 'nodes' ? { ...base, location: SOMEWHERE, placedBy: place } : { ...base, location: place },
    ),
    watch: { cluster: name, ...scope, ...(place === 'nodes' ? { nodes: 'read' } : {}) },
    server: kubeconfig.server,
    kubeconfig: kubeconfig.text,
  };
}

function placeOf(
  location: string | undefined,
  region: string | undefined,
): Location | 'nodes' | { readonly problem: string } {
  if (location !== undefined && region !== undefined) return { problem: 'it has both a location and a region' };
  if (location !== undefined) {
    const problem = `its location ${quote(location)} is none like "50.11,8.68,DE" or "DE"`;
    return parseLocation(location) ?? { problem };
  }
  if (region === undefined) return 'nodes';
  const problem = `its region ${quote(region)} is none of AWS, Google Cloud or Azure that is known`;
  return locationOfRegion(region.trim()) ?? { problem };
}

function scopeOf(
  namespaces: string | undefined,
  selector: string | undefined,
  classes: string | undefined,
): Pick<LiveCluster, 'namespaces' | 'selector' | 'gatewayClasses'> | { readonly problem: string } {
  const spaces = namespaces === undefined ? [] : listOf(namespaces);
  const odd = spaces.find((one) => !NAME.test(one));
  if (odd !== undefined) return { problem: `${quote(odd)} is no namespace` };
  if (namespaces !== undefined && spaces.length === 0) return { problem: 'its list of namespaces is empty' };
  if (spaces.length > MAX_NAMESPACES) return { problem: `it has over ${MAX_NAMESPACES} namespaces` };
  if (selector !== undefined && !/^[\x20-\x7e]{1,1024}$/.test(selector)) return { problem: 'its selector is none' };
  const gatewayClasses = classes === undefined ? undefined : listOf(classes);
  if (gatewayClasses !== undefined && (gatewayClasses.length === 0 || gatewayClasses.length > MAX_CLASSES)) {
    return { problem: `it does not have 1 to ${MAX_CLASSES} gateway classes` };
  }
  return { namespaces: spaces, selector, gatewayClasses };
}

function listOf(text: string): readonly string[] {
  return [...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== '');
}
