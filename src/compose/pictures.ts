import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import type { ViewAge } from '../core/ports.ts';
import type { DirectorControl } from '../director.ts';
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
      isOurs: () => edges.state?.maySave() !== false,
      clock: edges.clock,
      onFindings: (findings) => report('found-clusters', findings),
    }),
    store: edges.pictures({ onFindings: (findings) => report('picture-store', findings) }),
    clock: edges.clock,
    clusters: declaration.clusters.map(({ name }) => name),
    local: new Set(sources.map(({ cluster }) => cluster)),
    onFindings: (findings) => report('views', findings),
  });
}

/** How old the views are by which is answered: of a cluster that a drill cuts off nothing is seen since that began. */
export function seenAges(
  source: Pick<PictureKeeper, 'ages'>,
  { drillBook }: Pick<DirectorControl, 'drillBook'>,
): readonly ViewAge[] {
  const { blinded } = drillBook.effects();
  return source.ages().map((age) => {
    const since = blinded.get(age.cluster) ?? Number.POSITIVE_INFINITY;
    return age.asOf === undefined || age.asOf <= since ? age : { ...age, asOf: since };
  });
}
