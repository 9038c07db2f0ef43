import { differenceOf } from '../difference.ts';
import { type Gateway, type GatewayApiObject, isRoute, type ListenerSet } from '../gateway-api/objects.ts';
import type { Route } from '../gateway-api/routes.ts';
import { compareAskers } from '../order.ts';

/** An object that clusters can have in common. */
export type Comparable = Gateway | ListenerSet | Route;

/** Objects of the same kind, namespace and name in several clusters, by the rank of their cluster. */
export type Siblings = { readonly kind: string; readonly namespace: string; readonly name: string } & {
  /** Several only where a cluster has the name twice. */
  readonly cells: (Comparable | readonly Comparable[] | undefined)[];
  /** Whether something was different since it was taken last. */
  state: 'taken' | 'touched';
};

/** All objects of all clusters, each beside its siblings. */
export type SiblingIndex = {
  /** Takes the objects that a cluster has now. */
  update(rank: number, objects: readonly GatewayApiObject[]): void;
  /** Those with whom something was different since they were taken last. */
  take(): readonly Siblings[];
};

/** An empty index for this many clusters. */
export function createSiblingIndex(clusters: number): SiblingIndex {
  const byKind = new Map<string, Map<string, Map<string, Siblings>>>();
  const before: (readonly GatewayApiObject[])[] = [];
  let touched: Siblings[] = [];
  let last: { readonly kind: string; readonly namespace: string; readonly names: Map<string, Siblings> } | undefined;

  function namesOf(kind: string, namespace: string): Map<string, Siblings> {
    if (last?.kind === kind && last.namespace === namespace) return last.names;
    const byNamespace = byKind.get(kind) ?? new Map<string, Map<string, Siblings>>();
    byKind.set(kind, byNamespace);
    const names = byNamespace.get(namespace) ?? new Map<string, Siblings>();
    byNamespace.set(namespace, names);
    last = { kind, namespace, names };
    return names;
  }

  function put(rank: number, object: Comparable): void {
    const { kind, namespace, name } = object;
    const names = namesOf(kind, namespace);
    let known = names.get(name);
    if (known === undefined) {
      // Made in their full length: lists that grow take twice the memory.
      known = { kind, namespace, name, cells: Array.from({ length: clusters }, nothing), state: 'taken' };
      names.set(name, known);
    }
    const cell = known.cells[rank];
    known.cells[rank] = cell === undefined ? object : [...listOf(cell), object];
    touch(known);
  }

  function touch(siblings: Siblings): void {
    if (siblings.state === 'touched') return;
    siblings.state = 'touched';
    touched.push(siblings);
  }

  function drop(rank: number, object: Comparable): void {
    const names = namesOf(object.kind, object.namespace);
    const known = names.get(object.name);
    if (known === undefined) return;
    const rest = listOf(known.cells[rank]).filter((one) => one !== object);
    known.cells[rank] = rest.length > 1 ? rest : rest[0];
    touch(known);
    if (known.cells.every((one) => one === undefined)) names.delete(object.name);
  }

  return {
    update(rank, objects) {
      const { removed, added } = differenceOf(before[rank] ?? [], objects);
      before[rank] = objects;
      for (const object of removed) if (isComparable(object)) drop(rank, object);
      for (const object of added) if (isComparable(object)) put(rank, object);
    },
    take() {
      const taken = touched;
      touched = [];
      for (const siblings of taken) siblings.state = 'taken';
      return taken;
    },
  };
}

function isComparable(object: GatewayApiObject): object is Comparable {
  return isRoute(object) || 'listeners' in object;
}

/** The object that counts in a cell: the first by file and line. */
export function objectIn(cell: Siblings['cells'][number]): Comparable | undefined {
  return cell === undefined || !isList(cell) ? cell : cell.toSorted(compareAskers)[0];
}

function listOf(cell: Siblings['cells'][number]): readonly Comparable[] {
  if (cell === undefined) return [];
  return isList(cell) ? cell : [cell];
}

function isList(cell: Comparable | readonly Comparable[]): cell is readonly Comparable[] {
  return Array.isArray(cell);
}

function nothing(): undefined {
  return undefined;
}
