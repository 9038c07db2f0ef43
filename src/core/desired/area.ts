/** A place on Earth: degrees, north and east positive; ISO 3166-1 alpha-2 country or '' where unknown. */
export type Location = {
  readonly lat: number;
  readonly lon: number;
  readonly country: string;
  /** Two letters (AF AN AS EU NA OC SA) or '' where unknown. */
  readonly continent: string;
};

/** What a custom map says of a client: which of its rules speaks, from 1, whom it is for in a few words, and its clusters. */
export type Mapped = { readonly rule: number; readonly text: string; readonly clusters: readonly string[] };

/** What a pin says of a client: the pin's name, and the cluster that it sends the client to. */
export type Pinned = { readonly name: string; readonly cluster: string };

/**
 * Where a client is. `unknown`: the location database has nothing on the address. `mapped`: what custom maps say, by their
 * names; maps that say nothing, or all of them, are absent. `pinned`: the pins that hold the address, by their keys.
 */
export type Place = ({ readonly kind: 'unknown' } | ({ readonly kind: 'known' } & Location)) & {
  readonly mapped?: Readonly<Record<string, Mapped>>;
  readonly pinned?: Readonly<Record<string, Pinned>>;
};

/** A set of continents and countries. Both empty: no restriction at all. */
export type Area = { readonly continents: readonly string[]; readonly countries: readonly string[] };

/** The place of a client that the location database does not know. */
export const UNKNOWN_PLACE: Place = Object.freeze({ kind: 'unknown' });

/** The area that restricts nothing. */
export const EVERYWHERE: Area = Object.freeze({ continents: Object.freeze([]), countries: Object.freeze([]) });

/** Whether the area restricts anything. */
export function isRestricted(area: Area): boolean {
  return area.continents.length > 0 || area.countries.length > 0;
}

/** Whether a location lies in a restricted area; an unknown place lies in none. */
export function contains(area: Area, place: Place | Location): boolean {
  if ('kind' in place && place.kind === 'unknown') return false;
  return area.countries.includes(place.country) || area.continents.includes(place.continent);
}

const EARTH_RADIUS_KM = 6371.0088;
const RADIANS = Math.PI / 180;

/** Great-circle distance in kilometres, by the haversine formula on a sphere of the mean Earth radius. */
export function distanceKm(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const dLat = Math.sin(((b.lat - a.lat) * RADIANS) / 2);
  const dLon = Math.sin(((b.lon - a.lon) * RADIANS) / 2);
  const h = dLat * dLat + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * dLon * dLon;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}
