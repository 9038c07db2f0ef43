import type { Bundle } from './claim.ts';
import { inTier, type Template, templatesOf } from './endpoints.ts';
import { sourcesOf, type Voice } from './precedence.ts';
import { noteInto, type Remark } from './remarks.ts';
import type { SupervisionContext } from './supervision.ts';

/** What one cluster says on a hostname, and what follows from that alone. */
export type ClusterPart = {
  readonly voice: Voice;
  readonly remarks: readonly Remark[];
  templates(tier: number): readonly Template[];
};

/** Splits the bundles of a hostname, which are ordered by cluster, into the parts of its clusters. */
export function createPartition(context: SupervisionContext): (bundles: readonly Bundle[]) => readonly ClusterPart[] {
  // Nearly always a cluster has one bundle, which many hostnames have in common.
  const known = new WeakMap<Bundle, ClusterPart>();
  const alone = (bundle: Bundle): ClusterPart => {
    const part = known.get(bundle) ?? partOf([bundle], context);
    known.set(bundle, part);
    return part;
  };
  return (bundles) => {
    const parts: ClusterPart[] = [];
    let from = 0;
    for (const [index, bundle] of bundles.entries()) {
      if (bundles[index + 1]?.rank === bundle.rank) continue;
      parts.push(from === index ? alone(bundle) : partOf(bundles.slice(from, index + 1), context));
      from = index + 1;
    }
    return parts;
  };
}

function partOf(bundles: readonly Bundle[], context: SupervisionContext): ClusterPart {
  const claims = bundles.flatMap((bundle) => bundle.parts);
  const [first] = claims;
  if (first === undefined) throw new TypeError('a bundle has no claim');
  const voice: Voice = { cluster: first.cluster, claims, sources: sourcesOf(claims) };
  const remarks: Remark[] = [];
  const inFirstTier = templatesOf(voice, context, noteInto(remarks));
  const byTier = new Map([[0, inFirstTier]]);
  return {
    voice,
    remarks,
    templates(tier) {
      const templates = byTier.get(tier) ?? inTier(inFirstTier, tier);
      byTier.set(tier, templates);
      return templates;
    },
  };
}
