import type { Static } from 'typebox';
import type { Location } from '../core/desired/area.ts';
import { CENTROIDS } from '../core/desired/centroids.ts';
import { continentOf } from '../core/desired/countries.ts';
import type { Origin } from '../core/desired/finding.ts';
import type { ClusterSpec } from '../core/desired/model.ts';
import { quote } from '../core/desired/quote.ts';
import { nearest } from '../core/desired/suggest.ts';
import { type Complain, describeValue, type Path } from './problem.ts';
import { REGIONS } from './regions.ts';
import type { Cluster } from './schema.ts';

type ClusterEntry = Static<typeof Cluster>;

/** A cluster with the folder of its manifests as the file names it. */
export type BuiltCluster = { readonly spec: ClusterSpec; readonly manifests: string };

/** Makes the cluster of one entry that has the right shape; complains of all that cannot be. */
export function buildCluster(
  entry: ClusterEntry,
  origin: Origin,
  path: Path,
  complain: Complain,
): BuiltCluster | undefined {
  const named = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(entry.name);
  if (!named) {
    const expected = 'a cluster name of at most 63 lower-case letters, digits and hyphens';
    complain([...path, 'name'], { expected, found: describeValue(entry.name) });
  }
  const location = locate(entry.location, [...path, 'location'], complain);
  const manifests = manifestsOf(entry.source, [...path, 'source'], complain);
  if (!named || location === undefined || manifests === undefined) return undefined;
  const annotations = Object.fromEntries(
    Object.entries(entry.annotations).map(([key, value]) => [key, String(value)] as const),
  );
  return { spec: { name: entry.name, location, annotations, origin }, manifests };
}

function manifestsOf(source: ClusterEntry['source'], path: Path, complain: Complain): string | undefined {
  const live = (['kubeconfig', 'context', 'namespaces', 'selector'] as const).find((key) => source[key] !== undefined);
  if (live !== undefined) {
    const found = `${quote(live)}: live clusters are not supported by this version`;
    complain([...path, live], { expected: 'a folder of manifests', found });
  } else if (source.manifests === undefined) {
    complain(path, { expected: 'a folder of manifests, like { manifests: clusters/eu-west }', found: 'none' });
  }
  return live === undefined ? source.manifests : undefined;
}

function locate(location: ClusterEntry['location'], path: Path, complain: Complain): Location | undefined {
  const { lat, lon, country, region } = location;
  if (region !== undefined) {
    if (Object.keys(location).length === 1) return locateRegion(region, [...path, 'region'], complain);
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
  const region = REGIONS.get(name);
  if (region !== undefined) return { ...region, continent: continentOf(region.country) };
  const near = nearest(name, REGIONS.keys());
  const suggestion = near === undefined ? 'use lat, lon and country instead' : `did you mean ${quote(near)}?`;
  complain(path, { expected: 'a region of AWS, Google Cloud or Azure', found: quote(name), suggestion });
  return undefined;
}
