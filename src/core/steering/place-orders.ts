/** The orders that a custom map and pins together give the clusters of a hostname, by place. */
import type { Place } from '../desired/area.ts';
import { THE_REST } from '../desired/maps/client-map.ts';
import { orderByPins } from './filters/pin.ts';
import { createMapOrders } from './map-orders.ts';

/** Numbers the different orders of places. */
export type PlaceOrders = {
  /** Equal orders have one number; 0 where neither map nor pins make a difference. */
  readonly idOf: (place: Place) => number;
  /** The order by the map alone: clusters of the hostname and `*`; without elements where it makes no difference. */
  readonly mapOrderOf: (place: Place) => readonly string[];
  /** The same by pins. */
  readonly pinOrderOf: (place: Place) => readonly string[];
};

/** What gives orders: the name of a map, undefined for none, and the keys of pins, the newest first. */
export type OrderGivers = { readonly map: string | undefined; readonly pins: readonly string[] };

/** The orders of these clusters. It remembers them. */
export function createPlaceOrders({ map, pins }: OrderGivers, clusters: ReadonlySet<string>): PlaceOrders {
  const mapOrders = createMapOrders(map, clusters);
  const ids = new Map<string, number>();
  // Places share what pins say of them.
  const orders = new WeakMap<NonNullable<Place['pinned']>, readonly string[]>();
  const pinOrderOf = (place: Place): readonly string[] => {
    const { pinned } = place;
    if (pinned === undefined || pins.length === 0) return [];
    const known = orders.get(pinned);
    if (known !== undefined) return known;
    const own = orderByPins({ policy: { pins }, client: place }).filter((one) => one === THE_REST || clusters.has(one));
    const order = own.length > 1 ? own : [];
    orders.set(pinned, order);
    return order;
  };
  return {
    idOf(place) {
      const [byMap, order] = [mapOrders.idOf(place), pinOrderOf(place)];
      // Even numbers are those of the map alone.
      if (order.length === 0) return 2 * byMap;
      const key = `${byMap} ${order.join('\n')}`;
      const id = ids.get(key) ?? ids.size;
      ids.set(key, id);
      return 2 * id + 1;
    },
    mapOrderOf: (place) => mapOrders.orderOf(mapOrders.idOf(place)),
    pinOrderOf,
  };
}
