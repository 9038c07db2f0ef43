import type { ClusterSpec, Model, MonitorId } from '../desired/model.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import type { DrainOverride, Overrides } from '../health/override.ts';
import { hostnamesLeftWithout, leavesNone } from './drain-guard.ts';

/** Why an override was refused: stable codes, the same as those of the admin API. */
export type OverrideRefusal = {
  readonly code: 'cluster-unknown' | 'drain-leaves-none' | 'not-saved';
  readonly message: string;
};

/** What people ordered, one change after the other: saved first, then in force, then acknowledged. */
export type OverrideBook = {
  readonly current: () => Overrides;
  /** Both resolve when the change is on stable storage and told by `onChange`, or with the refusal. */
  drain(order: DrainOverride, mode: 'guarded' | 'forced'): Promise<OverrideRefusal | 'done'>;
  undrain(cluster: string): Promise<OverrideRefusal | 'done'>;
  /** Takes over what was saved; unless `keeps` is `all`, without that of clusters that are not known. */
  restore(saved: Overrides, keeps: 'known' | 'all'): void;
};

/** What a book needs. `world` is what the guard goes by, with the newest verdicts. `now` in ms since the epoch. */
export type OverrideBookOptions = {
  readonly now: () => number;
  readonly clusters: () => readonly ClusterSpec[];
  readonly world: () => { readonly model: Model; readonly health: ReadonlyMap<MonitorId, MonitorHealth> };
  readonly save: (overrides: Overrides) => Promise<void>;
  readonly onChange: () => void;
};

/** A book without overrides. */
export function createOverrideBook({ now, clusters, world, save, onChange }: OverrideBookOptions): OverrideBook {
  let current: Overrides = new Map();
  /** The tail of the queue of changes. */
  let changes: Promise<unknown> = Promise.resolve();

  const change = (next: () => Overrides | OverrideRefusal): Promise<OverrideRefusal | 'done'> => {
    const done = changes.then(async () => {
      const wanted = next();
      if ('code' in wanted) return wanted;
      try {
        await save(wanted);
      } catch (error) {
        return { code: 'not-saved' as const, message: `The change could not be saved: ${String(error)}` };
      }
      current = wanted;
      onChange();
      return 'done' as const;
    });
    changes = done;
    return done;
  };

  function drained(order: DrainOverride, mode: 'guarded' | 'forced'): Overrides | OverrideRefusal {
    const { cluster } = order;
    if (!knows(clusters(), cluster)) return unknownCluster(cluster, clusters());
    const input = { ...world(), overrides: current, now: now() };
    const left = mode === 'forced' ? [] : hostnamesLeftWithout(cluster, input);
    return left.length > 0 ? leavesNone(cluster, left) : new Map(current).set(cluster, order);
  }

  function undrained(cluster: string): Overrides | OverrideRefusal {
    // The drain of a cluster that is gone for now is kept, and can be ended.
    if (!knows(clusters(), cluster) && !current.has(cluster)) return unknownCluster(cluster, clusters());
    return new Map([...current].filter(([each]) => each !== cluster));
  }

  return {
    current: () => current,
    drain: (order, mode) => change(() => drained(order, mode)),
    undrain: (cluster) => change(() => undrained(cluster)),
    restore(saved, keeps) {
      current = new Map([...saved].filter(([cluster]) => keeps === 'all' || knows(clusters(), cluster)));
    },
  };
}

/** Whether there is a cluster of this name. */
export function knows(clusters: readonly ClusterSpec[], name: string): boolean {
  return clusters.some((cluster) => cluster.name === name);
}

/** Why nothing is ordered about a cluster that is not there. */
export function unknownCluster(
  cluster: string,
  clusters: readonly ClusterSpec[],
): { readonly code: 'cluster-unknown'; readonly message: string } {
  const known = clusters.map(({ name }) => name).join(', ');
  return { code: 'cluster-unknown', message: `There is no cluster "${cluster}". Known clusters: ${known}.` };
}
