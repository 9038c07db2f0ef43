import { compareAskers } from '../order.ts';
import type { Report } from '../report.ts';
import type { BackingObject } from './backing.ts';
import { idOf, originOf } from './metadata.ts';
import { type Gateway, type GatewayApiObject, isRoute, type ListenerSet, type Namespace } from './objects.ts';
import type { Route } from './routes.ts';

/** What one cluster's picture holds, by kind. */
export type ClusterObjects = {
  readonly gateways: readonly Gateway[];
  readonly listenerSets: readonly ListenerSet[];
  readonly routes: readonly Route[];
  /** By name. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** What says whether Routes lead to something. */
  readonly backing: readonly BackingObject[];
  readonly duplicates: number;
};

/** The objects of a cluster by kind. Of objects with the same kind and name the first counts; it is reported. */
export function sortObjects(objects: readonly GatewayApiObject[], report: Report): ClusterObjects {
  const gateways: Gateway[] = [];
  const listenerSets: ListenerSet[] = [];
  const routes: Route[] = [];
  const namespaces = new Map<string, Namespace>();
  const backing: BackingObject[] = [];
  const { kept, duplicates } = eachOnce(objects, report);
  for (const object of kept) {
    if (isRoute(object)) routes.push(object);
    else if (object.kind === 'Gateway') gateways.push(object);
    else if (object.kind === 'Namespace') namespaces.set(object.name, object);
    else if ('listeners' in object) listenerSets.push(object);
    else backing.push(object);
  }
  return { gateways, listenerSets, routes, namespaces, backing, duplicates };
}

/** Without those that another one comes before. */
function eachOnce(
  objects: readonly GatewayApiObject[],
  report: Report,
): { readonly kept: readonly GatewayApiObject[]; readonly duplicates: number } {
  if (areUnique(objects)) return { kept: objects, duplicates: 0 };
  const byKey = new Map<string, GatewayApiObject>();
  for (const object of objects) {
    const key = `${object.kind} ${idOf(object)}`;
    const known = byKey.get(key);
    const isFirst = known === undefined || compareAskers(object, known) < 0;
    if (isFirst) byKey.set(key, object);
    const loser = isFirst ? known : object;
    if (loser === undefined) continue;
    report.add('object-duplicate', originOf(loser), `${key} exists more than once; the first counts`);
  }
  return { kept: [...byKey.values()], duplicates: objects.length - byKey.size };
}

/** Whether no two have the same kind and name. Putting kind, namespace and name together would take most of the time. */
function areUnique(objects: readonly GatewayApiObject[]): boolean {
  const byKind = new Map<string, Map<string, Set<string>>>();
  let last: { readonly kind: string; readonly namespace: string; readonly names: Set<string> } | undefined;
  for (const { kind, namespace, name } of objects) {
    if (last?.kind !== kind || last.namespace !== namespace) {
      const byNamespace = byKind.get(kind) ?? new Map<string, Set<string>>();
      const names = byNamespace.get(namespace) ?? new Set<string>();
      byKind.set(kind, byNamespace.set(namespace, names));
      last = { kind, namespace, names };
    }
    const size = last.names.size;
    if (last.names.add(name).size === size) return false;
  }
  return true;
}
