/** What clusters can take, and who tells what they have now. */
import { ANNOTATIONS } from './annotations/table.ts';
import { type Finding, finding } from './finding.ts';
import type { ClusterSpec, MonitorId, NamedMonitor } from './model.ts';

/** Cluster → its capacity, as its entry in the configuration says; those without one are left out. */
export function capacities(clusters: readonly ClusterSpec[]): ReadonlyMap<string, number> {
  return new Map(
    clusters.flatMap(({ name, annotations }) => {
      const capacity = ANNOTATIONS.capacity.parse(annotations['capacity']?.trim() ?? 'none');
      return typeof capacity === 'number' ? [[name, capacity] as const] : [];
    }),
  );
}

/** Cluster → the monitor that tells its load. A cluster has one at most: the configuration sees to that. */
export function loadsOf(named: readonly NamedMonitor[]): ReadonlyMap<string, MonitorId> {
  return new Map(named.flatMap(({ id, source }) => (source.kind === 'load' ? [[source.cluster, id] as const] : [])));
}

/** The others by name. A load makes nothing up or down: it is no monitor that annotations could ask for. */
export function verdictsByName(named: readonly NamedMonitor[]): ReadonlyMap<string, NamedMonitor> {
  return new Map(named.flatMap((one) => (one.source.kind === 'load' ? [] : [[one.name, one] as const])));
}

/** Says where a capacity has no effect because no load is told, and the other way round. */
export function loadFindings(clusters: readonly ClusterSpec[], named: readonly NamedMonitor[]): readonly Finding[] {
  const loads = loadsOf(named);
  const capacityOf = capacities(clusters);
  const byName = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  const unmeasured = clusters.flatMap(({ name, origin }) => {
    if (!capacityOf.has(name) || loads.has(name)) return [];
    const message = `cluster ${name} has a capacity, and no monitor tells its load: it never sheds clients`;
    return [finding('capacity-without-load', origin, message, 'add a monitor with `cluster` and `load`')];
  });
  const unbounded = named.flatMap(({ name, source }) => {
    if (source.kind !== 'load' || capacityOf.has(source.cluster)) return [];
    const { cluster } = source;
    const origin = byName.get(cluster)?.origin ?? { file: 'configuration', object: `monitor ${name}` };
    const why = byName.has(cluster) ? `cluster ${cluster} has no capacity` : `there is no cluster ${cluster}`;
    const message = `monitor ${name} tells a load, and ${why}: nothing follows from it`;
    return [finding('load-without-capacity', origin, message, `annotate cluster ${cluster} with capacity`)];
  });
  return [...unmeasured, ...unbounded];
}
