import { Default } from 'typebox/value';
import { normalizeName } from '../core/desired/domain-name.ts';
import { type Finding, finding, type Origin } from '../core/desired/finding.ts';
import type { ZoneSpec } from '../core/desired/model.ts';
import { quote } from '../core/desired/quote.ts';
import type { Assembly } from './assembly.ts';
import { type BuiltCluster, buildCluster } from './clusters.ts';
import type { Config } from './config.ts';
import { buildMaps, checkZoneMaps } from './maps.ts';
import { buildMigration } from './migration.ts';
import { buildMonitors } from './monitors.ts';
import type { Complain, Path } from './problem.ts';
import { Cluster, ClusterSecrets, ConfigFile, Migration, Team, Zone } from './schema.ts';
import { buildSections, fitting } from './sections.ts';
import { checkShape, isMapping } from './shape.ts';
import { buildClusterSecrets } from './sources.ts';
import { buildTeams, type TeamEntry } from './teams.ts';
import { buildZone } from './zones.ts';

type Assembled = { readonly config: Config; readonly findings: readonly Finding[] };

/**
 * Makes the configuration of the plain value of a file. Undefined, or a configuration that must not be used, where
 * something was complained of: sections that fit are checked to the end even where others do not.
 */
export function assemble(value: unknown, assembly: Assembly): Assembled | undefined {
  const filled = Default(ConfigFile, isMapping(value) || value === undefined || value === null ? { ...value } : value);
  checkShape(ConfigFile, filled, [], assembly.complain);
  if (!isMapping(filled)) return undefined;
  const zones = buildZones(filled['zones'], assembly);
  const clusters = buildClusters(filled['clusters'], assembly);
  refuseNoClusters(value, filled['cluster-secrets'], assembly.complain);
  const sections = buildSections(filled, assembly);
  if (sections === undefined) return undefined;
  const { findings, probe, conditions, prefix, ...settings } = sections;
  const specs = clusters.map(({ spec }) => spec);
  const names = specs.map(({ name }) => name);
  const { file, directory, complain } = assembly;
  const section = fitting(ClusterSecrets, filled['cluster-secrets']);
  const clusterSecrets = buildClusterSecrets(section, prefix, complain, directory);
  // Which clusters there will be is not known then.
  const known = clusterSecrets === undefined ? names : undefined;
  const migration = buildMigration(fitting(Migration, filled['migration']), prefix, known, complain);
  const teams = buildTeams(teamEntries(filled['teams']), { zones, clusters: known, complain });
  const monitors = buildMonitors(filled['monitors'], probe, assembly);
  const maps = buildMaps(filled['maps'], known, assembly);
  checkZoneMaps(filled['zones'], maps, complain);
  const mapNames = maps.length === 0 ? {} : { maps: maps.map(({ name }) => name) };
  const declaration = {
    prefix,
    zones,
    clusters: specs,
    probe,
    conditions,
    ...migration,
    ...teams,
    ...monitors,
    ...mapNames,
  };
  const sources = clusters.flatMap(({ source }) => ('manifests' in source ? [source] : []));
  const liveSources = clusters.flatMap(({ source }) => ('manifests' in source ? [] : [source]));
  const config: Config = { file, directory, declaration, maps, sources, liveSources, clusterSecrets, ...settings };
  const lonely = zones.flatMap((zone, index) => singleNameServer(zone, assembly.originOf(['zones', index])));
  return { config, findings: [...findings, ...lonely] };
}

function buildZones(value: unknown, { complain }: Assembly): readonly ZoneSpec[] {
  const seen = new Map<string, number>();
  return listOf(value).flatMap((item, index) => {
    const path = ['zones', index];
    const name = nameOf(item);
    const apex = name === undefined ? undefined : normalizeName(name);
    if (apex !== undefined) unique(seen, apex, index, [...path, 'name'], 'a zone that is listed once', complain);
    const entry = fitting(Zone, item);
    const zone = entry && buildZone(entry, path, complain);
    return zone === undefined ? [] : [zone];
  });
}

function buildClusters(value: unknown, assembly: Assembly): readonly BuiltCluster[] {
  const seen = new Map<string, number>();
  return listOf(value).flatMap((item, index) => {
    const path = ['clusters', index];
    const name = nameOf(item);
    const expected = 'a cluster name that is used once';
    if (name !== undefined) unique(seen, name, index, [...path, 'name'], expected, assembly.complain);
    const entry = fitting(Cluster, item);
    const built = entry && buildCluster(entry, assembly.originOf(path), path, assembly);
    return built === undefined ? [] : [built];
  });
}

/** None at all is a mistake, unless Secrets bring some. */
function refuseNoClusters(value: unknown, secrets: unknown, complain: Complain): void {
  const given = isMapping(value) ? value['clusters'] : undefined;
  const isElsewhere = isMapping(secrets) && (secrets['kubeconfig'] ?? secrets['in-cluster']) !== undefined;
  const found = given === undefined ? 'nothing' : 'an empty list';
  const isNone = given === undefined || (Array.isArray(given) && given.length === 0);
  if (isNone && !isElsewhere) complain(['clusters'], { expected: 'a list of at least one cluster', found });
}

function teamEntries(value: unknown): readonly TeamEntry[] {
  return listOf(value).flatMap((item, index) => {
    const entry = fitting(Team, item);
    return entry === undefined ? [] : [{ entry, path: ['teams', index] }];
  });
}

function unique(
  seen: Map<string, number>,
  name: string,
  index: number,
  path: Path,
  expected: string,
  complain: Complain,
): void {
  const first = seen.get(name);
  if (first === undefined) seen.set(name, index);
  else complain(path, { expected, found: `${quote(name)} again: it is already number ${first + 1} of the list` });
}

function nameOf(item: unknown): string | undefined {
  return isMapping(item) && typeof item['name'] === 'string' ? item['name'] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function singleNameServer({ apex, nameservers }: ZoneSpec, origin: Origin): readonly Finding[] {
  if (nameservers.length > 1) return [];
  const message = `The zone ${apex} has one name server: without it, nobody finds the zone (RFC 2182 §5).`;
  return [finding('zone-single-nameserver', origin, message, 'Run a second one.')];
}
