import type { Endpoint } from '../desired/model.ts';

/**
 * A place as a point on the unit sphere. The distance of two points needs one root and one arcsine, where latitudes and
 * longitudes need four more sines: with 100,000 places and 50 clusters that is most of the work.
 */
export type Point = { readonly x: number; readonly y: number; readonly z: number };

const RADIANS = Math.PI / 180;
const EARTH_DIAMETER_KM = 2 * 6371.0088;

/** The point of a latitude and longitude in degrees. */
export function pointOf({ lat, lon }: { readonly lat: number; readonly lon: number }): Point {
  const ring = Math.cos(lat * RADIANS);
  return { x: ring * Math.cos(lon * RADIANS), y: ring * Math.sin(lon * RADIANS), z: Math.sin(lat * RADIANS) };
}

/** Great-circle distance in kilometres, from the chord between the points; accurate for near ones too. */
export function kmBetween(a: Point, b: Point): number {
  const x = a.x - b.x;
  const y = a.y - b.y;
  const z = a.z - b.z;
  const halfChord = Math.sqrt(x * x + y * y + z * z) / 2;
  // What is no number counts as the antipode, so that any two distances can be compared.
  return EARTH_DIAMETER_KM * Math.asin(Number.isNaN(halfChord) ? 1 : Math.min(1, halfChord));
}

/** How far an endpoint is from a client for steering: kilometres plus its bias. May be negative. */
export function effectiveKm(client: Point, endpoint: Endpoint): number {
  return kmBetween(client, pointOf(endpoint.location)) + endpoint.bias;
}
