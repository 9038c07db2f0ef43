import type { Endpoint, Model, MonitorId } from '../desired/model.ts';

/** Which clusters the monitors speak for. */
export type MonitorClusters = {
  /** Another value whenever what `of` says may be another. Costs nothing. */
  version(): unknown;
  /** The clusters whose endpoints the monitor watches; none where no endpoint has it. */
  of(id: MonitorId): readonly string[];
};

/** A set of monitors, counted by cluster. */
export type Tally = {
  readonly size: number;
  ids(): Iterable<MonitorId>;
  add(id: MonitorId): void;
  delete(id: MonitorId): void;
  /** How many of each cluster; clusters without any are left out or 0. A monitor of two clusters counts for both. */
  by(): ReadonlyMap<string, number>;
};

const NOBODY: readonly string[] = Object.freeze([]);

/** What of the model says which clusters a monitor speaks for. */
export type WatchedModel = Pick<Model, 'calculated'> & {
  readonly hostnames: readonly { readonly endpoints: readonly Pick<Endpoint, 'cluster' | 'monitor'>[] }[];
};

/** Reads the clusters from the model in force. All endpoints are walked once for each list of hostnames that is asked for. */
export function createMonitorClusters(model: () => WatchedModel): MonitorClusters {
  let seen: WatchedModel['hostnames'] | undefined;
  let clusters = new Map<MonitorId, readonly string[]>();
  return {
    version: () => model().hostnames,
    of(id) {
      const now = model();
      if (seen !== now.hostnames) clusters = clustersOf(now);
      seen = now.hostnames;
      return clusters.get(id) ?? NOBODY;
    },
  };
}

/** An empty tally. Nothing is counted before somebody asks, and all anew when the clusters are others. */
export function createTally(clusters: MonitorClusters): Tally {
  const members = new Set<MonitorId>();
  const counts = new Map<string, number>();
  let counted: unknown;

  function bump(id: MonitorId, by: 1 | -1): void {
    for (const cluster of clusters.of(id)) counts.set(cluster, (counts.get(cluster) ?? 0) + by);
  }

  return {
    get size() {
      return members.size;
    },
    ids: () => members,
    add(id) {
      if (members.has(id)) return;
      members.add(id);
      if (counted === clusters.version()) bump(id, 1);
    },
    delete(id) {
      if (members.delete(id) && counted === clusters.version()) bump(id, -1);
    },
    by() {
      const version = clusters.version();
      if (counted === version) return counts;
      counted = version;
      counts.clear();
      for (const id of members) bump(id, 1);
      return counts;
    },
  };
}

function clustersOf({ hostnames, calculated = [] }: WatchedModel): Map<MonitorId, readonly string[]> {
  const found = new Map<MonitorId, readonly string[]>();
  const join = (monitor: MonitorId, cluster: string): void => {
    const known = found.get(monitor);
    if (known === undefined) found.set(monitor, [cluster]);
    else if (!known.includes(cluster)) found.set(monitor, [...known, cluster]);
  };
  for (const { endpoints } of hostnames) for (const { monitor, cluster } of endpoints) join(monitor, cluster);
  // What is made of others is watched through them; backwards, members come after.
  for (const { id, members } of calculated.toReversed()) {
    for (const cluster of found.get(id) ?? []) for (const member of members) join(member, cluster);
  }
  return found;
}
