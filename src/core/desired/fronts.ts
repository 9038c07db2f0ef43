import type { Address } from './address.ts';
import { type AnnotationContext, readAnnotations } from './annotations/read.ts';
import type { Annotated, Level } from './annotations/setting.ts';
import { STATUS_KEY } from './annotations/status-key.ts';
import type { Front } from './claim.ts';
import { type NameLookup, statusAddresses } from './gateway-addresses.ts';
import { idOf, type Metadata, originOf } from './gateway-api/metadata.ts';
import type { Gateway } from './gateway-api/objects.ts';
import type { ClusterSpec } from './model.ts';

/** The settings of an object of a cluster; undefined where it has none. Nothing takes effect on a Namespace. */
export function settle(
  object: Metadata,
  level: Level | 'Namespace',
  cluster: ClusterSpec,
  context: AnnotationContext,
): Annotated | undefined {
  let annotations: (readonly [string, unknown])[] | undefined;
  for (const [key, value] of object.annotations) {
    if (!key.startsWith(context.prefix) || key === context.prefix + STATUS_KEY) continue;
    annotations ??= [];
    annotations.push([key.slice(context.prefix.length), value]);
  }
  if (annotations === undefined) return undefined;
  const origin = originOf(object);
  const settings = readAnnotations({ level, kind: object.kind, origin, annotations }, context);
  if (level === 'Namespace' || Object.keys(settings).length === 0) return undefined;
  return { level, cluster: cluster.name, id: `${idOf(object)} ${object.kind}`, origin, settings };
}

/** The settings of a cluster's entry in the configuration; undefined where it has none. */
export function settleCluster(cluster: ClusterSpec, context: AnnotationContext): Annotated | undefined {
  const { name, origin } = cluster;
  const annotations = Object.entries(cluster.annotations);
  const settings = readAnnotations({ level: 'cluster', kind: 'cluster', origin, annotations }, context);
  return Object.keys(settings).length === 0
    ? undefined
    : { level: 'cluster', cluster: name, id: name, origin, settings };
}

/** A Gateway with what the clients see of it. `sources` are the most specific first. What is wrong is reported. */
export function readFront(
  gateway: Gateway,
  sources: readonly Annotated[],
  lookup: NameLookup,
  context: AnnotationContext,
): Front {
  const ordered = sources.find((source) => source.settings.address !== undefined)?.settings.address?.value;
  const { addresses, state } =
    ordered === undefined ? statusAddresses(gateway, lookup, context) : { addresses: ordered, state: 'known' };
  if (addresses.length === 0 && state === 'known') {
    const suggestion = `wait for its controller, or set ${context.prefix}address`;
    context.report.add('gateway-no-address', originOf(gateway), 'the Gateway has no IP address', suggestion);
  }
  sayForbidden(gateway, addresses, sources, context);
  return Object.freeze({ gateway: idOf(gateway), addresses, sources });
}

/** Whether a Route asks for another probe is not known here, but that the Gateway asks for none is. */
function sayForbidden(
  gateway: Gateway,
  addresses: readonly Address[],
  sources: readonly Annotated[],
  { targetGuard, report, prefix }: AnnotationContext,
): void {
  const probe = sources.find((source) => source.settings.probe !== undefined)?.settings.probe?.value;
  if (probe?.kind === 'none') return;
  for (const { text } of addresses) {
    const what = targetGuard?.(text);
    if (what === undefined) continue;
    const message = `${text} is ${what}: it is not probed, and never up`;
    const suggestion = `let the Gateway have another address, list it under prober.allow, or set ${prefix}probe to none`;
    report.add('probe-target-forbidden', originOf(gateway), message, suggestion);
  }
}
