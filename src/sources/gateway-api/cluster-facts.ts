import { isEqual } from '../../core/desired/equal.ts';
import { groupOf } from '../../core/desired/gateway-api/metadata.ts';
import type { Fact } from '../../core/desired/picture.ts';
import type { KindView } from '../../core/ports.ts';
import type { Bundle } from './bundle.ts';

/** The API groups whose versions are compared between clusters begin so. */
const GATEWAY_API = 'gateway.networking.';

/**
 * Makes what tells which Gateway API a cluster has, kind by kind and as a whole: the very same list while it is the same. What
 * was known of a kind stands until something else is known: an API server that is gone has uninstalled nothing.
 */
export function createClusterFacts(bundle: Pick<Bundle, 'facts'>): (kinds: readonly KindView[]) => readonly Fact[] {
  const known = new Map<string, Fact>();
  let last: readonly Fact[] = Object.freeze([]);
  return (kinds) => {
    learn(known, kinds);
    const facts = Object.freeze([...known.values(), ...bundle.facts()]);
    if (!isEqual(facts, last)) last = facts;
    return last;
  };
}

/** A kind may be read of several namespaces; the first that can tell counts. */
function learn(known: Map<string, Fact>, kinds: readonly KindView[]): void {
  const told = new Set<string>();
  for (const { kind, apiVersion, state } of kinds) {
    if (told.has(kind) || groupOf(kind)?.startsWith(GATEWAY_API) !== true) continue;
    const version = state === 'missing' ? 'not installed' : apiVersion?.split('/').at(-1);
    if (version === undefined) continue;
    told.add(kind);
    known.set(kind, Object.freeze({ what: `the served version of ${kind}`, value: version }));
  }
}
