/** What the rules of a custom map mean to one hostname: few orders of its clusters, which places share. */
import type { Place } from '../desired/area.ts';
import { THE_REST } from '../desired/maps/client-map.ts';
import { isExclusive, mappedBy, positionIn } from './filters/map.ts';

/** The orders of the clusters that places have by a map. */
export type MapOrders = {
  /** The number of a place's order, from 1 as orders come up; 0 where the map makes no difference there. */
  readonly idOf: (place: Place) => number;
  /** The order of a number but 0: clusters of the hostname and `*`. */
  readonly orderOf: (id: number) => readonly string[];
};

/** The orders that a map, undefined for none, makes of these clusters. It remembers them: equal orders have one number. */
export function createMapOrders(map: string | undefined, clusters: ReadonlySet<string>): MapOrders {
  const ids = new Map<string, number>();
  const orders: (readonly string[])[] = [];
  const known = new Map<readonly string[], number>();
  const numbered = (listed: readonly string[]): number => {
    const order = listed.filter((cluster) => cluster === THE_REST || clusters.has(cluster));
    if (!order.some((cluster) => cluster !== THE_REST)) return 0;
    const key = order.join('\n');
    const id = ids.get(key) ?? orders.push(order);
    ids.set(key, id);
    return id;
  };
  return {
    idOf(place) {
      if (map === undefined) return 0;
      const listed = mappedBy({ policy: { map }, client: place })?.clusters;
      if (listed === undefined) return 0;
      const id = known.get(listed) ?? numbered(listed);
      known.set(listed, id);
      return id;
    },
    orderOf: (id) => orders[id - 1] ?? [],
  };
}

/** Whether a cluster is kept out of an order where these are admitted. */
export function keptOut(order: readonly string[], admitted: Iterable<string>): (cluster: string) => boolean {
  const isClosed = isExclusive(order, admitted);
  return (cluster) => isClosed && positionIn(order, cluster) === order.length;
}
