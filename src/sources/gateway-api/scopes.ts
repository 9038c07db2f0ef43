import type { ApiQuestion } from './connection.ts';
import { pathOf, type WatchedKind } from './kinds.ts';

/** Which objects of a cluster are read. */
export type Scope = {
  /** Empty: all of them. */
  readonly namespaces: readonly string[];
  /** A label selector in Kubernetes' notation; for Gateways, ListenerSets and Routes. */
  readonly selector: string | undefined;
};

/** The question for one kind in one of the scope's namespaces, or in all where that is empty. */
export function questionFor(
  { selector }: Scope,
  { kind, group, plural, need, selector: own }: WatchedKind,
  namespace: string,
  version: string,
): ApiQuestion {
  const root = pathOf(group, version);
  if (kind === 'Namespace') {
    // The rights to read a single one suffice for this.
    const query = namespace === '' ? {} : { fieldSelector: `metadata.name=${namespace}` };
    return { path: `${root}/${plural}`, query };
  }
  const path = namespace === '' ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
  // What lies behind the objects that were chosen need not have their labels.
  const labels = need === 'aside' ? own : selector;
  return { path, query: labels === undefined ? {} : { labelSelector: labels } };
}
