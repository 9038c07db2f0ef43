import { isEqual } from '../../core/desired/equal.ts';
import { groupOf } from '../../core/desired/gateway-api/metadata.ts';
import type { Fact } from '../../core/desired/picture.ts';
import type { KindView } from '../../core/ports.ts';
import type { Bundle } from './bundle.ts';

/** The API groups whose versions are compared between clusters begin so. */
const GATEWAY_API = 'gateway.networking.';

/** Makes what tells which Gateway API a cluster has, kind by kind and as a whole: the very same list while it is the same. */
export function createClusterFacts(bundle: Pick<Bundle, 'facts'>): (kinds: readonly KindView[]) => readonly Fact[] {
  let last: readonly Fact[] = Object.freeze([]);
  return (kinds) => {
    const facts = Object.freeze([...factsOf(kinds), ...bundle.facts()]);
    if (!isEqual(facts, last)) last = facts;
    return last;
  };
}

/** A kind may be read of several namespaces; what cannot be told is left out. */
function factsOf(kinds: readonly KindView[]): readonly Fact[] {
  const facts = new Map<string, Fact>();
  for (const { kind, apiVersion, state } of kinds) {
    if (facts.has(kind) || groupOf(kind)?.startsWith(GATEWAY_API) !== true) continue;
    const version = state === 'missing' ? 'not installed' : apiVersion?.split('/').at(-1);
    if (version !== undefined)
      facts.set(kind, Object.freeze({ what: `the served version of ${kind}`, value: version }));
  }
  return [...facts.values()];
}
