/**
 * The world that every server is set up for: 1,000 names, three clusters, a city database that is made up, and for each
 * client network the one right answer. No real data.
 */
import { type MmdbNetwork, type MmdbValue, writeMmdb } from '../geoip/mmdb-writer.ts';

/** The one zone. */
export const ZONE = 'gslb.example';
/** TTL of all answers, in seconds. */
export const TTL = 30;
/** Clients' networks lie in here; each /24 of it is in the database. */
export const CLIENT_NETWORK = '10.0.0.0/8';

/** A place on the map with its ISO 3166-1 country and continent code. */
type Spot = { readonly lat: number; readonly lon: number; readonly country: string; readonly continent: string };
/** A cluster; its continent is that of all clients nearest to it. `key` is a word that every server's configuration takes. */
export type Cluster = Spot & { readonly name: string; readonly key: string };

/** The clusters: the order is that of the VIPs. */
export const CLUSTERS: readonly Cluster[] = [
  { name: 'eu-west', key: 'eu', lat: 50.11, lon: 8.68, country: 'DE', continent: 'EU' },
  { name: 'us-east', key: 'na', lat: 39.04, lon: -77.49, country: 'US', continent: 'NA' },
  { name: 'ap-northeast', key: 'as', lat: 35.68, lon: 139.69, country: 'JP', continent: 'AS' },
];

/** One local address per cluster, in its order: queries without a subnet are steered by these. */
export const SOURCES: readonly string[] = CLUSTERS.map((_, cluster) => `127.${cluster + 1}.0.1`);

/** Where clients live, by cluster: no other cluster is anywhere near, so distance and continent agree. */
const CITIES: readonly (readonly (readonly [country: string, lat: number, lon: number])[])[] = [
  [
    ['DE', 52.5, 13.4],
    ['FR', 48.9, 2.4],
    ['ES', 40.4, -3.7],
    ['IT', 41.9, 12.5],
    ['PL', 52.2, 21],
  ],
  [
    ['US', 40.7, -74],
    ['US', 41.9, -87.6],
    ['US', 32.8, -96.8],
    ['US', 33.7, -84.4],
    ['CA', 43.7, -79.4],
  ],
  [
    ['JP', 34.7, 135.5],
    ['KR', 37.6, 127],
    ['TW', 25, 121.5],
    ['PH', 14.6, 121],
    ['CN', 31.2, 121.5],
  ],
];

/** Networks of the database: each is a /20 of the clients' network, with coordinates of its own. */
const NETWORKS = 4096;
/** How far a network's coordinates lie from its city, in degrees. */
const SPREAD_DEGREES = 2;
/** 2026-01-01, so that the database is the same each time. */
const BUILD_EPOCH = 1_767_225_600;

/** The names, in order. */
export function hostnames(count = 1000): readonly string[] {
  return Array.from({ length: count }, (_, index) => `host-${index}.${ZONE}`);
}

/** The VIP of a name in a cluster, both by number: 200,000 names in 60 clusters have their own. */
export function vipOf(name: number, cluster: number): string {
  return `198.${18 + cluster + 64 * (name >> 16)}.${(name >> 8) & 255}.${name & 255}`;
}

/** The number of the cluster that is right for a client's address in the clients' network or among the sources. */
export function clusterFor(address: string): number {
  const [first = 0, second = 0, third = 0] = address.split('.').map(Number);
  return first === 127 ? second - 1 : cityOf((second << 4) | (third >> 4)).cluster;
}

/** The city database as a file. */
export function cityDatabase(): Buffer {
  const clients = Array.from({ length: NETWORKS }, (_, index): MmdbNetwork => {
    const { cluster, city } = cityOf(index);
    const [country, lat, lon] = CITIES[cluster]![city]!;
    const { continent } = CLUSTERS[cluster]!;
    const spot = { lat: lat + jitter(index * 2), lon: lon + jitter(index * 2 + 1), country, continent };
    return [`10.${index >> 4}.${(index & 15) << 4}.0/20`, recordOf(spot)];
  });
  const sources = CLUSTERS.map((cluster, index): MmdbNetwork => [`127.${index + 1}.0.0/16`, recordOf(cluster)]);
  const networks = [...clients, ...sources];
  const about = { type: 'Azimuth-Bench-City', recordSize: 28, ipVersion: 6, buildEpoch: BUILD_EPOCH } as const;
  return writeMmdb({ ...about, networks });
}

function recordOf({ lat, lon, country, continent }: Spot): MmdbValue {
  // Whole degrees would be written as integers, and readers want doubles.
  return {
    continent: { code: continent },
    country: { iso_code: country },
    location: { latitude: fraction(lat), longitude: fraction(lon) },
  };
}

function fraction(degrees: number): number {
  return Math.floor(degrees * 100) / 100 + 0.005;
}

function cityOf(network: number): { cluster: number; city: number } {
  const hash = scramble(network);
  return { cluster: hash % CLUSTERS.length, city: (hash >>> 8) % CITIES[0]!.length };
}

function jitter(index: number): number {
  return Math.round(((scramble(index) / 2 ** 32) * 2 - 1) * SPREAD_DEGREES * 1000) / 1000;
}

/** 32 unsigned bits that look like chance and are the same each time (the finalizer of MurmurHash3). */
function scramble(value: number): number {
  let hash = Math.imul(value + 1, 0x9e3779b9);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
