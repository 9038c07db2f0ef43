import type { Endpoint, MonitorId } from '../desired/model.ts';
import type { MonitorHealth } from './monitor-health.ts';
import { ALL_BUCKETS } from './slow-start.ts';

/** How many of its clients an endpoint sheds because of its cluster's load, and why; undefined where it sheds none. */
export function shedding(
  { load }: Pick<Endpoint, 'load'>,
  health: ReadonlyMap<MonitorId, MonitorHealth>,
): string | undefined {
  const told = load === undefined ? undefined : health.get(load);
  if (told?.admits === undefined) return undefined;
  const percent = Math.round(100 * (1 - told.admits / ALL_BUCKETS));
  const why =
    told.load === undefined
      ? 'its load is not known any more'
      : `load ${rounded(told.load.rate)} of capacity ${told.load.capacity}`;
  return `sheds ${percent} %: ${why}`;
}

function rounded(rate: number): number {
  return Number(rate.toPrecision(4));
}
