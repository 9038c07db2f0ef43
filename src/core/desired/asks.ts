import type { Bundle } from './claim.ts';
import type { Asker } from './gateway-api/metadata.ts';
import { compareAskers } from './order.ts';

/** Longest draft in which an ask is moved to its place, instead of sorting all of them in the end. */
const MAX_MOVED = 64;

/** Who asks for a name, and for what: an asker and a bundle side by side. */
export type Asks = { readonly askers: readonly Asker[]; readonly bundles: readonly Bundle[] };

/** Asks that are being changed. */
export type Draft = {
  readonly askers: Asker[];
  readonly bundles: Bundle[];
  /** Objects of one cluster whose asks go, to be taken out all at once: a name may have very many. */
  readonly leaving: { readonly rank: number; readonly askers: Set<Asker> } | undefined;
};

/** A draft that begins with these. */
export function draftOf({ askers, bundles }: Asks): Draft {
  return { askers: [...askers], bundles: [...bundles], leaving: undefined };
}

/** The draft without what an object of a cluster asks. */
export function leave(draft: Draft, asker: Asker, rank: number): Draft {
  if (draft.leaving?.rank !== rank) return { ...departed(draft), leaving: { rank, askers: new Set([asker]) } };
  draft.leaving.askers.add(asker);
  return draft;
}

/** The draft with nobody left who is leaving. */
export function departed(draft: Draft): Draft {
  const { leaving } = draft;
  if (leaving === undefined) return draft;
  return without(draft, (asker, bundle) => bundle.rank === leaving.rank && leaving.askers.has(asker));
}

/** The draft without what fits. */
export function without({ askers, bundles }: Draft, fits: (asker: Asker, bundle: Bundle) => boolean): Draft {
  const left: Draft = { askers: [], bundles: [], leaving: undefined };
  for (let index = 0; index < askers.length; index++) {
    const asker = askers[index];
    const bundle = bundles[index];
    if (asker === undefined || bundle === undefined || fits(asker, bundle)) continue;
    left.askers.push(asker);
    left.bundles.push(bundle);
  }
  return left;
}

/** Puts an ask behind those of its cluster; at the end where that would take long. */
export function insert({ askers, bundles }: Draft, asker: Asker, bundle: Bundle): void {
  askers.push(asker);
  bundles.push(bundle);
  if (askers.length > MAX_MOVED) return;
  for (let at = askers.length - 1; at > 0; at--) {
    const before = bundles[at - 1];
    const askerBefore = askers[at - 1];
    if (before === undefined || askerBefore === undefined || before.rank <= bundle.rank) return;
    bundles[at] = before;
    askers[at] = askerBefore;
    bundles[at - 1] = bundle;
    askers[at - 1] = asker;
  }
}

/** In their order: by cluster, then by file and line. Mostly they came in it. */
export function inOrder(draft: Draft): Asks {
  const { askers, bundles } = draft;
  let index = 1;
  while (index < askers.length && compare(draft, index - 1, index) <= 0) index += 1;
  if (index >= askers.length) return draft;
  const order = [...askers.keys()].toSorted((a, b) => compare(draft, a, b));
  return { askers: order.flatMap((at) => askers[at] ?? []), bundles: order.flatMap((at) => bundles[at] ?? []) };
}

function compare({ askers, bundles }: Draft, a: number, b: number): number {
  const byRank = (bundles[a]?.rank ?? 0) - (bundles[b]?.rank ?? 0);
  if (byRank !== 0) return byRank;
  const one = askers[a];
  const other = askers[b];
  return one === undefined || other === undefined ? 0 : compareAskers(one, other);
}
