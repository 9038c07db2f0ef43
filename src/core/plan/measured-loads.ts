import { loadsOf } from '../desired/loads.ts';
import type { Model, MonitorId } from '../desired/model.ts';
import type { LoadStanding } from '../health/load-standing.ts';

/** Cluster → its load as it was told last, in the unit of its capacity. Those whose load is not known are left out. */
export function measuredLoads(
  { named = [] }: Pick<Model, 'named'>,
  loads: ReadonlyMap<MonitorId, LoadStanding>,
): ReadonlyMap<string, number> {
  return new Map(
    [...loadsOf(named)].flatMap(([cluster, monitor]) => {
      const { freshness, last } = loads.get(monitor) ?? {};
      return freshness === 'known' && last !== undefined ? [[cluster, last.rate] as const] : [];
    }),
  );
}
