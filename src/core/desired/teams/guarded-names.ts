import type { Finding } from '../finding.ts';
import { type Asker, idOf, originOf } from '../gateway-api/metadata.ts';
import type { NameBook } from '../name-book.ts';
import { compareText } from '../order.ts';
import { createTally, type Remark } from '../remarks.ts';
import type { Ownership } from './ownership.ts';
import type { TeamSpec } from './team.ts';

/** What each cluster was refused: by hostname, who asked. */
type Refused = Map<string, Map<Asker, TeamSpec>>;

/** Most namespaces that are named in a suggestion. */
const MAX_NAMED = 5;

/**
 * A book of names that takes a hostname of a team only from that team's namespaces. What is refused is nobody's loss but
 * the asker's: who else asks for the hostname keeps it. `clusters` are the names of the clusters by rank.
 */
export function guardNames(names: NameBook, { ownerOf, teamOf }: Ownership, clusters: readonly string[]): NameBook {
  const refused: readonly Refused[] = clusters.map(() => new Map());
  let findings: readonly Finding[] = Object.freeze([]);
  let state: 'told' | 'untold' = 'told';
  let settled: { readonly inner: readonly Finding[]; readonly all: readonly Finding[] } | undefined;
  /** The owner, where that is somebody else. It depends on nothing that changes: what was refused stays so. */
  const strangerTo = (name: string, asker: Asker, rank: number): TeamSpec | undefined => {
    const owner = ownerOf(name);
    return owner === undefined || teamOf(clusters[rank], asker.namespace) === owner ? undefined : owner;
  };
  return {
    add(name, asker, bundle) {
      const owner = strangerTo(name, asker, bundle.rank);
      const ofCluster = refused[bundle.rank];
      if (owner === undefined || ofCluster === undefined) return names.add(name, asker, bundle);
      const ofName = ofCluster.get(name) ?? new Map<Asker, TeamSpec>();
      ofCluster.set(name, ofName.set(asker, owner));
      state = 'untold';
    },
    remove(name, asker, rank) {
      if (strangerTo(name, asker, rank) === undefined) return names.remove(name, asker, rank);
      const ofName = refused[rank]?.get(name);
      if (ofName?.delete(asker) === true) state = 'untold';
      if (ofName?.size === 0) refused[rank]?.delete(name);
    },
    removeAll(rank) {
      if ((refused[rank]?.size ?? 0) > 0) state = 'untold';
      refused[rank]?.clear();
      names.removeAll(rank);
    },
    settle() {
      const { hostnames, findings: inner } = names.settle();
      if (state === 'untold') findings = refusals(refused, clusters, teamOf);
      if (state === 'untold' || settled?.inner !== inner) {
        settled = { inner, all: findings.length === 0 ? inner : Object.freeze([...inner, ...findings]) };
      }
      state = 'told';
      return { hostnames, findings: settled.all };
    },
    isAsked: (name, rank) => names.isAsked(name, rank),
  };
}

function refusals(
  refused: readonly Refused[],
  clusters: readonly string[],
  teamOf: Ownership['teamOf'],
): readonly Finding[] {
  const tally = createTally();
  for (const [rank, ofCluster] of refused.entries()) {
    const cluster = clusters[rank] ?? '';
    for (const [name, askers] of [...ofCluster].toSorted(([a], [b]) => compareText(a, b))) {
      for (const [asker, owner] of askers) {
        tally.count(name, refusal(asker, owner, cluster, teamOf(cluster, asker.namespace)));
      }
    }
  }
  return Object.freeze(tally.findings());
}

function refusal(asker: Asker, owner: TeamSpec, cluster: string, own: TeamSpec | undefined): Remark {
  const whose = own === undefined ? 'which is in no team there' : `of team ${own.name}`;
  const shown = owner.namespaces.slice(0, MAX_NAMED).join(', ') + (owner.namespaces.length > MAX_NAMED ? ', …' : '');
  const where = owner.clusters.length === 0 ? '' : ` in ${owner.clusters.slice(0, MAX_NAMED).join(', ')}`;
  return {
    code: 'hostname-foreign-team',
    origin: originOf(asker),
    message: `belongs to team ${owner.name}; ${asker.kind} ${idOf(asker)} in ${cluster} asks for it from namespace ${asker.namespace}, ${whose}`,
    suggestion: `ask from a namespace of team ${owner.name} (${shown}${where}), or change teams in the configuration`,
  };
}
