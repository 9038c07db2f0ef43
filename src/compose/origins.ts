import { sep } from 'node:path';
import type { Config } from '../config/config.ts';
import { clusterOfOrigin, liveOrigin } from '../core/desired/live-origin.ts';
import { shownName } from '../sources/file/manifest-state.ts';

/** Most files whose cluster is remembered. */
const MAX_REMEMBERED = 10_000;

/** Makes the question: which cluster does the `file` of a finding belong to? Of nested folders the innermost counts. `isFound`: whether a cluster was found since. */
export function createClusterOf(
  { sources, liveSources }: Pick<Config, 'sources' | 'liveSources'>,
  isFound: (cluster: string) => boolean = () => false,
): (file: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  const live = liveSources.map(({ cluster }) => [liveOrigin(cluster).file, cluster] as const);
  const exact = new Map([
    ...live,
    ...sources.map(({ cluster, manifests }) => [shownName(manifests), cluster] as const),
  ]);
  const folders = sources
    .map(({ cluster, manifests }) => ({ cluster, prefix: `${shownName(manifests)}${sep}` }))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  return (file) => {
    const found = clusterOfOrigin(file);
    // They come and go.
    if (found !== undefined && isFound(found)) return found;
    if (known.has(file)) return known.get(file);
    if (known.size >= MAX_REMEMBERED) known.clear();
    const cluster = exact.get(file) ?? folders.find(({ prefix }) => file.startsWith(prefix))?.cluster;
    known.set(file, cluster);
    return cluster;
  };
}
