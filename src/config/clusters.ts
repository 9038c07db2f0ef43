import type { Static } from 'typebox';
import type { Location } from '../core/desired/area.ts';
import { CENTROIDS } from '../core/desired/centroids.ts';
import { continentOf } from '../core/desired/countries.ts';
import type { Origin } from '../core/desired/finding.ts';
import { SOMEWHERE } from '../core/desired/location-text.ts';
import type { ClusterSpec } from '../core/desired/model.ts';
import { quote } from '../core/desired/quote.ts';
import { locationOfRegion, REGIONS } from '../core/desired/regions.ts';
import { nearest } from '../core/desired/suggest.ts';
import type { Assembly } from './assembly.ts';
import type { LiveClusterSource, ManifestSource } from './config.ts';
import { type Complain, describeValue, type Path } from './problem.ts';
import type { Cluster } from './schema.ts';
import { buildSource } from './sources.ts';

type ClusterEntry = Static<typeof Cluster>;

/** A cluster with its source. */
export type BuiltCluster = { readonly spec: ClusterSpec; readonly source: ManifestSource | LiveClusterSource };

/** Makes the cluster of one entry that has the right shape; complains of all that cannot be. */
export function buildCluster(
  entry: ClusterEntry,
  origin: Origin,
  path: Path,
  { complain, directory }: Pick<Assembly, 'complain' | 'directory'>,
): BuiltCluster | undefined {
  const named = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(entry.name);
  if (!named) {
    const expected = 'a cluster name of at most 63 lower-case letters, digits and hyphens';
    complain([...path, 'name'], { expected, found: describeValue(entry.name) });
  }
  const location = locate(entry.location, [...path, 'location'], complain);
  const source = buildSource(entry, [...path, 'source'], complain, directory);
  const isByNodes = entry.location['from-nodes'] === true;
  if (isByNodes && source !== undefined && 'manifests' in source) {
    const found = 'a folder of manifests';
    complain([...path, 'location', 'from-nodes'], { expected: 'a live cluster, which alone has nodes', found });
  }
  if (!named || location === undefined || source === undefined) return undefined;
  const annotations = Object.fromEntries(
    Object.entries(entry.annotations).map(([key, value]) => [key, String(value)] as const),
  );
  const spec = { name: entry.name, location, annotations, origin };
  if (!isByNodes || 'manifests' in source) return { spec, source };
  return { spec: { ...spec, placedBy: 'nodes' }, source: { ...source, nodes: 'read' } };
}

function locate(location: ClusterEntry['location'], path: Path, complain: Complain): Location | undefined {
  const { 'from-nodes': byNodes, ...given } = location;
  const { lat, lon, country, region } = given;
  if (byNodes === false) {
    complain([...path, 'from-nodes'], { expected: 'true, or another location', found: 'false' });
    return undefined;
  }
  if (byNodes === true && Object.keys(given).length === 0) return SOMEWHERE;
  if (region !== undefined) {
    if (Object.keys(given).length === 1) return locateRegion(region, [...path, 'region'], complain);
    complain(path, { expected: 'either a region or coordinates and country', found: 'both' });
    return undefined;
  }
  if (country === undefined) {
    const expected = 'a country, a region, or lat, lon and country';
    complain(path, { expected, found: lat === undefined && lon === undefined ? 'none of them' : 'no country' });
    return undefined;
  }
  const code = country.toUpperCase();
  const continent = continentOf(code);
  if (continent === '') {
    complain([...path, 'country'], { expected: 'an ISO 3166-1 country code like "DE"', found: quote(country) });
    return undefined;
  }
  if (lat !== undefined && lon !== undefined) return { lat, lon, country: code, continent };
  if (lat !== undefined || lon !== undefined) {
    complain(path, { expected: 'lat and lon together', found: lat === undefined ? 'only lon' : 'only lat' });
    return undefined;
  }
  const middle = Object.hasOwn(CENTROIDS, code) ? CENTROIDS[code] : undefined;
  if (middle !== undefined) return { lat: middle[0], lon: middle[1], country: code, continent };
  complain(path, { expected: 'lat and lon, for the middle of the country is not known', found: quote(country) });
  return undefined;
}

function locateRegion(name: string, path: Path, complain: Complain): Location | undefined {
  const location = locationOfRegion(name);
  if (location !== undefined) return location;
  const near = nearest(name, REGIONS.keys());
  const suggestion = near === undefined ? 'use lat, lon and country instead' : `did you mean ${quote(near)}?`;
  complain(path, { expected: 'a region of AWS, Google Cloud or Azure', found: quote(name), suggestion });
  return undefined;
}
