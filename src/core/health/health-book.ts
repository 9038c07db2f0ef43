import type { Monitor, MonitorId } from '../desired/model.ts';
import { changeBetween, judge, UNSEEN } from './judge.ts';
import type { MonitorHealth, ProbeResult } from './monitor-health.ts';

/** A monitor's state changed: told once per change. */
export type StateChange = { readonly monitor: Monitor; readonly before: MonitorHealth; readonly after: MonitorHealth };

/** All that is believed of the monitors. What steering reads of it changes by `publish` alone. */
export type HealthBook = {
  /** Replaces the monitors; what is believed of those that stay is kept. */
  watch(monitors: readonly Monitor[]): void;
  /** Judges one more result. Those of monitors that are not watched are passed over. */
  take(result: ProbeResult): void;
  /** Brings all that was judged since into `published`, and names the monitors of which steering has to know. */
  publish(): ReadonlySet<MonitorId>;
  /** One map for the life of the book. A monitor without an entry is unseen. */
  readonly published: ReadonlyMap<MonitorId, MonitorHealth>;
};

/** Who is told of changes. */
export type HealthBookOptions = {
  /** There is something to publish. */
  readonly onNews: () => void;
  readonly onStateChange?: ((change: StateChange) => void) | undefined;
};

/** A book without monitors. */
export function createHealthBook({ onNews, onStateChange }: HealthBookOptions): HealthBook {
  const published = new Map<MonitorId, MonitorHealth>();
  /** What is to be published. */
  const verdicts = new Map<MonitorId, MonitorHealth>();
  let monitors = new Map<MonitorId, Monitor>();

  function take(result: ProbeResult): void {
    const monitor = monitors.get(result.monitor);
    if (monitor === undefined) return;
    const before = verdicts.get(monitor.id) ?? published.get(monitor.id) ?? UNSEEN;
    const after = judge(before, result, monitor);
    const change = changeBetween(before, after);
    if (change === 'nothing') return;
    // What steering does not read need not wait.
    const isForNext = change === 'answers' || verdicts.has(monitor.id);
    (isForNext ? verdicts : published).set(monitor.id, after);
    if (after.state !== before.state) onStateChange?.({ monitor, before, after });
    if (change === 'answers') onNews();
  }

  return {
    published,
    take,
    watch(all) {
      monitors = new Map(all.map((monitor) => [monitor.id, monitor]));
      for (const known of [published, verdicts]) {
        for (const id of known.keys()) if (!monitors.has(id)) known.delete(id);
      }
    },
    publish() {
      for (const [id, health] of verdicts) published.set(id, health);
      const changed = new Set(verdicts.keys());
      verdicts.clear();
      return changed;
    },
  };
}
