import type { ClusterView, ClusterWriter, Source } from '../../core/ports.ts';
import type { ClusterPen } from './cluster-pen.ts';
import { type ClusterWatchOptions, createClusterWatch, type LiveCluster } from './cluster-watch.ts';

/** A source that tells how it stands with each cluster, and can write into it. */
export type LiveSource = Source & { views(): readonly ClusterView[]; readonly writer: ClusterWriter };

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
  const watches = options.clusters.map((cluster) => createClusterWatch(cluster, { ...options, jitter }));
  return {
    async start(sink) {
      await Promise.all(watches.map((watch) => watch.start(sink)));
    },
    views: () => watches.map((watch) => watch.view()),
    writer: writerOf(new Map(options.clusters.map(({ cluster }, index) => [cluster, watches[index]?.pen]))),
    async close() {
      await Promise.all(watches.map((watch) => watch.close()));
    },
  };
}

function writerOf(pens: ReadonlyMap<string, ClusterPen | undefined>): ClusterWriter {
  const gone = { kind: 'gone', problem: 'there is no such cluster' } as const;
  return {
    clusters: [...pens.keys()],
    seenStatus: (cluster, object) => pens.get(cluster)?.seenStatus(object) ?? { state: 'unseen' },
    statuses: (cluster) => pens.get(cluster)?.statuses() ?? [],
    annotate: async (cluster, object, status) => (await pens.get(cluster)?.annotate(object, status)) ?? gone,
    record: async (cluster, event) => (await pens.get(cluster)?.record(event)) ?? gone,
  };
}
