import type { Endpoint, Hostname, Model } from '../desired/model.ts';
import { endpointUnder } from './laid-order.ts';
import { type NameList, nameListOf } from './name-bits.ts';
import { type Group, groupsOf, isAlike, isSame, standingOf } from './order-groups.ts';
import { isInForce, type Override, type Overrides, spanOfOverride } from './override.ts';
import { createPinOverlay } from './pin-overlay.ts';
import { isPin } from './pins.ts';
import { matcherIn } from './scope.ts';

/** Lays orders over models. It remembers: what is the same as last time is the very same object. */
export type OrderOverlay = {
  /**
   * The model with the orders in its endpoints and the pins in its policies; the model itself where none is about any.
   * `now` in ms since the epoch.
   */
  lay(model: Model, overrides: Overrides, now: number): Model;
};

/** When time alone changes what is laid next, in ms since the epoch; Infinity for never. */
export function ordersChangeAt(overrides: Overrides, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const override of overrides.values()) {
    const { from, until } = spanOfOverride(override);
    for (const moment of [from, until]) if (moment > now) next = Math.min(next, moment);
  }
  return next;
}

/** What was laid last on something, and which orders that was made of as they stood. */
type Laid<T> = { readonly orders: readonly Override[]; readonly phase: string; readonly value: T };

/** An overlay that has laid nothing yet. */
export function createOrderOverlay(): OrderOverlay {
  let layEndpoints = createEndpointOverlay();
  const layPins = createPinOverlay();
  let teams: Model['teams'];
  let list: NameList | undefined;
  return {
    lay(model, overrides, now) {
      if (overrides.size === 0) return model;
      const own = nameListOf(model.hostnames, list);
      list = own;
      // What was laid by owners that are others now is not known any more.
      if (teams !== model.teams) layEndpoints = createEndpointOverlay();
      teams = model.teams;
      const all = [...overrides.values()].toSorted(newestFirst);
      const laid = layEndpoints(
        model,
        all.filter((order) => !isPin(order)),
        own,
        now,
      );
      const pins = all.filter(isPin).filter((order) => isInForce(order, now));
      return layPins(laid, pins, (order) => matcherIn(order.scope, model.teams).reachIn(own));
    },
  };
}

/** Lays what is ordered about endpoints, the newest order first. */
function createEndpointOverlay() {
  const layList = createListOverlay();
  const hostnames = new WeakMap<Hostname, Laid<Hostname>>();
  let last: (Laid<Model> & { readonly of: Model }) | undefined;

  const layOne = (hostname: Hostname, place: number, group: Group, now: number): Hostname => {
    // Of most hostnames nothing is ordered.
    if (group.orders.length === 0) return hostname;
    const known = hostnames.get(hostname);
    if (known !== undefined && isSame(known, group)) return known.value;
    const endpoints = layList(hostname.endpoints, place, group, now);
    const isLaidAlike = known !== undefined && known.value.endpoints === endpoints;
    const value = isLaidAlike ? known.value : Object.freeze({ ...hostname, endpoints });
    const laid = endpoints === hostname.endpoints ? hostname : value;
    hostnames.set(hostname, { orders: group.orders, phase: group.phase, value: laid });
    return laid;
  };

  return (model: Model, orders: readonly Override[], list: NameList, now: number): Model => {
    if (orders.length === 0) {
      last = undefined;
      return model;
    }
    const standing = standingOf(orders, now);
    if (last?.of === model && isSame(last, standing)) return last.value;
    const groupAt = groupsOf(standing, model, list);
    const laid = model.hostnames.map((hostname, place) => layOne(hostname, place, groupAt(place), now));
    const before = last?.value.hostnames;
    const own = before !== undefined && isAlike(before, laid) ? before : Object.freeze(laid);
    const value = isAlike(own, model.hostnames) ? model : Object.freeze({ ...model, hostnames: own });
    last = { of: model, ...standing, value };
    return value;
  };
}

/** Lays orders over the endpoints of a hostname. Lists that hostnames share stay shared, where no order looks at names. */
function createListOverlay() {
  const endpoints = new WeakMap<Endpoint, Laid<Endpoint>>();
  const lists = new WeakMap<readonly Endpoint[], Laid<readonly Endpoint[]>>();

  const layEndpoint = (endpoint: Endpoint, orders: readonly Override[], now: number): Endpoint => {
    if (orders.length === 0) return endpoint;
    const standing = standingOf(orders, now);
    const known = endpoints.get(endpoint);
    if (known !== undefined && isSame(known, standing)) return known.value;
    const value = endpointUnder(endpoint, orders, now);
    endpoints.set(endpoint, { ...standing, value });
    return value;
  };

  return (list: readonly Endpoint[], place: number, group: Group, now: number): readonly Endpoint[] => {
    const known = lists.get(list);
    if (group.looksAt === 'endpoint' && known !== undefined && isSame(known, group)) return known.value;
    const laid = list.map((endpoint) => {
      const own = group.orders.filter((_, index) => group.reaches[index]!.fits(place, endpoint));
      return layEndpoint(endpoint, own, now);
    });
    const before = [list, known?.value].find((one) => one !== undefined && isAlike(one, laid));
    const value = before ?? Object.freeze(laid);
    lists.set(list, { orders: group.orders, phase: group.phase, value });
    return value;
  };
}

/** Of orders of the same moment the name decides, so that every director lays alike. */
function newestFirst(a: Override, b: Override): number {
  return b.at - a.at || (a.name < b.name ? -1 : 1);
}
