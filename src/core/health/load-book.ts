import { capacities } from '../desired/loads.ts';
import type { Model, MonitorId } from '../desired/model.ts';
import type { GaugeReading } from './external-gauge.ts';
import { elapsed, type LoadReport, type LoadStanding, missed, NO_LOAD, reported } from './load-standing.ts';
import type { Moment, MonitorHealth } from './monitor-health.ts';

/** Keeps how the loads of clusters stand. Reports for others are passed over. */
export type LoadBook = {
  /** Replaces them by those among the named monitors; what is known of those that stay is kept. */
  watch(model: Partial<Pick<Model, 'named' | 'clusters'>>): void;
  has(id: MonitorId): boolean;
  report(id: MonitorId, report: LoadReport, now: Moment): void;
  read(reading: GaugeReading, now: Moment): void;
  /** Lets time go by. */
  advance(now: Moment): void;
  /** When time alone changes something next, in steady ms; Infinity for never. */
  nextAt(): number;
  /** One map for the life of the book. */
  readonly loads: ReadonlyMap<MonitorId, LoadStanding>;
};

/** A book without loads. `tell` hears of each that is another one than before. */
export function createLoadBook(tell: (id: MonitorId, health: MonitorHealth) => void): LoadBook {
  const loads = new Map<MonitorId, LoadStanding>();
  const clusterOf = new Map<MonitorId, string>();
  let capacityOf: ReadonlyMap<string, number> = new Map();

  function settle(id: MonitorId, before: LoadStanding, after: LoadStanding): void {
    if (after === before) return;
    loads.set(id, after);
    if (after.health !== before.health) tell(id, after.health);
  }
  function report(id: MonitorId, load: LoadReport, now: Moment): void {
    const cluster = clusterOf.get(id);
    if (cluster === undefined) return;
    const before = loads.get(id) ?? NO_LOAD;
    settle(id, before, reported(elapsed(before, now), load, capacityOf.get(cluster), now));
  }

  return {
    loads,
    watch({ named = [], clusters = [] }) {
      clusterOf.clear();
      for (const { id, source } of named) if (source.kind === 'load') clusterOf.set(id, source.cluster);
      for (const id of loads.keys()) if (!clusterOf.has(id)) loads.delete(id);
      capacityOf = capacities(clusters);
    },
    has: (id) => clusterOf.has(id),
    report,
    read({ monitor, outcome }, now) {
      const isLoad = outcome.kind === 'value' && Number.isFinite(outcome.value) && outcome.value >= 0;
      if (isLoad) return report(monitor, { rate: outcome.value, by: '', expiresMs: Number.POSITIVE_INFINITY }, now);
      const before = loads.get(monitor) ?? NO_LOAD;
      if (clusterOf.has(monitor)) settle(monitor, before, missed(before, now));
    },
    advance(now) {
      for (const [id, before] of loads) settle(id, before, elapsed(before, now));
    },
    nextAt() {
      let next = Number.POSITIVE_INFINITY;
      for (const { dueAt } of loads.values()) next = Math.min(next, dueAt);
      return next;
    },
  };
}
