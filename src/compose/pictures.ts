import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import { rememberClusters } from '../state/found-clusters.ts';
import { createPictureKeeper, type PictureKeeper } from '../state/picture-keeper.ts';
import type { Edges } from './edges.ts';

/** The source with the saved pictures behind it; what is wrong with them is reported as of two rooms. */
export function keptSource(
  { declaration, sources, state: { directory } }: Config,
  edges: Edges,
  report: (room: string, findings: readonly Finding[]) => void,
): PictureKeeper {
  return createPictureKeeper({
    source: rememberClusters(edges.source, {
      directory,
      onFindings: (findings) => report('found-clusters', findings),
    }),
    store: edges.pictures({ onFindings: (findings) => report('picture-store', findings) }),
    clock: edges.clock,
    clusters: declaration.clusters.map(({ name }) => name),
    local: new Set(sources.map(({ cluster }) => cluster)),
    onFindings: (findings) => report('views', findings),
  });
}
