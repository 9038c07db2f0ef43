/** What is seen while a drill runs: whether a condition breaks it off, and whether all is back behind it. */
import type { Hostname, Model, MonitorId } from '../desired/model.ts';
import type { LoadStanding } from '../health/load-standing.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import { candidateOf } from '../steering/candidate.ts';
import { isUsable } from '../steering/drain-guard.ts';
import type { DrillSpec } from './drill.ts';
import type { Reach } from './reach.ts';

/** What is looked at. `model` is the one with all orders laid over it; `now` in ms since the epoch. */
export type DrillWorld = {
  readonly model: Model;
  readonly health: ReadonlyMap<MonitorId, MonitorHealth>;
  readonly loads: ReadonlyMap<MonitorId, LoadStanding>;
  readonly now: number;
  /** Another one where anything of the answers may be another. */
  readonly version: number;
};

/** How it was when the drill began: hostnames with a usable endpoint, and loads that were over the capacity. */
export type Baseline = { readonly usable: ReadonlySet<string>; readonly over: ReadonlySet<MonitorId> };

/** How it is before the drill begins. */
export function baselineOf(reach: Reach, world: DrillWorld): Baseline {
  const hostnames = touchedIn(reach, world.model);
  return {
    usable: new Set(hostnames.filter((one) => hasUsable(one, world)).map(({ name }) => name)),
    over: new Set(overloaded(world)),
  };
}

/** The first condition that is met, in words; undefined where none is. */
export function abortReason(
  { abort }: DrillSpec,
  reach: Reach,
  baseline: Baseline,
  world: DrillWorld,
): string | undefined {
  const looksAtHostnames = abort.noEndpoint === 'abort' || abort.healthyShare > 0;
  const hostnames = looksAtHostnames ? touchedIn(reach, world.model) : [];
  return (
    (abort.noEndpoint === 'abort' ? lostHostnames(hostnames, baseline, world) : undefined) ??
    (abort.healthyShare > 0 ? lowShare(abort.healthyShare, hostnames, world) : undefined) ??
    (abort.capacity === 'abort' ? overrun(baseline, world) : undefined) ??
    downMonitor(abort.monitors, world)
  );
}

function lostHostnames(hostnames: readonly Hostname[], { usable }: Baseline, world: DrillWorld): string | undefined {
  const lost = hostnames.filter((one) => usable.has(one.name) && !hasUsable(one, world));
  const [first] = lost;
  return first && `no-endpoint: ${first.name}${more(lost.length - 1)} has no usable endpoint left`;
}

function lowShare(least: number, hostnames: readonly Hostname[], world: DrillWorld): string | undefined {
  const all = hostnames.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
  const usable = hostnames.reduce((sum, one) => sum + usableOf(one, world), 0);
  if (all === 0 || usable / all >= least) return undefined;
  return `healthy-share: ${usable} of ${all} endpoints are usable, fewer than ${Math.round(least * 1000) / 10} %`;
}

function overrun({ over }: Baseline, world: DrillWorld): string | undefined {
  const first = overloaded(world).find((id) => !over.has(id));
  return first && `capacity: a cluster sheds clients (${first})`;
}

function downMonitor(names: readonly string[], { model, health }: DrillWorld): string | undefined {
  if (names.length === 0) return undefined;
  const named = new Map(model.named?.map(({ name, id }) => [name, id]));
  const down = names.find((name) => health.get(named.get(name) ?? '')?.state === 'down');
  return down && `monitor: ${down} is down`;
}

/**
 * Whether nothing is left of a drill that is being rolled back: no monitor that it failed is still taken as bad, or was last
 * told to have failed by it. One that fails by itself meanwhile is none of ours.
 */
export function isBack({ action }: DrillSpec, { monitors }: Reach, { health }: DrillWorld): boolean {
  if (action.kind !== 'fail') return true;
  return monitors.every((id) => {
    const one = health.get(id);
    if (one === undefined) return true;
    if (one.last?.outcome.kind === 'failure') return one.last.outcome.failure !== 'drill';
    return one.state !== 'down' && one.state !== 'held' && one.admits === undefined;
  });
}

/** The hostnames of a reach in the model that was looked at last: mostly it is the same one again. */
const touched = new WeakMap<Reach, { readonly in: Model; readonly hostnames: readonly Hostname[] }>();

/** The hostnames as they are now: orders make other objects of them. */
function touchedIn(reach: Reach, model: Model): readonly Hostname[] {
  const known = touched.get(reach);
  if (known?.in === model) return known.hostnames;
  const names = new Set(reach.hostnames.map(({ name }) => name));
  const hostnames = model.hostnames.filter(({ name }) => names.has(name));
  touched.set(reach, { in: model, hostnames });
  return hostnames;
}

function hasUsable({ endpoints }: Hostname, { health, now }: DrillWorld): boolean {
  return endpoints.some((endpoint) => isUsable(candidateOf(endpoint, health, now)));
}

function usableOf({ endpoints }: Hostname, { health, now }: DrillWorld): number {
  return endpoints.filter((endpoint) => isUsable(candidateOf(endpoint, health, now))).length;
}

function overloaded({ loads }: DrillWorld): readonly MonitorId[] {
  return [...loads].filter(([, { health }]) => health.admits !== undefined).map(([id]) => id);
}

function more(count: number): string {
  return count > 0 ? ` and ${count} more` : '';
}
