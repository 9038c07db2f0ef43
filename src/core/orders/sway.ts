import type { Model } from '../desired/model.ts';
import { isInForce, type Override, type PinOverride } from './override.ts';
import { isAbout } from './pin-overlay.ts';
import { isPin, nameOfPin } from './pins.ts';
import { matcherIn } from './scope.ts';

/** What an order is about at a moment, and where a newer one holds instead of it. */
export type Sway = {
  readonly endpoints: number;
  readonly hostnames: number;
  /** Endpoints, of those, where a newer order that contradicts it is in force. */
  readonly shadowed: number;
  /** The names of those orders, in the order in which they were met; at most `MAX_SHADOWING`. */
  readonly shadowedBy: readonly string[];
};

/** Most orders that are named because they hold instead of another one. */
const MAX_SHADOWING = 10;

/** Of an order that is about nothing. */
export const NO_SWAY: Sway = Object.freeze({ endpoints: 0, hostnames: 0, shadowed: 0, shadowedBy: [] });

type Counted = { endpoints: number; hostnames: number; shadowed: number; readonly by: Set<string> };

/**
 * What each order is about in a model that they are laid over, by name (of a pin, the endpoints of its cluster); one that is about nothing has no entry. Drains add up,
 * and so do pins: none is ever shadowed. `now` in ms since the epoch.
 */
export function swayOf(model: Model, orders: readonly Override[], now: number): ReadonlyMap<string, Sway> {
  if (orders.length === 0) return new Map();
  const byName = new Map(orders.map((order) => [order.name, order]));
  const counts = new Map<string, Counted>();
  for (const { endpoints, policy } of model.hostnames) {
    // Of most hostnames nothing was ordered.
    if (policy.pins === undefined && endpoints.every(({ order }) => order === undefined)) continue;
    const met = new Set(policy.pins?.map(nameOfPin));
    for (const { order } of endpoints) {
      if (order !== undefined) countEndpoint(counts, order.by, byName, now);
      for (const name of order?.by ?? []) met.add(name);
    }
    for (const name of met) countOf(counts, name).hostnames += 1;
  }
  const sways = new Map<string, Sway>(
    [...counts].map(([name, { by, ...count }]) => [name, { ...count, shadowedBy: [...by] }] as const),
  );
  for (const order of orders) if (isPin(order)) sways.set(order.name, swayOfPin(model, order));
  return sways;
}

/** A pin stands in no endpoint, and newer ones hold for some clients only: it is never shadowed. */
function swayOfPin({ hostnames, teams }: Model, order: PinOverride): Sway {
  const { fits } = matcherIn(order.scope, teams);
  const own = hostnames.filter((hostname) => isAbout(order, hostname, (endpoint) => fits(hostname, endpoint)));
  const endpoints = own.flatMap((each) => each.endpoints.filter(({ cluster }) => cluster === order.action.cluster));
  return { ...NO_SWAY, endpoints: endpoints.length, hostnames: own.length };
}

/** `names`: of the orders about one endpoint, the newest first. */
function countEndpoint(
  counts: Map<string, Counted>,
  names: readonly string[],
  byName: ReadonlyMap<string, Override>,
  now: number,
): void {
  /** Who decides what the endpoint is, and what it weighs. */
  const holding = new Map<'state' | 'weight', string>();
  for (const name of names) {
    const count = countOf(counts, name);
    count.endpoints += 1;
    const order = byName.get(name);
    const what = order === undefined ? undefined : decides(order);
    if (order === undefined || what === undefined) continue;
    const holder = holding.get(what);
    if (holder !== undefined) {
      count.shadowed += 1;
      if (count.by.size < MAX_SHADOWING) count.by.add(holder);
    } else if (isInForce(order, now)) holding.set(what, name);
  }
}

function countOf(counts: Map<string, Counted>, name: string): Counted {
  const count = counts.get(name) ?? { endpoints: 0, hostnames: 0, shadowed: 0, by: new Set<string>() };
  counts.set(name, count);
  return count;
}

/** Of orders that decide the same, one holds. */
function decides({ action: { kind } }: Override): 'state' | 'weight' | undefined {
  if (kind === 'weight') return 'weight';
  return kind === 'up' || kind === 'down' ? 'state' : undefined;
}
