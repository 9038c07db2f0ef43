import { type Location, type Place, UNKNOWN_PLACE } from '../core/desired/area.ts';
import { CENTROIDS } from '../core/desired/centroids.ts';
import { continentOf } from '../core/desired/countries.ts';

/** Where a record may keep its fields: GeoIP2, GeoLite2 and DB-IP nest them, the ip-location-db family is flat. */
const COUNTRY_PATHS = ['country.iso_code', 'country_code', 'country', 'registered_country.iso_code'];
const CONTINENT_PATHS = ['continent.code', 'continent_code'];
const COORDINATE_PATHS = [
  ['location.latitude', 'location.longitude'],
  ['latitude', 'longitude'],
] as const;

/** Where the ISO 3166-2 code within the country is; databases of city level without codes have names only. */
const SUBDIVISION_PATHS = ['subdivisions.0.iso_code', 'region_code'];

/** Where the number of the network operator is: GeoLite2-ASN, DB-IP and the ip-location-db family; then IPinfo's. */
const ASN_PATHS = ['autonomous_system_number', 'asn'];

/** Coordinates are rounded to this many parts of a degree: 0.1°, at most 8 km off. It keeps the places few. */
const PARTS_OF_DEGREE = 10;

/**
 * The place that a decoded record of a location database speaks of. Fields that are absent or make no sense do not
 * count; a country without coordinates is at its centroid. Never throws.
 */
export function placeOfRecord(record: unknown): Place {
  const country = firstCode(record, COUNTRY_PATHS);
  const point = coordinates(record) ?? (Object.hasOwn(CENTROIDS, country) ? CENTROIDS[country] : undefined);
  if (point === undefined) return UNKNOWN_PLACE;
  const continent = firstCode(record, CONTINENT_PATHS) || (country === '' ? '' : continentOf(country));
  const location: Location = { lat: rounded(point[0]), lon: rounded(point[1]), country, continent };
  return Object.freeze({ kind: 'known', ...location });
}

/** The ISO 3166-2 code that a decoded record speaks of, such as `US-CA`; '' where it has none. Never throws. */
export function subdivisionOfRecord(record: unknown): string {
  const country = firstCode(record, COUNTRY_PATHS);
  for (const path of SUBDIVISION_PATHS) {
    const code = at(record, path);
    if (country !== '' && typeof code === 'string' && /^[A-Za-z0-9]{1,3}$/.test(code)) {
      return `${country}-${code.toUpperCase()}`;
    }
  }
  return '';
}

/** The AS number (RFC 6793) that a decoded record speaks of; 0 where it has none. Never throws. */
export function asnOfRecord(record: unknown): number {
  for (const path of ASN_PATHS) {
    const value = at(record, path);
    const number = typeof value === 'string' ? Number(/^(?:AS)?(\d{1,10})$/.exec(value)?.[1]) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number > 0 && number < 2 ** 32) return number;
  }
  return 0;
}

/** The first two-letter code among the paths, in upper case; '' where there is none. */
function firstCode(record: unknown, paths: readonly string[]): string {
  for (const path of paths) {
    const code = at(record, path);
    // ZZ is ISO 3166's own word for "unknown".
    if (typeof code === 'string' && /^[A-Za-z]{2}$/.test(code) && code !== 'ZZ') return code.toUpperCase();
  }
  return '';
}

function coordinates(record: unknown): readonly [number, number] | undefined {
  for (const [latPath, lonPath] of COORDINATE_PATHS) {
    const lat = degrees(at(record, latPath), 90);
    const lon = degrees(at(record, lonPath), 180);
    // Databases write 0, 0 where they do not know; nobody lives there.
    if (lat !== undefined && lon !== undefined && (lat !== 0 || lon !== 0)) return [lat, lon];
  }
  return undefined;
}

/** A number, or a string that holds one, within ±limit. */
function degrees(value: unknown, limit: number): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Math.abs(number) <= limit ? number : undefined;
}

/** The value at a dotted path; undefined where a step leads nowhere. */
function at(record: unknown, path: string): unknown {
  let value = record;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, key)?.value;
  }
  return value;
}

/** Adding 0 turns -0 into 0, so that equal places have equal keys. */
function rounded(value: number): number {
  return Math.round(value * PARTS_OF_DEGREE) / PARTS_OF_DEGREE + 0;
}
