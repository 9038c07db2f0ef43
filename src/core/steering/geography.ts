/**
 * What makes a decision depend on where the client is: which endpoints the fences admit, and for `nearest` their order
 * by distance. Both are known before any health is, so places fall into classes: in one class every decision is equal,
 * whatever the states.
 */
import { type Area, contains, EVERYWHERE, isRestricted, type Place } from '../desired/area.ts';
import type { Endpoint, Policy } from '../desired/model.ts';
import { kmBetween, type Point, pointOf } from './proximity.ts';

/** Endpoints that no place can tell apart. */
type Site = {
  readonly point: Point;
  readonly bias: number;
  readonly inResidency: boolean;
  readonly serves: Area;
};

type Geography = {
  /** Whether distances decide: `nearest` with a choice of clusters. */
  readonly ordered: boolean;
  /** `EVERYWHERE` where the residency keeps no endpoint out. */
  readonly residency: Area;
  /**
   * By key, in order of the keys: the index of a site is the same for all hostnames of one geography. Where distances
   * decide, a key starts with the cluster's name and a line end, so that sites are ordered by cluster.
   */
  readonly sites: ReadonlyMap<string, Site>;
};

/** First code point for a site in a class key; below it, `UNPLACED` marks clients without distances. */
const FIRST_SITE = 0x40;
const UNPLACED = '?';

/** Whether any two clients can get different decisions because of where they are. */
export function dependsOnPlace(policy: Policy, endpoints: readonly Endpoint[]): boolean {
  return isOrdered(policy, endpoints) || isFenced(policy, endpoints);
}

/** Equal keys: `createClassifier` gives equal classifiers. '' where the place does not matter. */
export function geographyKey(policy: Policy, endpoints: readonly Endpoint[]): string {
  if (!dependsOnPlace(policy, endpoints)) return '';
  const { ordered, residency, sites } = geographyOf(policy, endpoints);
  return `${ordered ? 'ordered' : 'fenced'} ${areaKey(residency)}\n${[...sites.keys()].join('\n')}`;
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
 * point each, nearest first where distances decide. The classifier reuses its memory: call it from one place at a time.
 */
function createClassifier(policy: Policy, endpoints: readonly Endpoint[]): (place: Place) => string {
  if (!dependsOnPlace(policy, endpoints)) return () => '';
  const { ordered, order, sort } = createSiteOrder(policy, endpoints);
  return (place) => (ordered && place.kind === 'unknown' ? UNPLACED : '') + siteKeys(order, sort(place));
}

/** The sites of one geography, sorted for one place after the other. */
export type SiteOrder = {
  /** Whether distances decide: then known places have the nearest site first, else sites come in their own order. */
  readonly ordered: boolean;
  /** The sites admitted for the place sorted last. Written again by each `sort`. */
  readonly order: Uint32Array;
  /** Fills `order` and returns how many sites are admitted. */
  readonly sort: (place: Place) => number;
};

/** What a class is made of: `createClassifier` is this as text. */
export function createSiteOrder(policy: Policy, endpoints: readonly Endpoint[]): SiteOrder {
  const { ordered, residency, sites } = geographyOf(policy, endpoints);
  const all = [...sites.values()];
  const order = new Uint32Array(all.length);
  const km = new Float64Array(all.length);
  const sort = (place: Place): number => {
    const count = admit(all, residency, place, order);
    if (ordered && place.kind === 'known') {
      measure(all, pointOf(place), km);
      sortByDistance(order, count, km);
    }
    return count;
  };
  return { ordered, order, sort };
}

/** The site of each endpoint: its index is the same for all hostnames of one geography. */
export function sitesOf(policy: Policy, endpoints: readonly Endpoint[]): readonly number[] {
  const { ordered, sites } = geographyOf(policy, endpoints);
  const indexes = new Map([...sites.keys()].map((key, index) => [key, index]));
  return endpoints.map((endpoint) => indexes.get(siteKey(endpoint, policy.residency, ordered)) ?? 0);
}

/**
 * Equal keys and equal states of the candidates: equal decisions, by candidate index. Holds everything that steering
 * reads but the addresses themselves, of which only those that the last resort repeats matter.
 */
export function shapeKey(policy: Policy, endpoints: readonly Endpoint[]): string {
  const { steering, sticky, residency, answers, ttl, minHealthy, lastResort } = policy;
  const repeated =
    lastResort.kind === 'addresses'
      ? lastResort.addresses.map((address) => endpoints.flatMap((e, i) => (e.address === address ? [i] : [])))
      : [];
  const shapes = endpoints.map(({ cluster, family, weight, tier, bias, serves, location, unready }) => {
    const { lat, lon, country, continent } = location;
    return [cluster, family, weight, tier, bias, areaKey(serves), lat, lon, country, continent, unready !== undefined];
  });
  return JSON.stringify([
    [steering, sticky, areaKey(residency), answers, ttl, minHealthy.kind, minHealthy.value, lastResort, repeated],
    shapes,
  ]);
}

function isOrdered(policy: Policy, endpoints: readonly Endpoint[]): boolean {
  const first = endpoints[0]?.cluster;
  return policy.steering === 'nearest' && endpoints.some((endpoint) => endpoint.cluster !== first);
}

function isFenced(policy: Policy, endpoints: readonly Endpoint[]): boolean {
  return keepsOut(policy.residency, endpoints) || endpoints.some(({ serves }) => isRestricted(serves));
}

function keepsOut(residency: Area, endpoints: readonly Endpoint[]): boolean {
  return isRestricted(residency) && endpoints.some(({ location }) => !contains(residency, location));
}

function geographyOf(policy: Policy, endpoints: readonly Endpoint[]): Geography {
  const ordered = isOrdered(policy, endpoints);
  const residency = keepsOut(policy.residency, endpoints) ? policy.residency : EVERYWHERE;
  const found = new Map<string, Site>();
  for (const endpoint of endpoints) {
    const { bias, serves, location } = endpoint;
    const key = siteKey(endpoint, policy.residency, ordered);
    const inResidency = contains(policy.residency, location);
    if (!found.has(key)) found.set(key, { point: pointOf(location), bias, inResidency, serves });
  }
  const sites = new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ordered, residency, sites };
}

