import type { Endpoint, EndpointOrder } from '../desired/model.ts';
import type { DrainSpan } from '../health/drain-span.ts';
import { ALL_BUCKETS } from '../health/slow-start.ts';
import { isInForce, MAX_WEIGHT, type Override, spanOfOverride } from './override.ts';

/**
 * An endpoint under some orders, the newest first. Of two that contradict each other the newer one holds; drains add up, for
 * whoever drained an endpoint wants it drained.
 */
export function endpointUnder(endpoint: Endpoint, orders: readonly Override[], now: number): Endpoint {
  const inForce = orders.filter((order) => isInForce(order, now));
  const state = inForce.find(({ action }) => action.kind === 'up' || action.kind === 'down')?.action.kind;
  const weight = weightUnder(endpoint.weight, inForce);
  const admits = admitsUnder(inForce);
  const order: EndpointOrder = {
    by: orders.map(({ name }) => name),
    drains: orders.flatMap((each) => wholeDrain(each)),
    ...(state === 'up' || state === 'down' ? { state } : {}),
    ...(admits === ALL_BUCKETS ? {} : { admits }),
    ...(weight === endpoint.weight ? {} : { writtenWeight: endpoint.weight }),
  };
  return Object.freeze({ ...endpoint, weight, order: Object.freeze(order) });
}

/** A drain of all clients, with its times: so the TTL can go down ahead of it. */
function wholeDrain(order: Override): readonly DrainSpan[] {
  const { action } = order;
  return action.kind === 'drain' && (action.percent ?? 100) === 100 ? [spanOfOverride(order)] : [];
}

/** What is left of the clients when the greatest drain in parts took its own. */
function admitsUnder(orders: readonly Override[]): number {
  let taken = 0;
  for (const { action } of orders) {
    if (action.kind === 'drain' && (action.percent ?? 100) < 100) taken = Math.max(taken, action.percent ?? 100);
  }
  return Math.max(1, Math.round((ALL_BUCKETS * (100 - taken)) / 100));
}

function weightUnder(written: number, orders: readonly Override[]): number {
  for (const { action } of orders) {
    if (action.kind !== 'weight') continue;
    const part = (action.percent ?? 100) / 100;
    return Math.min(MAX_WEIGHT, Math.round(written + (action.weight - written) * part));
  }
  return written;
}
