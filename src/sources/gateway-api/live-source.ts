import { isDeepStrictEqual } from 'node:util';
import type { Picture } from '../../core/desired/picture.ts';
import type { ClusterView, ClusterWriter, Source } from '../../core/ports.ts';
import type { ClusterPen } from './cluster-pen.ts';
import { type ClusterWatch, type ClusterWatchOptions, createClusterWatch, type LiveCluster } from './cluster-watch.ts';

/** A source that tells how it stands with each cluster, and can write into it. */
export type LiveSource = Source & {
  views(): readonly ClusterView[];
  readonly writer: ClusterWriter;
  /**
   * Replaces the clusters that are watched beside those of the options, after the start. One that is the same goes on
   * undisturbed; of one that is gone no picture comes any more. Resolves when the new ones have had their first picture.
   */
  follow(clusters: readonly LiveCluster[]): Promise<void>;
};

/** A cluster with its watch; it stays the same while the cluster does. */
type Watched = { readonly live: LiveCluster; readonly watch: ClusterWatch };

/** The clusters to watch. */
export type LiveSourceOptions = Omit<ClusterWatchOptions, 'jitter'> & {
  readonly clusters: readonly LiveCluster[];
  /** Numbers from [0, 1). Default `Math.random`. */
  readonly jitter?: () => number;
};

/**
 * The Gateway API objects of many Kubernetes clusters, listed and watched. Each cluster stands alone: one whose API server
 * is gone keeps its last picture, and the others do not notice.
 */
export function createLiveSource(options: LiveSourceOptions): LiveSource {
  const jitter = options.jitter ?? Math.random;
  const watched = new Map(options.clusters.map((live) => [live.cluster, watchOf(live)]));
  const declared = new Set(watched.keys());
  const leaving = new Set<Promise<void>>();
  let sink = (_picture: Picture): void => {};
  let state: 'open' | 'closed' = 'open';

  function watchOf(live: LiveCluster): Watched {
    return { live, watch: createClusterWatch(live, { ...options, jitter }) };
  }

  function leave({ live: { cluster }, watch }: Watched): void {
    watched.delete(cluster);
    const done = watch.close().finally(() => leaving.delete(done));
    leaving.add(done);
  }

  async function join(live: LiveCluster, after: Watched | undefined): Promise<void> {
    const next = watchOf(live);
    watched.set(live.cluster, next);
    // Why nothing is known yet must not take the place of what is.
    await next.watch.start((picture) => {
      if (after === undefined || !isApology(picture)) sink(picture);
    });
  }

  return {
    async start(to) {
      sink = to;
      await Promise.all([...watched.values()].map(({ watch }) => watch.start(sink)));
    },
    async follow(clusters) {
      if (state === 'closed') return;
      const wanted = new Map(clusters.map((live) => [live.cluster, live]));
      const before = new Map([...watched].filter(([cluster]) => !declared.has(cluster)));
      for (const [cluster, one] of before) if (!isDeepStrictEqual(wanted.get(cluster), one.live)) leave(one);
      const fresh = clusters.filter(({ cluster }) => !watched.has(cluster));
      await Promise.all(fresh.map((live) => join(live, before.get(live.cluster))));
    },
    views: () => [...watched.values()].map(({ watch }) => watch.view()),
    writer: writerOf(watched),
    async close() {
      state = 'closed';
      await Promise.all([...[...watched.values()].map(({ watch }) => watch.close()), ...leaving]);
    },
  };
}

function isApology({ findings }: Picture): boolean {
  return findings.some(({ code }) => code === 'cluster-unreachable');
}

function writerOf(watched: ReadonlyMap<string, Watched>): ClusterWriter {
  const gone = { kind: 'gone', problem: 'there is no such cluster' } as const;
  const penOf = (cluster: string): ClusterPen | undefined => watched.get(cluster)?.watch.pen;
  return {
    get clusters() {
      return [...watched.keys()];
    },
    seenStatus: (cluster, object) => penOf(cluster)?.seenStatus(object) ?? { state: 'unseen' },
    statuses: (cluster) => penOf(cluster)?.statuses() ?? [],
    annotate: async (cluster, object, status) => (await penOf(cluster)?.annotate(object, status)) ?? gone,
    record: async (cluster, event) => (await penOf(cluster)?.record(event)) ?? gone,
  };
}
