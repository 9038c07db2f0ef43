import type { Location } from './area.ts';
import { createDesire, type Desire } from './desire.ts';
import type { ClusterSpec, Declaration } from './model.ts';
import type { Picture } from './picture.ts';
import { locationOfRegion } from './regions.ts';
import { isSameList } from './same-list.ts';

/**
 * What all clusters ask for, with each cluster that its nodes place where its picture says it is. A cluster that moves,
 * which is rare, makes everything be made anew. A region that was known once is not forgotten while a picture lacks it:
 * `known` remembers them, also for whoever is made in the place of this one.
 */
export function createLocatedDesire(declaration: Declaration, known = new Map<string, Location>()): Desire {
  const { clusters: declared } = declaration;
  if (!declared.some(isPlacedByNodes)) return createDesire(declaration);
  let clusters = declared;
  let desire = createDesire(declaration);
  return (pictures, ...rest) => {
    note(pictures, known);
    const placed = declared.map((cluster, index) => moved(cluster, clusters[index], known));
    if (!isSameList(placed, clusters)) {
      clusters = Object.freeze(placed);
      desire = createDesire({ ...declaration, clusters });
    }
    return desire(pictures, ...rest);
  };
}

function note(pictures: readonly Picture[], known: Map<string, Location>): void {
  for (const { cluster, region } of pictures) {
    const location = region === undefined ? undefined : locationOfRegion(region);
    if (location !== undefined) known.set(cluster, location);
  }
}

/** The cluster where it is now: the very same as before where it did not move. */
function moved(
  declared: ClusterSpec,
  before: ClusterSpec | undefined,
  known: ReadonlyMap<string, Location>,
): ClusterSpec {
  const location = isPlacedByNodes(declared) ? known.get(declared.name) : undefined;
  if (location === undefined) return declared;
  const { lat, lon } = before?.location ?? {};
  if (before !== undefined && lat === location.lat && lon === location.lon) return before;
  return Object.freeze({ ...declared, location });
}

function isPlacedByNodes({ placedBy }: ClusterSpec): boolean {
  return placedBy === 'nodes';
}
