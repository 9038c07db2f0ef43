import { type Finding, finding } from '../finding.ts';
import { deepFreeze } from '../freeze.ts';
import { liveOrigin } from '../live-origin.ts';
import { compareText } from '../order.ts';
import type { Fact } from '../picture.ts';
import { isSameList } from '../same-list.ts';
import { sayingsRemark } from './sibling-drift.ts';

/** What is known of a cluster. */
export type KnownCluster = { readonly cluster: string; readonly facts: readonly Fact[] };

/**
 * Makes what compares facts of clusters, such as versions: a finding for each that differs among those of whom it is
 * known. Clusters are ordered by name. The very same list where the facts are the same lists.
 */
export function createFactDrift(): (clusters: readonly KnownCluster[]) => readonly Finding[] {
  let last: readonly (readonly Fact[])[] = [];
  let findings: readonly Finding[] = Object.freeze([]);
  return (clusters) => {
    const facts = clusters.map((one) => one.facts);
    if (isSameList(facts, last)) return findings;
    last = facts;
    findings = deepFreeze(differences(clusters));
    return findings;
  };
}

function differences(clusters: readonly KnownCluster[]): readonly Finding[] {
  const sayings = clusters.flatMap(({ cluster, facts }) => {
    return facts.map(({ what, value }) => ({ what, cluster, value, by: cluster }));
  });
  const byFact = [...Map.groupBy(sayings, ({ what }) => what)].toSorted(([a], [b]) => compareText(a, b));
  return byFact.flatMap(([what, own]) => {
    const said = sayingsRemark('drift-version', what, own, liveOrigin);
    return said === undefined ? [] : [finding(said.code, said.origin, said.message, said.suggestion)];
  });
}
