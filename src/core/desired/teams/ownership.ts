import { parentOf } from '../domain-name.ts';
import { globFits, type NamespaceGlob, parseGlob } from './namespace-glob.ts';
import type { TeamSpec } from './team.ts';

/** Most namespaces whose team is remembered. */
const MAX_REMEMBERED = 10_000;

/** Who owns what. */
export type Ownership = {
  /** The team of a hostname: of the most specific entry that it fits, a name before a wildcard. Undefined: nobody's. */
  readonly ownerOf: (hostname: string) => TeamSpec | undefined;
  /** The team of a namespace of a cluster. Where the cluster is not known, the first team that has it in any. */
  readonly teamOf: (cluster: string | undefined, namespace: string) => TeamSpec | undefined;
};

type Home = { readonly team: TeamSpec; readonly globs: readonly NamespaceGlob[] };

/** Makes the questions quick: hostnames cost their labels, namespaces are remembered. */
export function ownershipOf(teams: readonly TeamSpec[]): Ownership {
  const names = new Map<string, TeamSpec>();
  const above = new Map<string, TeamSpec>();
  for (const team of teams) {
    for (const hostname of team.hostnames) {
      if (hostname.startsWith('*.')) above.set(hostname.slice(2), team);
      else names.set(hostname, team);
    }
  }
  const homes = teams.map((team): Home => ({ team, globs: team.namespaces.flatMap((text) => parseGlob(text) ?? []) }));
  const known = new Map<string, TeamSpec | undefined>();
  return {
    ownerOf(hostname) {
      const owner = names.get(hostname);
      if (owner !== undefined || above.size === 0) return owner;
      for (let at = parentOf(hostname); at !== ''; at = parentOf(at)) {
        const wide = above.get(at);
        if (wide !== undefined) return wide;
      }
      return undefined;
    },
    teamOf(cluster, namespace) {
      const key = `${cluster ?? ''}/${namespace}`;
      if (known.has(key)) return known.get(key);
      if (known.size >= MAX_REMEMBERED) known.clear();
      const team = homes.find((home) => isHome(home, cluster, namespace))?.team;
      known.set(key, team);
      return team;
    },
  };
}

function isHome({ team, globs }: Home, cluster: string | undefined, namespace: string): boolean {
  const isThere = cluster === undefined || team.clusters.length === 0 || team.clusters.includes(cluster);
  return isThere && globs.some((glob) => globFits(glob, namespace));
}
