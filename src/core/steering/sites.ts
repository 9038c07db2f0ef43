/** What a place can tell apart of a hostname: its sites, and which of them are admitted where. */
import { type Area, contains, EVERYWHERE, isRestricted, type Place } from '../desired/area.ts';
import type { Endpoint, Policy } from '../desired/model.ts';
import { keptOut } from './map-orders.ts';
import { type Point, pointOf } from './proximity.ts';

/** Endpoints that no place can tell apart. */
export type Site = {
  readonly cluster: string;
  readonly point: Point;
  readonly bias: number;
  readonly inResidency: boolean;
  readonly serves: Area;
};

/** What of a hostname is about places. */
export type Geography = {
  /** Whether distances decide: `nearest` with a choice of clusters. */
  readonly ordered: boolean;
  /** Kilometres within which sites count as equally near; 0 where the nearest alone counts. */
  readonly band: number;
  /** The custom map, where there is a choice of clusters for it. */
  readonly map: string | undefined;
  /** The keys of the pins, the newest first, where there is a choice of clusters for them. */
  readonly pins: readonly string[];
  /** What makes endpoints different sites. */
  readonly grain: Grain;
  /** `EVERYWHERE` where the residency keeps no endpoint out. */
  readonly residency: Area;
  /**
   * By key, in order of the keys: the index of a site is the same for all hostnames of one geography. Where distances,
   * a map or pins decide, a key starts with the cluster's name and a line end, so that sites are ordered by cluster.
   */
  readonly sites: ReadonlyMap<string, Site>;
};

/** Whether any two clients can get different decisions because of where they are. */
export function dependsOnPlace(policy: Policy, endpoints: readonly Endpoint[]): boolean {
  return (
    isOrdered(policy, endpoints) ||
    isMapped(policy, endpoints) ||
    isPinned(policy, endpoints) ||
    isFenced(policy, endpoints)
  );
}

function isOrdered(policy: Policy, endpoints: readonly Endpoint[]): boolean {
  return policy.steering === 'nearest' && hasChoice(endpoints);
}

function isMapped(policy: Policy, endpoints: readonly Endpoint[]): boolean {
  return policy.map !== undefined && hasChoice(endpoints);
}

function isPinned(policy: Policy, endpoints: readonly Endpoint[]): boolean {
  return policy.pins !== undefined && hasChoice(endpoints);
}

function hasChoice(endpoints: readonly Endpoint[]): boolean {
  const first = endpoints[0]?.cluster;
  return endpoints.some((endpoint) => endpoint.cluster !== first);
}

function isFenced(policy: Policy, endpoints: readonly Endpoint[]): boolean {
  return keepsOut(policy.residency, endpoints) || endpoints.some(({ serves }) => isRestricted(serves));
}

function keepsOut(residency: Area, endpoints: readonly Endpoint[]): boolean {
  return isRestricted(residency) && endpoints.some(({ location }) => !contains(residency, location));
}

/** The geography of a hostname. */
export function geographyOf(policy: Policy, endpoints: readonly Endpoint[]): Geography {
  const ordered = isOrdered(policy, endpoints);
  const band = ordered ? policy.nearestBand : 0;
  const map = isMapped(policy, endpoints) ? policy.map : undefined;
  const pins = isPinned(policy, endpoints) ? (policy.pins ?? []) : [];
  const grain = ordered ? 'site' : map === undefined && pins.length === 0 ? 'fence' : 'cluster';
  const residency = keepsOut(policy.residency, endpoints) ? policy.residency : EVERYWHERE;
  const found = new Map<string, Site>();
  for (const endpoint of endpoints) {
    const { cluster, bias, serves, location } = endpoint;
    const key = siteKey(endpoint, policy.residency, grain);
    const inResidency = contains(policy.residency, location);
    if (!found.has(key)) found.set(key, { cluster, point: pointOf(location), bias, inResidency, serves });
  }
  const sites = new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ordered, band, map, pins, grain, residency, sites };
}

/** What tells endpoints apart: everything, the cluster and its fences, or the fences alone. */
type Grain = 'site' | 'cluster' | 'fence';

/** The key of the site of an endpoint. */
export function siteKey({ cluster, bias, serves, location }: Endpoint, residency: Area, grain: Grain): string {
  const fence = `${contains(residency, location) ? 'in' : 'out'} ${areaKey(serves)}`;
  if (grain === 'fence') return fence;
  return grain === 'cluster'
    ? [cluster, fence].join('\n')
    : [cluster, location.lat, location.lon, bias, fence].join('\n');
}

/** Equal areas have equal keys. */
export function areaKey({ continents, countries }: Area): string {
  return `${[...new Set(continents)].toSorted().join(',')}/${[...new Set(countries)].toSorted().join(',')}`;
}

/** Writes the indexes of the admitted sites, in order, and returns how many. */
export function admit(sites: readonly Site[], residency: Area, place: Place, admitted: Uint32Array): number {
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

/** Takes out of the first `count` sites those that a map's order keeps out, and returns how many are left. */
export function narrow(sites: readonly Site[], order: readonly string[], admitted: Uint32Array, count: number): number {
  if (order.length === 0) return count;
  const clusters = Array.from(admitted.subarray(0, count), (site) => sites[site]!.cluster);
  const isOut = keptOut(order, clusters);
  let left = 0;
  for (let rank = 0; rank < count; rank++) {
    if (isOut(clusters[rank]!)) continue;
    admitted[left] = admitted[rank]!;
    left += 1;
  }
  return left;
}
