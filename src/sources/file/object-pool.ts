import { deepFreeze } from '../../core/desired/freeze.ts';
import { type AnnotationList, NO_ANNOTATIONS } from '../../core/desired/gateway-api/metadata.ts';
import type { GatewayApiObject } from '../../core/desired/gateway-api/objects.ts';
import type { ParentRef, Route } from '../../core/desired/gateway-api/routes.ts';
import { ANY_HOSTNAMES, type ObjectBatch, ROUTE_KINDS, ROUTE_NUMBERS } from './object-batch.ts';

/** Unpacks the batches of one manifest, in their order. */
type ObjectUnpacker = (batch: ObjectBatch, file: string) => readonly GatewayApiObject[];

/**
 * Rebuilds objects, so that equal parts of objects of all clusters are one: a fleet has the same names and hostnames in
 * many of them.
 */
export type ObjectPool = {
  unpacker(): ObjectUnpacker;
  /** Forgets all parts: those that come later are not compared with them. */
  clear(): void;
};

type RouteName = { readonly name: string; readonly hostnames: Route['hostnames'] };

/** An empty pool. */
export function createObjectPool(): ObjectPool {
  const routes = new Map<string, RouteName>();
  const namespaces = new Map<string, string>();
  const annotations = new Map<string, AnnotationList>([['[]', NO_ANNOTATIONS]]);
  const parents = new Map<string, readonly ParentRef[]>();

  const partOf = <T>(parts: Map<string, T>, key: string, part: T): T => {
    const known = parts.get(key);
    if (known === undefined) parts.set(key, deepFreeze(part));
    return known ?? part;
  };
  /** One search for both: where a Route's name is the same in another cluster, its hostnames mostly are, too. */
  const routeOf = (name: string, batch: ObjectBatch, from: number, count: number): RouteName => {
    const known = routes.get(name);
    if (known !== undefined && isList(known.hostnames, batch.hostnames, from, count)) return known;
    const hostnames: Route['hostnames'] =
      count === ANY_HOSTNAMES ? 'any' : Object.freeze(batch.hostnames.slice(from, from + count));
    const route = { name: known?.name ?? name, hostnames };
    routes.set(route.name, route);
    return route;
  };

  return {
    unpacker() {
      const namespaceList: string[] = [];
      const annotationLists: AnnotationList[] = [];
      const parentLists: (readonly ParentRef[])[] = [];
      return (batch, file) => {
        for (const each of batch.namespaces) namespaceList.push(partOf(namespaces, each, each));
        for (const each of batch.annotations) annotationLists.push(partOf(annotations, JSON.stringify(each), each));
        for (const each of batch.parents) parentLists.push(partOf(parents, JSON.stringify(each), each));
        const objects: GatewayApiObject[] = batch.others.map((other) => deepFreeze(other));
        let hostname = 0;
        for (const [index, name] of batch.names.entries()) {
          const numbers = index * ROUTE_NUMBERS;
          const count = batch.routes[numbers + 5]!;
          const route = routeOf(name, batch, hostname, count);
          const origin = Object.freeze({ file, line: batch.routes[numbers]! });
          objects.push(
            Object.freeze({
              kind: ROUTE_KINDS[batch.routes[numbers + 1]!]!,
              namespace: namespaceList[batch.routes[numbers + 2]!]!,
              name: route.name,
              origin,
              annotations: annotationLists[batch.routes[numbers + 3]!]!,
              parents: parentLists[batch.routes[numbers + 4]!]!,
              hostnames: route.hostnames,
            }),
          );
          if (count > 0) hostname += count;
        }
        return objects;
      };
    },
    clear() {
      for (const parts of [routes, namespaces, annotations, parents]) parts.clear();
    },
  };
}

function isList(known: Route['hostnames'], hostnames: readonly string[], from: number, count: number): boolean {
  if (known === 'any') return count === ANY_HOSTNAMES;
  if (known.length !== count) return false;
  for (let index = 0; index < count; index++) if (known[index] !== hostnames[from + index]) return false;
  return true;
}
