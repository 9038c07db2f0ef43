import type { Config } from '../config/config.ts';
import { STATUS_KEY } from '../core/desired/annotations/status-key.ts';
import type { Picture } from '../core/desired/picture.ts';
import type { Clock, ClusterWriter, FoundClusters, Source } from '../core/ports.ts';
import { createFileSource } from '../sources/file/file-source.ts';
import { readFoldersOnce } from '../sources/file/picture-reader.ts';
import { type ClusterSecrets, createClusterSecrets } from '../sources/gateway-api/cluster-secrets.ts';
import { createLiveSource } from '../sources/gateway-api/live-source.ts';

/** A source with the way back into its live clusters. */
export type WritableSource = Source & { readonly writer: ClusterWriter };

/** One source of all clusters of a configuration, whatever theirs are. Manifests have no view that could grow old. */
export function createSources(config: Config, clock: Clock): WritableSource {
  const files = createFileSource({
    clusters: config.sources.map(({ cluster, manifests }) => ({ cluster, directory: manifests })),
    clock,
  });
  const live = createLiveSide(config, clock);
  return {
    ...live,
    async start(sink) {
      await Promise.all([files.start(sink), live.start(sink)]);
    },
    async close() {
      await Promise.all([files.close(), live.close()]);
    },
  };
}

/** The live clusters: the declared ones, and those of Secrets where they are to be found. */
function createLiveSide(config: Config, clock: Clock): WritableSource {
  const live = createLiveSource({ clusters: config.liveSources, clock, statusKey: statusKeyOf(config) });
  const secrets = secretsOf(config, clock);
  if (secrets === undefined) return live;
  let tell = (_found: FoundClusters): void => {};
  return {
    ...live,
    found(to) {
      tell = to;
    },
    async start(sink) {
      let joined = live.start(sink);
      await secrets.start(({ live: clusters, ...found }) => {
        tell(found);
        joined = both(joined, live.follow(clusters));
      });
      await joined;
    },
    async close() {
      await Promise.all([secrets.close(), live.close()]);
    },
  };
}

async function both(one: Promise<void>, other: Promise<void>): Promise<void> {
  await Promise.all([one, other]);
}

function secretsOf({ clusterSecrets, declaration }: Config, clock: Clock): ClusterSecrets | undefined {
  if (clusterSecrets === undefined) return undefined;
  const { prefix, clusters } = declaration;
  return createClusterSecrets({ ...clusterSecrets, prefix, taken: clusters.map(({ name }) => name), clock });
}

/** What one reading of all sources gave. */
type ReadOnce = { readonly pictures: readonly Picture[]; readonly found: FoundClusters };

/** The pictures of all clusters as they are now, or why there are none. Live clusters are given a bounded time. */
export async function readPicturesOnce(config: Config, clock: Clock): Promise<ReadOnce> {
  const live = createLiveSide(config, clock);
  let found: FoundClusters = { membership: 'known', clusters: [], findings: [] };
  live.found?.((now) => {
    found = now;
  });
  const seen = new Map<string, Picture>();
  const files = readFoldersOnce(config.sources.map(({ cluster, manifests }) => ({ cluster, directory: manifests })));
  try {
    await live.start((picture) => seen.set(picture.cluster, picture));
    return { pictures: [...(await files), ...seen.values()], found };
  } finally {
    await live.close();
  }
}

function statusKeyOf({ declaration: { prefix } }: Config): string {
  return prefix + STATUS_KEY;
}
