import type { Endpoint, Hostname, Model } from '../desired/model.ts';
import { ownershipOf } from '../desired/teams/ownership.ts';
import { NO_TEAMS, type TeamSpec } from '../desired/teams/team.ts';
import { endpointUnder } from './laid-order.ts';
import { isInForce, type Override, type Overrides, spanOfOverride } from './override.ts';
import { createPinOverlay } from './pin-overlay.ts';
import { isPin } from './pins.ts';
import { type Matcher, matcherOf } from './scope.ts';

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

/** The orders that are not over, the newest first, and whether each has begun. */
type Standing = { readonly orders: readonly Override[]; readonly phase: string };

/** An overlay that has laid nothing yet. */
export function createOrderOverlay(): OrderOverlay {
  let matching = createMatching(NO_TEAMS);
  const layEndpoints = createEndpointOverlay();
  const layPins = createPinOverlay();
  return {
    lay(model, overrides, now) {
      if (overrides.size === 0) return model;
      const teams = model.teams ?? NO_TEAMS;
      if (matching.teams !== teams) matching = createMatching(teams);
      const all = [...overrides.values()].toSorted(newestFirst);
      const laid = layEndpoints(
        model,
        all.filter((order) => !isPin(order)),
        matching,
        now,
      );
      const pins = all.filter(isPin).filter((order) => isInForce(order, now));
      return layPins(
        laid,
        pins.map((order) => ({ order, matcher: matching.matcherOf(order) })),
      );
    },
  };
}

type Matching = ReturnType<typeof createMatching>;

/** Lays what is ordered about endpoints, the newest order first. */
function createEndpointOverlay() {
  const layList = createListOverlay();
  const hostnames = new WeakMap<Hostname, Laid<Hostname>>();
  let last: (Laid<Model> & { readonly of: Model }) | undefined;

  const layOne = (hostname: Hostname, standing: Standing, matchers: readonly Matcher[], now: number): Hostname => {
    const known = hostnames.get(hostname);
    if (known !== undefined && isSame(known, standing)) return known.value;
    const endpoints = layList(hostname, standing, matchers, now);
    const isLaidAlike = known !== undefined && known.value.endpoints === endpoints;
    const value = isLaidAlike ? known.value : Object.freeze({ ...hostname, endpoints });
    const laid = endpoints === hostname.endpoints ? hostname : value;
    hostnames.set(hostname, { ...standing, value: laid });
    return laid;
  };

  return (model: Model, orders: readonly Override[], matching: Matching, now: number): Model => {
    if (orders.length === 0) {
      last = undefined;
      return model;
    }
    const standing = standingOf(orders, now);
    if (last?.of === model && isSame(last, standing)) return last.value;
    const matchers = standing.orders.map(matching.matcherOf);
    const laid = model.hostnames.map((hostname) => layOne(hostname, standing, matchers, now));
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

  return (hostname: Hostname, standing: Standing, matchers: readonly Matcher[], now: number): readonly Endpoint[] => {
    const list = hostname.endpoints;
    const isShared = matchers.every(({ looksAt }) => looksAt === 'endpoint');
    const known = lists.get(list);
    if (isShared && known !== undefined && isSame(known, standing)) return known.value;
    const laid = list.map((endpoint) => {
      const own = standing.orders.filter((_, index) => matchers[index]!.fits(hostname, endpoint));
      return layEndpoint(endpoint, own, now);
    });
    const before = [list, known?.value].find((one) => one !== undefined && isAlike(one, laid));
    const value = before ?? Object.freeze(laid);
    lists.set(list, { ...standing, value });
    return value;
  };
}

function createMatching(teams: readonly TeamSpec[]) {
  const ownership = ownershipOf(teams);
  const known = new WeakMap<Override, Matcher>();
  const matcherFor = (order: Override): Matcher => {
    const matcher = known.get(order) ?? matcherOf(order.scope, (name) => ownership.ownerOf(name)?.name);
    known.set(order, matcher);
    return matcher;
  };
  return { teams, matcherOf: matcherFor };
}

function standingOf(orders: readonly Override[], now: number): Standing {
  const left = orders.filter((one) => spanOfOverride(one).until > now);
  return { orders: left, phase: left.map((one) => Number(spanOfOverride(one).from <= now)).join('') };
}

/** Of orders of the same moment the name decides, so that every director lays alike. */
function newestFirst(a: Override, b: Override): number {
  return b.at - a.at || (a.name < b.name ? -1 : 1);
}

function isSame(known: Standing, now: Standing): boolean {
  return known.phase === now.phase && isAlike(known.orders, now.orders);
}

function isAlike(some: readonly object[], others: readonly object[]): boolean {
  return some === others || (some.length === others.length && some.every((one, index) => one === others[index]));
}
