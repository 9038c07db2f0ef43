/**
 * Which places are alike to a steered name. Places of one class have the same sites within their fences and, where
 * distances decide, the same order and bands of them: so they get equal decisions, whatever the states.
 */
import type { Place } from '../desired/area.ts';
import type { Endpoint, Policy } from '../desired/model.ts';
import { createSiteOrder } from '../steering/geography.ts';
import type { ClassesPart } from './answer-table.ts';
import { sharedWords } from './answer-table.ts';
import { NONE, ORDER_SITES } from './layout.ts';
import { createTupleIndex } from './tuple-index.ts';

/** Places with the same sites within their fences, and the same orders by a custom map and pins. With equal states the same candidates are left for all of them. */
export type Fence = {
  /** A place behind it. */
  readonly sample: number;
  /** Whether distances decide there: not for clients whose place is unknown. */
  readonly ordered: boolean;
};

/** The classes of one geography over all places. */
export type PlaceClasses = {
  /** Place → class; undefined where the place does not matter and all are class 0. */
  readonly classOf: Uint32Array | undefined;
  /** The orders of all classes side by side, as in `layout.ts`. */
  readonly orders: Uint16Array;
  /** Words of an order. */
  readonly stride: number;
  readonly fences: readonly Fence[];
  /** How many sites the geography has. */
  readonly sites: number;
};

/** Most words of orders that 16 bits a place can point into. */
const MAX_NARROW_ORDERS = 2 ** 16;

/** The first word of a class: whether distances rank its sites, and this times the number of its order by a map and pins. */
const RANKED = 2;

/** Sorts all places into the classes of one geography; `key` is its `geographyKey`. */
export function placeClasses(
  key: string,
  { policy, endpoints }: { readonly policy: Policy; readonly endpoints: readonly Endpoint[] },
  places: readonly Place[],
): PlaceClasses {
  if (key === '') return NOWHERE;
  const { ordered, order, bandEnds, placeOrders, sort } = createSiteOrder(policy, endpoints);
  const classes = createTupleIndex();
  const fences = createFences();
  const classOf = new Uint32Array(places.length);
  const orders: number[] = [];
  const bandsAt = ORDER_SITES + order.length;
  const stride = bandsAt + bandEnds.length;
  const tuple = new Int32Array(1 + order.length + bandEnds.length);
  for (const [index, place] of places.entries()) {
    const count = sort(place);
    const isRanked = ordered && place.kind === 'known';
    tuple[0] = Number(isRanked) + RANKED * placeOrders.idOf(place);
    tuple.set(order, 1);
    const isBanded = isRanked && bandEnds.length > 0;
    if (isBanded) tuple.set(bandEnds, count + 1);
    const found = classes.idOf(tuple, isBanded ? 2 * count + 1 : count + 1);
    if (found * stride === orders.length) {
      const fence = fences.idOf(tuple.subarray(0, count + 1), index);
      orders.push(fence, isRanked ? count : 0, isBanded ? bandsAt : 0, ...order, ...bandEnds);
    }
    classOf[index] = found;
  }
  return Object.freeze({
    classOf,
    orders: Uint16Array.from(orders),
    stride,
    fences: fences.all,
    sites: order.length,
  });
}

/** Where the place does not matter all places are one class behind one fence. */
const NOWHERE: PlaceClasses = Object.freeze({
  classOf: undefined,
  orders: new Uint16Array(),
  stride: 0,
  fences: [{ sample: 0, ordered: false }],
  sites: 0,
});

/** Numbers fences: the sites of a class whatever their order by distance. */
function createFences() {
  const known = createTupleIndex();
  const all: Fence[] = [];
  const idOf = ([kind = 0, ...sites]: Iterable<number>, sample: number): number => {
    const id = known.idOf(Int32Array.of(kind, ...sites.toSorted((a, b) => a - b)), sites.length + 1);
    if (id === all.length) all.push({ sample, ordered: kind % RANKED === 1 });
    return id;
  };
  return { all, idOf };
}

/** The CLASSES part for these targets; `subnets`: any is sticky. Targets of one geography share its places and orders. */
export function classesPart(ofTarget: readonly PlaceClasses[], places: number, subnets: boolean): ClassesPart {
  const placed = new Map<PlaceClasses, { readonly base: number; readonly orders: number }>();
  let size = 0;
  for (const classes of ofTarget) {
    if (classes.classOf === undefined || placed.has(classes)) continue;
    placed.set(classes, { base: placed.size * places, orders: size });
    size += classes.orders.length;
  }
  const orders = new Uint16Array(new SharedArrayBuffer(size * Uint16Array.BYTES_PER_ELEMENT));
  const isNarrow = size <= MAX_NARROW_ORDERS;
  const octets = placed.size * places * (isNarrow ? Uint16Array.BYTES_PER_ELEMENT : Uint32Array.BYTES_PER_ELEMENT);
  const memory = new SharedArrayBuffer(octets);
  const orderOf = isNarrow ? new Uint16Array(memory) : new Uint32Array(memory);
  for (const [{ classOf, orders: own, stride }, { base, orders: first }] of placed) {
    orders.set(own, first);
    for (let place = 0; place < places; place++) orderOf[base + place] = first + (classOf?.[place] ?? 0) * stride;
  }
  return Object.freeze({
    base: sharedWords(ofTarget.map((classes) => placed.get(classes)?.base ?? NONE)),
    orderOf,
    orders,
    subnets,
  });
}
