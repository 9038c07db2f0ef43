import type { Address } from './address.ts';
import { parseAddress } from './address.ts';
import { type AnnotationContext, readAnnotations } from './annotations/read.ts';
import type { Annotated, Level } from './annotations/setting.ts';
import { MAX_ADDRESSES } from './annotations/values.ts';
import type { Origin } from './finding.ts';
import { attach, type Holder } from './gateway-api/attach.ts';
import type { Listener } from './gateway-api/listeners.ts';
import type { Kind, Metadata } from './gateway-api/metadata.ts';
import type { ClusterObjects } from './gateway-api/objects.ts';
import type { ClusterSpec } from './model.ts';
import { quote } from './quote.ts';

/** A Gateway or ListenerSet as the clients see it. */
type Front = {
  /** `namespace/name` of the Gateway. */
  readonly gateway: string;
  readonly addresses: readonly Address[];
  /** Objects with settings for all its hostnames: the ListenerSet, the Gateway, the cluster's configuration. */
  readonly sources: readonly Annotated[];
};

/** One cluster asks for one hostname on one listener, for one Route or for the listener itself. */
export type Claim = {
  readonly hostname: string;
  readonly cluster: ClusterSpec;
  readonly front: Front;
  readonly listener: Listener;
  readonly routeKind: Kind | 'none';
  /** The Route, where it has settings. */
  readonly route: Annotated | undefined;
  /** The object that asks. */
  readonly origin: Origin;
};

/** All claims of one cluster. Each object's annotations are read once, whether or not it claims anything. */
export function claimsOf(cluster: ClusterSpec, objects: ClusterObjects, context: AnnotationContext): readonly Claim[] {
  const settled = annotate(cluster, objects, context);
  const fronts = new Map<Metadata, Front>();
  const frontOf = (holder: Holder): Front => {
    const known = fronts.get(holder.object);
    if (known !== undefined) return known;
    const sources = [...new Set<unknown>([holder.object, holder.gateway, cluster])];
    const front = readFront(
      holder,
      sources.flatMap((one) => settled.get(one) ?? []),
      context,
    );
    fronts.set(holder.object, front);
    return front;
  };
  return attach(objects, context.report).map(({ hostname, holder, listener, route }) => ({
    hostname,
    cluster,
    front: frontOf(holder),
    listener,
    routeKind: route?.kind ?? 'none',
    route: settled.get(route),
    origin: (route ?? holder.object).origin,
  }));
}

/** What has settings, by the object itself. */
function annotate(
  cluster: ClusterSpec,
  objects: ClusterObjects,
  context: AnnotationContext,
): ReadonlyMap<unknown, Annotated> {
  const settled = new Map<unknown, Annotated>();
  const add = (object: unknown, level: Level, id: string, origin: Origin, settings: Annotated['settings']): void => {
    if (Object.keys(settings).length > 0) settled.set(object, { level, cluster: cluster.name, id, origin, settings });
  };
  const read = (object: Metadata, level: Level | 'Namespace'): void => {
    const annotations = object.annotations.flatMap(([key, value]) => {
      return key.startsWith(context.prefix) ? [[key.slice(context.prefix.length), value] as const] : [];
    });
    if (annotations.length === 0) return;
    const settings = readAnnotations({ level, kind: object.kind, origin: object.origin, annotations }, context);
    if (level !== 'Namespace') add(object, level, `${object.id} ${object.kind}`, object.origin, settings);
  };
  const { origin } = cluster;
  const annotations = Object.entries(cluster.annotations);
  const settings = readAnnotations({ level: 'cluster', kind: 'cluster', origin, annotations }, context);
  add(cluster, 'cluster', cluster.name, origin, settings);
  for (const one of objects.gateways) read(one, 'Gateway');
  for (const one of objects.listenerSets) read(one, 'ListenerSet');
  for (const one of objects.routes) read(one, 'Route');
  for (const one of objects.namespaces.values()) read(one, 'Namespace');
  return settled;
}

function readFront({ gateway }: Holder, sources: readonly Annotated[], context: AnnotationContext): Front {
  const ordered = sources.find((source) => source.settings.address !== undefined)?.settings.address?.value;
  const addresses = ordered ?? statusAddresses(gateway, context);
  if (addresses.length === 0) {
    const suggestion = `wait for its controller, or set ${context.prefix}address`;
    context.report.add('gateway-no-address', gateway.origin, 'the Gateway has no IP address', suggestion);
  }
  return { gateway: gateway.id, addresses, sources };
}

function statusAddresses(gateway: Holder['gateway'], { report, prefix }: AnnotationContext): readonly Address[] {
  const byText = new Map<string, Address>();
  const ignored = [...gateway.otherAddresses];
  for (const text of gateway.addresses.slice(0, MAX_ADDRESSES)) {
    const address = parseAddress(text);
    if (address === undefined) ignored.push(text);
    else byText.set(address.text, address);
  }
  ignored.push(...gateway.addresses.slice(MAX_ADDRESSES));
  if (ignored.length > 0) {
    const [first = ''] = ignored;
    const more = ignored.length > 1 ? ` and ${ignored.length - 1} more` : '';
    const message = `status.addresses: ${quote(first)}${more} left out`;
    const suggestion = `only ${MAX_ADDRESSES} IP addresses can be answered; ${prefix}address names the public ones`;
    report.add('gateway-address-ignored', gateway.origin, message, suggestion);
  }
  return [...byText.values()];
}
