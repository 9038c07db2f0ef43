import type { Finding } from '../../core/desired/finding.ts';
import { type AnnotationList, NO_ANNOTATIONS } from '../../core/desired/gateway-api/metadata.ts';
import type { GatewayApiObject } from '../../core/desired/gateway-api/objects.ts';
import type { ParentRef, Route } from '../../core/desired/gateway-api/routes.ts';

/** Numbers of one Route in `routes`, in this order: positions in the tables, and how many hostnames it takes. */
export const ROUTE_NUMBERS = 6;
/** Kinds of Routes by their number. */
export const ROUTE_KINDS: readonly Route['kind'][] = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'];
/** In place of a count: the Route gives no hostnames. */
export const ANY_HOSTNAMES = -1;

/**
 * Some objects of one manifest, as they cross from a thread: structured cloning of the objects themselves would take
 * longer than parsing them. Routes are columns; what many of them share is sent once for the whole manifest, the first
 * time that it is needed, and named by its position in a table from then on.
 */
export type ObjectBatch = {
  /** All objects but Routes; and Routes with what few have. */
  readonly others: readonly GatewayApiObject[];
  /** Of each Route: line, kind, namespace, annotations, parents, number of hostnames. */
  readonly routes: Int32Array<ArrayBuffer>;
  readonly names: readonly string[];
  /** Of all Routes, one after the other. */
  readonly hostnames: readonly string[];
  /** What is added to the tables. */
  readonly namespaces: readonly string[];
  readonly annotations: readonly AnnotationList[];
  readonly parents: readonly (readonly ParentRef[])[];
  readonly findings: readonly Finding[];
};

/** Packs the objects of one manifest into batches. */
export type ObjectPacker = {
  add(object: GatewayApiObject): void;
  addFindings(findings: readonly Finding[]): void;
  /** How many objects the next batch has. */
  readonly size: number;
  /** What was added since the last batch. */
  take(): ObjectBatch;
};

/** A packer for one manifest, with empty tables. */
export function createObjectPacker(): ObjectPacker {
  const namespaces = createTable<string>((namespace) => namespace);
  const annotations = createTable<AnnotationList>((list) => (list === NO_ANNOTATIONS ? '' : JSON.stringify(list)));
  const parents = createTable<readonly ParentRef[]>(keyOfParents);
  let others: GatewayApiObject[] = [];
  let routes: number[] = [];
  let names: string[] = [];
  let hostnames: string[] = [];
  let findings: Finding[] = [];

  const addRoute = (route: Route): void => {
    const { origin, kind, namespace, name } = route;
    const count = route.hostnames === 'any' ? ANY_HOSTNAMES : route.hostnames.length;
    routes.push(origin.line ?? 0, ROUTE_KINDS.indexOf(kind), namespaces.place(namespace));
    routes.push(annotations.place(route.annotations), parents.place(route.parents), count);
    names.push(name);
    if (route.hostnames !== 'any') for (const hostname of route.hostnames) hostnames.push(hostname);
  };

  return {
    add(object) {
      if ('parents' in object && object.backends === undefined) addRoute(object);
      else others.push(object);
    },
    addFindings(more) {
      for (const each of more) findings.push(each);
    },
    get size() {
      return names.length + others.length;
    },
    take() {
      const columns = { others, routes: Int32Array.from(routes), names, hostnames, findings };
      [others, routes, names, hostnames, findings] = [[], [], [], [], []];
      return { ...columns, namespaces: namespaces.take(), annotations: annotations.take(), parents: parents.take() };
    },
  };
}

/** Equal values at one place each, in the order in which they come. */
function createTable<T>(keyOf: (value: T) => string) {
  const places = new Map<string, number>();
  let fresh: T[] = [];
  return {
    place(value: T): number {
      const key = keyOf(value);
      let place = places.get(key);
      if (place === undefined) {
        place = places.size;
        places.set(key, place);
        fresh.push(value);
      }
      return place;
    },
    take(): readonly T[] {
      const taken = fresh;
      fresh = [];
      return taken;
    },
  };
}

/** Most Routes have one parent, without a section and a port. Object names have no white space. */
function keyOfParents(parents: readonly ParentRef[]): string {
  const [only] = parents;
  const isPlain = parents.length === 1 && only?.section === undefined && only?.unmet === undefined;
  if (!isPlain || only === undefined) return JSON.stringify(parents);
  return `${only.kind} ${only.port ?? ''} ${only.namespace}/${only.name}`;
}