function siteKey({ cluster, bias, serves, location }: Endpoint, residency: Area, ordered: boolean): string {
  const fence = `${contains(residency, location) ? 'in' : 'out'} ${areaKey(serves)}`;
  return ordered ? [cluster, location.lat, location.lon, bias, fence].join('\n') : fence;
}

function areaKey({ continents, countries }: Area): string {
  return `${[...new Set(continents)].toSorted().join(',')}/${[...new Set(countries)].toSorted().join(',')}`;
}

/** Writes the indexes of the admitted sites, in order, and returns how many. */
function admit(sites: readonly Site[], residency: Area, place: Place, admitted: Uint32Array): number {
  const resident = contains(residency, place);
  let count = 0;
  for (let index = 0; index < sites.length; index++) {
    const { inResidency, serves } = sites[index]!;
    if (resident && !inResidency) continue;
    if (isRestricted(serves) && !contains(serves, place)) continue;
    admitted[count] = index;
    count += 1;
  }
  return count;
}

function measure(sites: readonly Site[], client: Point, km: Float64Array): void {
  for (let index = 0; index < sites.length; index++) {
    const { point, bias } = sites[index]!;
    km[index] = kmBetween(client, point) + bias;
  }
}

/** Insertion sort in place: tens of sites, a hundred thousand times. It is stable, so equals stay ordered by cluster. */
function sortByDistance(order: Uint32Array, count: number, km: Float64Array): void {
  for (let end = 1; end < count; end++) {
    const site = order[end]!;
    let at = end;
    while (at > 0 && km[site]! < km[order[at - 1]!]!) {
      order[at] = order[at - 1]!;
      at -= 1;
    }
    order[at] = site;
  }
}

function siteKeys(order: Uint32Array, count: number): string {
  let key = '';
  for (let i = 0; i < count; i++) key += String.fromCodePoint(FIRST_SITE + order[i]!);
  return key;
}
