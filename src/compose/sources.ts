import type { Config } from '../config/config.ts';
import { STATUS_KEY } from '../core/desired/annotations/status-key.ts';
import type { Picture } from '../core/desired/picture.ts';
import type { Clock, ClusterWriter, Source } from '../core/ports.ts';
import { createFileSource } from '../sources/file/file-source.ts';
import { readFoldersOnce } from '../sources/file/picture-reader.ts';
import { createLiveSource } from '../sources/gateway-api/live-source.ts';

/** A source with the way back into its live clusters. */
export type WritableSource = Source & { readonly writer: ClusterWriter };

/** One source of all clusters of a configuration, whatever theirs are. Manifests have no view that could grow old. */
export function createSources(config: Config, clock: Clock): WritableSource {
  const files = createFileSource({
    clusters: config.sources.map(({ cluster, manifests }) => ({ cluster, directory: manifests })),
    clock,
  });
  const live = createLiveSource({ clusters: config.liveSources, clock, statusKey: statusKeyOf(config) });
  return {
    async start(sink) {
      await Promise.all([files.start(sink), live.start(sink)]);
    },
    views: () => live.views(),
    writer: live.writer,
    async close() {
      await Promise.all([files.close(), live.close()]);
    },
  };
}

/** The pictures of all clusters as they are now, or why there are none. Live clusters are given a bounded time. */
export async function readPicturesOnce(config: Config, clock: Clock): Promise<readonly Picture[]> {
  const live = createLiveSource({ clusters: config.liveSources, clock, statusKey: statusKeyOf(config) });
  const seen = new Map<string, Picture>();
  const files = readFoldersOnce(config.sources.map(({ cluster, manifests }) => ({ cluster, directory: manifests })));
  try {
    await live.start((picture) => seen.set(picture.cluster, picture));
    return [...(await files), ...seen.values()];
  } finally {
    await live.close();
  }
}

function statusKeyOf({ declaration: { prefix } }: Config): string {
  return prefix + STATUS_KEY;
}
