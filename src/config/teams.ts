import type { Static } from 'typebox';
import { normalizeName } from '../core/desired/domain-name.ts';
import { parseHostname } from '../core/desired/gateway-api/hostnames.ts';
import type { ZoneSpec } from '../core/desired/model.ts';
import { quote } from '../core/desired/quote.ts';
import { namesIn } from '../core/desired/servable.ts';
import { nearest } from '../core/desired/suggest.ts';
import { globsMeet, type NamespaceGlob, parseGlob } from '../core/desired/teams/namespace-glob.ts';
import type { TeamSpec } from '../core/desired/teams/team.ts';
import { type Complain, describeValue, type Path } from './problem.ts';
import type { Team } from './schema.ts';

/** What teams refer to. */
export type TeamSurroundings = {
  readonly zones: readonly ZoneSpec[];
  /** Undefined: others may come. */
  readonly clusters: readonly string[] | undefined;
  readonly complain: Complain;
};

/** An entry of the list with its place. */
export type TeamEntry = { readonly entry: Static<typeof Team>; readonly path: Path };

/** Something that belongs to one team only, and where it was first said. */
type Owned = { readonly team: string; readonly words: string };
type Home = Owned & { readonly glob: NamespaceGlob; readonly clusters: readonly string[] };

/** Makes the teams, as a part of the declaration: empty where there is none. Complains of what two teams cannot both have. */
export function buildTeams(
  entries: readonly TeamEntry[],
  around: TeamSurroundings,
): { readonly teams?: readonly TeamSpec[] } {
  const names = new Set<string>();
  const hostnames = new Map<string, Owned>();
  const homes: Home[] = [];
  const teams = entries.map(({ entry, path }): TeamSpec => {
    checkName(entry.name, names, [...path, 'name'], around.complain);
    checkClusters(entry.clusters, [...path, 'clusters'], around);
    claimNamespaces(entry, homes, [...path, 'namespaces'], around.complain);
    const { name, namespaces, clusters } = entry;
    return { name, namespaces, clusters, hostnames: claimHostnames(entry, hostnames, path, around) };
  });
  return teams.length === 0 ? {} : { teams };
}

function checkName(name: string, names: Set<string>, path: Path, complain: Complain): void {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    const expected = 'a team name of at most 63 lower-case letters, digits and hyphens';
    complain(path, { expected, found: describeValue(name) });
  }
  if (names.has(name)) complain(path, { expected: 'a team name that is used once', found: `${quote(name)} again` });
  names.add(name);
}

function checkClusters(wanted: readonly string[], path: Path, { clusters, complain }: TeamSurroundings): void {
  for (const [index, name] of wanted.entries()) {
    if (clusters === undefined || clusters.includes(name)) continue;
    const near = nearest(name, clusters);
    const suggestion = near === undefined ? {} : { suggestion: `did you mean ${quote(near)}?` };
    complain([...path, index], { expected: 'the name of a cluster', found: quote(name), ...suggestion });
  }
}

function claimNamespaces(entry: TeamEntry['entry'], homes: Home[], path: Path, complain: Complain): void {
  const own: Home[] = [];
  for (const [index, words] of entry.namespaces.entries()) {
    const glob = parseGlob(words);
    if (glob === undefined) {
      complain([...path, index], { expected: 'a namespace with at most one `*`', found: quote(words) });
      continue;
    }
    const rival = homes.find((home) => globsMeet(home.glob, glob) && clustersMeet(home.clusters, entry.clusters));
    if (rival !== undefined) {
      const found = `${quote(words)}, which meets ${quote(rival.words)} of team ${rival.team}`;
      complain([...path, index], { expected: 'namespaces of one team only', found });
    }
    own.push({ team: entry.name, words, glob, clusters: entry.clusters });
  }
  homes.push(...own);
}

/** An empty list is all clusters. */
function clustersMeet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((cluster) => b.includes(cluster));
}

function claimHostnames(
  entry: TeamEntry['entry'],
  owned: Map<string, Owned>,
  path: Path,
  { zones, complain }: TeamSurroundings,
): readonly string[] {
  const own = new Set<string>();
  const claim = (hostname: string, words: string, at: Path): void => {
    const rival = owned.get(hostname);
    if (rival !== undefined && rival.team !== entry.name) {
      const found = `${quote(words)}, which team ${rival.team} has as ${quote(rival.words)}`;
      complain(at, { expected: 'what no other team has', found });
    }
    owned.set(hostname, { team: entry.name, words });
    own.add(hostname);
  };
  const isServed = namesIn(zones);
  for (const [index, words] of entry.hostnames.entries()) {
    const hostname = parseHostname(words);
    if (hostname !== undefined && isServed(hostname)) claim(hostname, words, [...path, 'hostnames', index]);
    else complain([...path, 'hostnames', index], { expected: 'a hostname in one of the zones', found: quote(words) });
  }
  for (const [index, words] of entry.zones.entries()) {
    const apex = zones.find((zone) => zone.apex === normalizeName(words))?.apex;
    if (apex === undefined) {
      const near = nearest(
        words,
        zones.map((zone) => zone.apex),
      );
      const suggestion = near === undefined ? {} : { suggestion: `did you mean ${quote(near)}?` };
      complain([...path, 'zones', index], { expected: 'the name of a zone', found: quote(words), ...suggestion });
      continue;
    }
    for (const hostname of [apex, `*.${apex}`]) claim(hostname, words, [...path, 'zones', index]);
  }
  return [...own];
}
