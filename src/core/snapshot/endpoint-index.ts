/** Where each monitor's and each cluster's endpoints are: what a change touches, without looking at the rest. */
import type { Hostname, MonitorId } from '../desired/model.ts';
import { type DrainSpan, spanOf } from '../health/drain-span.ts';

/** All endpoints of a model in one row, target by target; a target is an index in `model.hostnames`. */
export type EndpointIndex = {
  /** Target → its first endpoint; one more at the end. */
  readonly first: Int32Array;
  readonly targetOf: Int32Array;
  /** The endpoint's monitor as a number; -1 where nothing is checked. */
  readonly monitorOf: Int32Array;
  readonly monitors: ReadonlyMap<MonitorId, number>;
  /** Monitor → where its endpoints start in `watched`; one more at the end. */
  readonly watchedFrom: Int32Array;
  readonly watched: Int32Array;
  /** What tells a cluster's load → the endpoints of the cluster. */
  readonly loads: ReadonlyMap<MonitorId, readonly number[]>;
  /** Drains that begin or end by themselves. */
  readonly timedDrains: readonly TimedDrain[];
  /** Whether anybody ordered anything about any of them. */
  readonly orders: 'none' | 'some';
};

/** When the drain of one endpoint holds. */
type TimedDrain = { readonly endpoint: number; readonly span: DrainSpan };

/** Builds the index of these hostnames. */
export function endpointIndex(hostnames: readonly Hostname[]): EndpointIndex {
  const first = new Int32Array(hostnames.length + 1);
  for (const [target, { endpoints }] of hostnames.entries()) first[target + 1] = first[target]! + endpoints.length;
  const count = first[hostnames.length]!;
  const targetOf = new Int32Array(count);
  const monitorOf = new Int32Array(count);
  const monitors = new Map<MonitorId, number>();
  const loads = new Map<MonitorId, number[]>();
  const timedDrains: TimedDrain[] = [];
  let orders: EndpointIndex['orders'] = 'none';
  let endpoint = 0;
  for (const [target, { endpoints }] of hostnames.entries()) {
    for (const { monitor, load, drain, order } of endpoints) {
      targetOf[endpoint] = target;
      monitorOf[endpoint] = monitor === 'unchecked' ? -1 : numberOf(monitors, monitor);
      if (load !== undefined) ofLoad(loads, load).push(endpoint);
      for (const span of [spanOf(drain), ...(order?.drains ?? [])]) {
        if (isTimed(span)) timedDrains.push({ endpoint, span });
      }
      if (order !== undefined) orders = 'some';
      endpoint += 1;
    }
  }
  return { first, targetOf, monitorOf, monitors, loads, timedDrains, orders, ...groups(monitorOf, monitors.size) };
}

/** Whether it begins or ends at a set moment. */
function isTimed({ from, until }: DrainSpan): boolean {
  return Number.isFinite(from) || (Number.isFinite(until) && from < until);
}

function ofLoad(loads: Map<MonitorId, number[]>, load: MonitorId): number[] {
  const known = loads.get(load) ?? [];
  loads.set(load, known);
  return known;
}

function numberOf(monitors: Map<MonitorId, number>, monitor: MonitorId): number {
  const known = monitors.get(monitor);
  if (known !== undefined) return known;
  monitors.set(monitor, monitors.size);
  return monitors.size - 1;
}

/** The endpoints of each monitor side by side, in order: counted, then laid down from the last. */
function groups(monitorOf: Int32Array, monitors: number): Pick<EndpointIndex, 'watchedFrom' | 'watched'> {
  const watchedFrom = new Int32Array(monitors + 1);
  for (const monitor of monitorOf) if (monitor >= 0) watchedFrom[monitor]! += 1;
  for (let monitor = 1; monitor <= monitors; monitor++) watchedFrom[monitor]! += watchedFrom[monitor - 1]!;
  const watched = new Int32Array(watchedFrom[monitors]!);
  for (let endpoint = monitorOf.length - 1; endpoint >= 0; endpoint--) {
    const monitor = monitorOf[endpoint]!;
    if (monitor < 0) continue;
    watchedFrom[monitor]! -= 1;
    watched[watchedFrom[monitor]!] = endpoint;
  }
  return { watchedFrom, watched };
}
