/**
 * What makes a decision depend on where the client is: which endpoints the fences admit, the orders that a custom map and pins
 * give them, and for `nearest` their order by distance. All are known before any health is, so places fall into classes: in one class every decision is equal,
 * whatever the states.
 */
import type { Place } from '../desired/area.ts';
import type { Endpoint, Policy } from '../desired/model.ts';
import { ORDER_OF, PRESET_PREFERENCES } from '../desired/steering-chain.ts';
import { measure, measureBands, sortByDistance } from './distance-order.ts';
import { createPlaceOrders, type PlaceOrders } from './place-orders.ts';
import { pointOf } from './proximity.ts';
import { admit, areaKey, dependsOnPlace, geographyOf, narrow, siteKey } from './sites.ts';

export { dependsOnPlace } from './sites.ts';

/** First code point for a site in a class key; below it, `UNPLACED` marks clients without distances. */
const FIRST_SITE = 0x40;
const UNPLACED = '?';

/** Equal keys: `createClassifier` gives equal classifiers. '' where the place does not matter. */
export function geographyKey(policy: Policy, endpoints: readonly Endpoint[]): string {
  if (!dependsOnPlace(policy, endpoints)) return '';
  const { ordered, band, map = '', pins, residency, sites } = geographyOf(policy, endpoints);
  return `${ordered ? `ordered ${band}` : 'fenced'} ${map} ${pins.join()} ${areaKey(residency)}\n${[...sites.keys()].join('\n')}`;
}

/** The class of one place for one hostname. For many places, `createClassifier` once. */
export function placeKey(
  hostname: { readonly policy: Policy; readonly endpoints: readonly Endpoint[] },
  place: Place,
): string {
  return createClassifier(hostname.policy, hostname.endpoints)(place);
}

/**
 * Place → class. Places of one class get equal decisions, whatever the states. A key lists the admitted sites, one code
 * point each, nearest first where distances decide, then where the band of each ends, behind the orders of pins and of the map if any.
 * The classifier reuses its memory: call it from one place at a time.
 */
function createClassifier(policy: Policy, endpoints: readonly Endpoint[]): (place: Place) => string {
  if (!dependsOnPlace(policy, endpoints)) return () => '';
  const { ordered, order, bandEnds, placeOrders, sort } = createSiteOrder(policy, endpoints);
  return (place) => {
    const count = sort(place);
    const given = [...placeOrders.pinOrderOf(place), '', ...placeOrders.mapOrderOf(place)];
    const wished = given.length > 1 ? given.map((cluster) => `${cluster}\n`).join('') : '';
    const sites = wished + siteKeys(order, count);
    if (place.kind === 'unknown') return (ordered ? UNPLACED : '') + sites;
    return sites + siteKeys(bandEnds, Math.min(count, bandEnds.length));
  };
}

/** The sites of one geography, sorted for one place after the other. */
export type SiteOrder = {
  /** Whether distances decide: then known places have the nearest site first, else sites come in their own order. */
  readonly ordered: boolean;
  /** The sites admitted for the place sorted last. Written again by each `sort`. */
  readonly order: Uint32Array;
  /**
   * For each rank in `order`, of known places: the rank behind the last site that is hardly farther than the one there.
   * Without elements where there is no band.
   */
  readonly bandEnds: Uint32Array;
  /** The orders that the custom map and pins give the clusters, whoever is left of them. */
  readonly placeOrders: PlaceOrders;
  /** Fills `order` and `bandEnds` and returns how many sites are admitted. */
  readonly sort: (place: Place) => number;
};

/** What a class is made of: `createClassifier` is this as text. */
export function createSiteOrder(policy: Policy, endpoints: readonly Endpoint[]): SiteOrder {
  const { ordered, band, map, pins, residency, sites } = geographyOf(policy, endpoints);
  const all = [...sites.values()];
  const placeOrders = createPlaceOrders({ map, pins }, new Set(all.map(({ cluster }) => cluster)));
  const order = new Uint32Array(all.length);
  const bandEnds = new Uint32Array(band > 0 ? all.length : 0);
  const km = new Float64Array(all.length);
  const sort = (place: Place): number => {
    const count = narrow(all, placeOrders.mapOrderOf(place), order, admit(all, residency, place, order));
    if (ordered && place.kind === 'known') {
      measure(all, pointOf(place), km);
      sortByDistance(order, count, km);
      if (band > 0) measureBands(order, count, km, { band, ends: bandEnds });
    }
    return count;
  };
  return { ordered, order, bandEnds, placeOrders, sort };
}

/** The site of each endpoint: its index is the same for all hostnames of one geography. */
export function sitesOf(policy: Policy, endpoints: readonly Endpoint[]): readonly number[] {
  const { grain, sites } = geographyOf(policy, endpoints);
  const indexes = new Map([...sites.keys()].map((key, index) => [key, index]));
  return endpoints.map((endpoint) => indexes.get(siteKey(endpoint, policy.residency, grain)) ?? 0);
}

/**
 * Equal keys and equal states of the candidates: equal decisions, by candidate index. Holds everything that steering
 * reads but the addresses themselves, of which only those that the last resort repeats matter.
 */
export function shapeKey(policy: Policy, endpoints: readonly Endpoint[]): string {
  const { steering, preferred = PRESET_PREFERENCES } = policy;
  const {
    sticky,
    nearestBand,
    map = '',
    residency,
    answers,
    ttl,
    stableTtl,
    minHealthy,
    lastResort,
    rollout,
    pins,
  } = policy;
  const repeated =
    lastResort.kind === 'addresses'
      ? lastResort.addresses.map((address) => endpoints.flatMap((e, i) => (e.address === address ? [i] : [])))
      : [];
  const shapes = endpoints.map(({ cluster, family, weight, tier, bias, serves, location, unready }) => {
    const { lat, lon, country, continent } = location;
    return [cluster, family, weight, tier, bias, areaKey(serves), lat, lon, country, continent, unready !== undefined];
  });
  return JSON.stringify([
    [
      // Presets of the same steps are one.
      ORDER_OF[steering],
      preferred.join(),
      sticky,
      nearestBand,
      map,
      areaKey(residency),
      answers,
      ttl,
      stableTtl ?? ttl,
      minHealthy.kind,
      minHealthy.value,
      lastResort,
      repeated,
      rollout === undefined ? [] : [rollout.percent, rollout.from, rollout.to],
      pins ?? [],
    ],
    shapes,
  ]);
}

function siteKeys(order: Uint32Array, count: number): string {
  let key = '';
  for (let i = 0; i < count; i++) key += String.fromCodePoint(FIRST_SITE + order[i]!);
  return key;
}
