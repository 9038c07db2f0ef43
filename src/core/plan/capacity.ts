/** What clusters can take: the `capacity` of their entries in the configuration. */
import { ANNOTATIONS } from '../desired/annotations/table.ts';
import type { Model } from '../desired/model.ts';

/** Cluster → its capacity in requests per second; those without one are left out. */
export function capacities({ clusters }: Model): ReadonlyMap<string, number> {
  return new Map(
    clusters.flatMap(({ name, annotations }) => {
      const capacity = ANNOTATIONS.capacity.parse(annotations['capacity']?.trim() ?? 'none');
      return typeof capacity === 'number' ? [[name, capacity] as const] : [];
    }),
  );
}
