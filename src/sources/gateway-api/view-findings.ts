import { type Finding, finding, type Origin } from '../../core/desired/finding.ts';
import type { KindView } from '../../core/ports.ts';
import { WATCHED_KINDS } from './kinds.ts';

const ASIDE = new Set(WATCHED_KINDS.filter(({ need }) => need === 'aside').map(({ kind }) => kind));
const EXPECTED = new Set(WATCHED_KINDS.filter(({ need }) => need === 'expected').map(({ kind }) => kind));

/** What a person should know of how we stand with a cluster. An API server that was lost again is no finding. */
export function viewFindings(origin: Origin, kinds: readonly KindView[]): readonly Finding[] {
  return kinds.flatMap(({ kind, namespace, state, problem, objects }) => {
    if (ASIDE.has(kind)) return [];
    const where = namespace === '' ? '' : ` in namespace ${namespace}`;
    const kept = objects > 0 ? ` What was last read of it stays (${objects} objects).` : '';
    if (state === 'forbidden') {
      const message = `${kind}${where} cannot be read: ${problem}.${kept}`;
      return finding('cluster-kind-forbidden', origin, message, 'Grant list and watch. It is tried again.');
    }
    if (state !== 'missing' || (!EXPECTED.has(kind) && objects === 0)) return [];
    const message = `The cluster has no ${kind}${where}.${kept}`;
    return finding('cluster-kind-missing', origin, message, 'Install the Gateway API CRDs. It is looked for again.');
  });
}

/** Why nothing is known of a cluster yet. */
export function unreachable(origin: Origin, kinds: readonly KindView[]): Finding {
  const problem = kinds.find((kind) => kind.problem !== undefined)?.problem ?? 'no answer yet';
  const message = `Nothing is known of the cluster yet: ${problem}.`;
  return finding('cluster-unreachable', origin, message, 'It is tried again and again.');
}

/** Objects were left out. */
export function tooLarge(origin: Origin): Finding {
  const message = 'The cluster has more objects than the limits allow; the rest is left out.';
  return finding('cluster-too-large', origin, message, 'See docs/limits.md; set a selector.');
}
