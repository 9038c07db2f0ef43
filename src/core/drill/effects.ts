/** What a drill does while it runs: to orders, to the results of probes, to pictures. */
import { isEqual } from '../desired/equal.ts';
import type { MonitorId } from '../desired/model.ts';
import type { ProbeResult } from '../health/monitor-health.ts';
import type { Override } from '../orders/override.ts';
import { hashOfText } from '../steering/hash.ts';
import { type Drill, percentOf, rampOf, stepBegan } from './drill.ts';
import type { Reach } from './reach.ts';

/** Orders that drills give, monitors whose results are failures, and clusters whose pictures do not come since then (ms since the epoch). */
export type Effects = {
  readonly orders: readonly Override[];
  readonly failing: ReadonlySet<MonitorId>;
  readonly blinded: ReadonlyMap<string, number>;
};

/** Of no drill. */
export const NO_EFFECTS: Effects = Object.freeze({
  orders: [],
  failing: new Set<MonitorId>(),
  blinded: new Map<string, number>(),
});

/** What some drills do together, each with what it is about. */
export function effectsOf(drills: readonly Drill[], reachOf: (drill: Drill) => Reach): Effects {
  if (drills.length === 0) return NO_EFFECTS;
  return {
    orders: drills.flatMap((drill) => orderOf(drill) ?? []),
    failing: new Set(drills.flatMap((drill) => [...failing(drill, reachOf(drill))])),
    blinded: earliest(drills.flatMap((drill) => blinded(drill, reachOf(drill)))),
  };
}

/**
 * The order that a drill gives, if it is one that gives orders. A planned one gives that of its first step, to begin when the drill
 * does: so the TTL goes down ahead of it.
 */
export function orderOf(drill: Drill): Override | undefined {
  const { spec, by, since } = drill;
  const isAhead = drill.state === 'planned' && spec.startAt !== undefined;
  const percent = isAhead ? percentOf({ ...drill, state: 'running' }) : percentOf(drill);
  if (percent === 0 || (spec.action.kind !== 'drain' && spec.action.kind !== 'weight')) return undefined;
  const action =
    spec.action.kind === 'weight'
      ? { kind: 'weight' as const, weight: spec.action.weight, percent }
      : { kind: 'drain' as const, percent };
  const from = isAhead ? { from: spec.startAt } : {};
  const given = { scope: spec.scope, action, at: since, ...from, by, reason: spec.reason };
  return Object.freeze({ name: orderNameOf(spec.name), ...given });
}

/** Orders, those of before the very same where they say the same: what was laid with them is found again by what they are. */
export function asBefore(orders: readonly Override[], before: readonly Override[]): readonly Override[] {
  const known = new Map(before.map((order) => [order.name, order]));
  return orders.map((order) => {
    const last = known.get(order.name);
    return last !== undefined && isEqual(last, order) ? last : order;
  });
}

/** The name of the order of a drill. No order of a person is called so: their names have no colon. */
function orderNameOf(drill: string): string {
  return `drill:${drill}`;
}

const NO_MONITORS: ReadonlySet<MonitorId> = new Set();

/** The monitors of a reach that were failed last: mostly they are the same again, and there may be a hundred thousand. */
const failed = new WeakMap<Reach, ReadonlySet<MonitorId>>();

/** The monitors whose results are failures now: of a ramp so many of them, and with each step those and more. */
export function failing(drill: Drill, reach: Reach): ReadonlySet<MonitorId> {
  const { monitors } = reach;
  const count = drill.spec.action.kind === 'fail' ? share(monitors.length, percentOf(drill)) : 0;
  if (count === 0) return NO_MONITORS;
  const known = failed.get(reach);
  if (known?.size === count) return known;
  const byLot = monitors.map((id) => ({ id, lot: hashOfText(id) >>> 0 })).toSorted((a, b) => a.lot - b.lot);
  const now = new Set(byLot.slice(0, count).map(({ id }) => id));
  failed.set(reach, now);
  return now;
}

/** The clusters whose source is cut off now, as `failing` counts them, and since when each is. */
function blinded(drill: Drill, { clusters }: Reach): readonly (readonly [string, number])[] {
  if (drill.spec.action.kind !== 'blind' || percentOf(drill) === 0) return [];
  const { steps } = rampOf(drill.spec);
  const stepOf = (index: number): number => steps.findIndex((percent) => index < share(clusters.size, percent));
  return [...clusters]
    .toSorted()
    .slice(0, share(clusters.size, percentOf(drill)))
    .map((cluster, index) => [cluster, stepBegan(drill, stepOf(index))]);
}

/** Of so many at most so many percent: a step does no more than it says. */
function share(count: number, percent: number): number {
  return Math.floor((count * percent) / 100);
}

function earliest(all: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  return new Map(all.toSorted(([, a], [, b]) => b - a));
}

/** A result of a probe as drills let it be seen: a failure where one fails its monitor, else what it is. */
export function asDrilled(result: ProbeResult, { failing: failed }: Effects): ProbeResult {
  const { monitor, at, durationMs } = result;
  if (!failed.has(monitor)) return result;
  return { monitor, at, durationMs, outcome: { kind: 'failure', failure: 'drill', detail: 'a drill makes it fail' } };
}
