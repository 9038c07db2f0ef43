/** What is seen while a drill runs: whether a condition breaks it off, and whether all is back behind it. */
import { contains, isRestricted } from '../desired/area.ts';
import type { Endpoint, Hostname, Model, MonitorId } from '../desired/model.ts';
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
  /** When the orders were laid: by then what is timed has begun, or not. What a planned drill is to order never begins by time alone. */
  readonly laidAt: number;
  /** Another one where anything of the answers may be another. */
  readonly version: number;
};

/**
 * How it was when the drill began: hostnames with a usable endpoint, those of them with one inside of their residency area,
 * and loads that were over the capacity.
 */
export type Baseline = {
  readonly usable: ReadonlySet<string>;
  readonly inside: ReadonlySet<string>;
  readonly over: ReadonlySet<MonitorId>;
};

/** How it is before the drill begins. */
export function baselineOf(reach: Reach, world: DrillWorld): Baseline {
  const hostnames = touchedIn(reach, world.model);
  return {
    usable: new Set(hostnames.filter((one) => hasUsable(one, world)).map(({ name }) => name)),
    inside: new Set(hostnames.filter((one) => hasUsableInside(one, world)).map(({ name }) => name)),
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
    badMonitor(abort.monitors, world)
  );
}

function lostHostnames(
  hostnames: readonly Hostname[],
  { usable, inside }: Baseline,
  world: DrillWorld,
): string | undefined {
  const lost = hostnames.filter((one) => usable.has(one.name) && !hasUsable(one, world));
  const [first] = lost;
  if (first !== undefined) return `no-endpoint: ${first.name}${more(lost.length - 1)} has no usable endpoint left`;
  // Its clients may not go elsewhere.
  const fenced = hostnames.filter((one) => inside.has(one.name) && !hasUsableInside(one, world));
  const [some] = fenced;
  return (
    some && `no-endpoint: ${some.name}${more(fenced.length - 1)} has no usable endpoint left inside its residency area`
  );
}

/** That too few endpoints of these hostnames are usable, in words; undefined where there are enough. */
export function lowShare(least: number, hostnames: readonly Hostname[], world: DrillWorld): string | undefined {
  const all = hostnames.flatMap(({ endpoints }) => endpoints);
  return tooFew(least, all.filter((one) => isUsableIn(one, world)).length, all.length);
}

/** That so many of so many are fewer than this fraction of them, in words; undefined where they are not. */
export function tooFew(least: number, usable: number, all: number): string | undefined {
  if (all === 0 || usable / all >= least) return undefined;
  return `healthy-share: ${usable} of ${all} endpoints are usable, fewer than ${Math.round(least * 1000) / 10} %`;
}

function overrun({ over }: Baseline, world: DrillWorld): string | undefined {
  const first = overloaded(world).find((id) => !over.has(id));
  return first && `capacity: a cluster sheds clients (${first})`;
}

/** The first of these named monitors that is down, or that tells nothing: whoever cannot look must not go on. */
export function badMonitor(names: readonly string[], { model, health }: DrillWorld): string | undefined {
  if (names.length === 0) return undefined;
  const named = new Map(model.named?.map(({ name, id }) => [name, id]));
  for (const name of names) {
    const id = named.get(name);
    const { state = 'unseen', freshness } = (id === undefined ? undefined : health.get(id)) ?? {};
    if (id === undefined) return `monitor: ${name} is not there`;
    if (state === 'down') return `monitor: ${name} is down`;
    if (state === 'unseen') return `monitor: ${name} is unseen: it tells nothing`;
    if (freshness === 'stale') return `monitor: ${name} is stale: it tells nothing any more`;
  }
  return undefined;
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

/** The hostnames of a reach as they are now: orders make other objects of them. */
export function touchedIn(reach: Reach, model: Model): readonly Hostname[] {
  const known = touched.get(reach);
  if (known?.in === model) return known.hostnames;
  const names = new Set(reach.hostnames.map(({ name }) => name));
  const hostnames = model.hostnames.filter(({ name }) => names.has(name));
  touched.set(reach, { in: model, hostnames });
  return hostnames;
}

function hasUsable({ endpoints }: Hostname, world: DrillWorld): boolean {
  return endpoints.some((endpoint) => isUsableIn(endpoint, world));
}

/** Of a hostname whose clients may not leave an area: whether one inside of it is usable. */
function hasUsableInside({ endpoints, policy: { residency } }: Hostname, world: DrillWorld): boolean {
  return (
    isRestricted(residency) &&
    endpoints.some((endpoint) => contains(residency, endpoint.location) && isUsableIn(endpoint, world))
  );
}

/** Whether clients could be sent there in this world. */
export function isUsableIn(endpoint: Endpoint, { health, laidAt }: DrillWorld): boolean {
  return isUsable(candidateOf(endpoint, health, laidAt));
}

function overloaded({ loads }: DrillWorld): readonly MonitorId[] {
  return [...loads].filter(([, { health }]) => health.admits !== undefined).map(([id]) => id);
}

function more(count: number): string {
  return count > 0 ? ` and ${count} more` : '';
}
