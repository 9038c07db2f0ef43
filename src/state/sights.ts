import { type Finding, finding } from '../core/desired/finding.ts';
import type { Picture } from '../core/desired/picture.ts';
import type { FoundClusters, ViewOrigin } from '../core/ports.ts';

/** How we see one cluster. */
export type Sight = {
  readonly cluster: string;
  origin: ViewOrigin;
  asOf: number | undefined;
  /** The saved picture, while it is in use. */
  stored: Picture | undefined;
  store: 'unread' | 'read';
  /** What the source says of why it gives no view. */
  excuses: readonly Finding[];
};

/** How we see each cluster. */
export type Sights = {
  get(cluster: string): Sight | undefined;
  all(): readonly Sight[];
  /** Notes that a view of the cluster was handed over. */
  see(sight: Sight, origin: ViewOrigin, asOf: number, stored?: Picture): void;
  /** Takes the clusters that were found, all of them. */
  meet(found: FoundClusters): void;
};

/** What sights begin with. `awaited`: the source has yet to say which clusters there are beside these. */
export type SightsOptions = {
  readonly clusters: readonly string[];
  readonly membership: 'known' | 'awaited';
  readonly onFindings: (findings: readonly Finding[]) => void;
  /** Every cluster was seen, and it is known which there are. */
  readonly onAllSeen: () => void;
};

/** Sights of clusters that were not seen yet. */
export function createSights({ clusters, membership, onFindings, onAllSeen }: SightsOptions): Sights {
  const sights = new Map(clusters.map((cluster) => [cluster, unseen(cluster)]));
  let known = membership;

  const all = (): readonly Sight[] => [...sights.values()];

  function settle(touches: 'store' | 'none'): void {
    if (touches === 'store') onFindings(all().flatMap(fromStore));
    if (known === 'known' && all().every(isSeen)) onAllSeen();
  }

  return {
    get: (cluster) => sights.get(cluster),
    all,
    see(sight, origin, asOf, stored) {
      const before = sight.origin;
      Object.assign(sight, { origin, asOf, stored });
      settle(origin === 'store' || before === 'store' ? 'store' : 'none');
    },
    meet(found) {
      known = 'known';
      const names = new Set([...clusters, ...found.clusters.map(({ name }) => name)]);
      // What was saved of one that is gone stays on disk: it may come back.
      const gone = all().filter(({ cluster }) => !names.has(cluster));
      for (const { cluster } of gone) sights.delete(cluster);
      for (const name of names) if (!sights.has(name)) sights.set(name, unseen(name));
      settle(gone.some(({ origin }) => origin === 'store') ? 'store' : 'none');
    },
  };
}

/** Whether there is a view of the cluster, from wherever. */
export function isSeen({ origin }: Sight): boolean {
  return origin !== 'none';
}

function unseen(cluster: string): Sight {
  return { cluster, origin: 'none', asOf: undefined, stored: undefined, store: 'unread', excuses: [] };
}

function fromStore({ cluster, origin, asOf }: Sight): readonly Finding[] {
  if (origin !== 'store' || asOf === undefined) return [];
  const message = `The view of cluster ${cluster} is the one saved at ${new Date(asOf).toISOString()}: its source gives none.`;
  const suggestion =
    'Its hostnames are answered by it, and health decides. It is replaced when the source gives a view.';
  return [finding('picture-from-store', { file: `cluster ${cluster}` }, message, suggestion)];
}
