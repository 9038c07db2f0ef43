/** Drills that run, as those see them who must not order away what they leave. */
import type { Model, MonitorId } from '../desired/model.ts';
import { asFailed } from '../health/as-failed.ts';
import { hostnamesMet } from '../orders/order-groups.ts';
import { createOrderOverlay } from '../orders/overlay.ts';
import { begun, isInForce, type Override, type Overrides } from '../orders/override.ts';
import { type GuardedWorld, hostnamesLeftWithout } from './drain-guard.ts';

/** What a drill orders and fails when it is at its last step, until nothing is left of it (ms since the epoch). */
export type Drilled = {
  readonly orders: readonly Override[];
  readonly failing: ReadonlySet<MonitorId>;
  readonly until: number;
};

/** Orders with those of drills, and what the drills fail. */
export type Ordered = { readonly overrides: Overrides; readonly drilled: readonly Drilled[] };

/** The orders of both. */
export function withDrilled({ overrides, drilled }: Ordered): Overrides {
  return new Map([...overrides, ...drilled.flatMap(({ orders }) => orders).map((one) => [one.name, one] as const)]);
}

/** The monitors that drills fail. */
export function failingOf(drilled: readonly Drilled[]): ReadonlySet<MonitorId> {
  return new Set(drilled.flatMap(({ failing }) => [...failing]));
}

/** A world without what is ordered, and the time in ms since the epoch. */
export type Ground = GuardedWorld & { readonly now: number };

/**
 * Hostnames that one more order, or one in the place of that of its name, leaves without anybody, by the guard of drains: with all
 * orders of people as if they had begun, and beside drills that run at the moments at which it meets them.
 */
export function leftByOrder(order: Override, { overrides, drilled }: Ordered, ground: Ground): readonly string[] {
  const { now } = ground;
  const wanted = new Map(overrides).set(order.name, order);
  const left = createGuard(ground, { overrides, drilled: [] }, { overrides: wanted, drilled: [] })();
  if (drilled.length === 0) return left;
  const { from = now, until = Number.POSITIVE_INFINITY } = order;
  const met = { from: Math.max(now, from), until: Math.min(until, Math.max(...drilled.map((one) => one.until))) };
  const beside = leftWithin(ground, met, { overrides, drilled }, { overrides: wanted, drilled });
  return [...new Set([...left, ...beside])];
}

/** From when to when something is looked at, the end not included, in ms since the epoch. */
type Period = { readonly from: number; readonly until: number };

/** Most moments of a period that are looked at: its beginning, and those at which the first orders begin in it. */
const MAX_MOMENTS = 20;

/**
 * The same of any change at some moment of a period: each with what is in force then. Things that are never in force at once would
 * together hide what the change takes.
 */
export function leftWithin(
  ground: Ground,
  { from, until }: Period,
  before: Ordered,
  after: Ordered,
): readonly string[] {
  if (from >= until) return [];
  const begins = [...after.overrides.values()].flatMap((order) => order.from ?? []);
  const later = new Set(begins.filter((moment) => moment > from && moment < until));
  const moments = [from, ...[...later].toSorted((a, b) => a - b)].slice(0, MAX_MOMENTS);
  return [...new Set(moments.flatMap(createGuard(ground, before, after)))];
}

/**
 * Asks which hostnames a change leaves without anybody: with all of it as if it had begun, at a moment or of whatever there is.
 * Only hostnames that the change may be about are laid, by one overlay: what both worlds have alike is the very same object.
 */
function createGuard(ground: Ground, before: Ordered, after: Ordered): (moment?: number) => readonly string[] {
  const overlay = createOrderOverlay();
  const { now, health } = ground;
  const model = modelMet(ground.model, before, after);
  return (moment) => {
    const [old, next] = moment === undefined ? [before, after] : [at(before, moment), at(after, moment)];
    const worldOf = (ordered: Ordered): GuardedWorld => ({
      model: overlay.lay(model, begun(withDrilled(ordered)), now),
      health: asFailed(health, failingOf(ordered.drilled), model, now),
    });
    const world = worldOf(old);
    const changed = worldOf(next);
    const isBelievedAlike = isFailingAlike(old.drilled, next.drilled);
    return hostnamesLeftWithout(world, isBelievedAlike ? { ...changed, health: world.health } : changed, now);
  };
}

/** The model with those hostnames alone that may come out otherwise; as it is where what is failed differs. */
function modelMet(model: Model, before: Ordered, after: Ordered): Model {
  if (!isFailingAlike(before.drilled, after.drilled)) return model;
  const [old, next] = [withDrilled(before), withDrilled(after)];
  const gone = [...old.values()].filter((order) => next.get(order.name) !== order);
  const made = [...next.values()].filter((order) => old.get(order.name) !== order);
  const hostnames = hostnamesMet(model, [...gone, ...made]);
  return hostnames === model.hostnames ? model : { ...model, hostnames };
}

/** Whether the same is failed: what differs between them fails nothing. */
function isFailingAlike(some: readonly Drilled[], others: readonly Drilled[]): boolean {
  const own = new Set(some).symmetricDifference(new Set(others));
  return [...own].every(({ failing }) => failing.size === 0);
}

function at({ overrides, drilled }: Ordered, moment: number): Ordered {
  return {
    overrides: new Map([...overrides].filter(([, order]) => isInForce(order, moment))),
    drilled: drilled.filter(({ until }) => until > moment),
  };
}
