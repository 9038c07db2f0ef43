import type { Location } from './area.ts';
import { CENTROIDS } from './centroids.ts';
import { continentOf } from './countries.ts';

/** Where a cluster is before its nodes said so: in no country, so that no fence lets it in. */
export const SOMEWHERE: Location = Object.freeze({ lat: 0, lon: 0, country: '', continent: '' });

/** Degrees with at most ten decimals. */
const DEGREES = /^-?\d{1,3}(?:\.\d{1,10})?$/;

/**
 * A location of one line: latitude, longitude and ISO 3166-1 country, such as `50.11,8.68,DE`, or a country alone, whose
 * middle counts. Undefined where it is neither.
 */
export function parseLocation(text: string): Location | undefined {
  const parts = text.split(',').map((part) => part.trim());
  const country = (parts.at(-1) ?? '').toUpperCase();
  const continent = /^[A-Z]{2}$/.test(country) ? continentOf(country) : '';
  if (continent === '') return undefined;
  if (parts.length === 1) {
    const middle = Object.hasOwn(CENTROIDS, country) ? CENTROIDS[country] : undefined;
    return middle && Object.freeze({ lat: middle[0], lon: middle[1], country, continent });
  }
  const [lat, lon] = parts.slice(0, -1).map((part) => (DEGREES.test(part) ? Number(part) : Number.NaN));
  if (parts.length !== 3 || lat === undefined || lon === undefined) return undefined;
  if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 180)) return undefined;
  return Object.freeze({ lat, lon, country, continent });
}
