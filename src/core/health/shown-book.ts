import type { Monitor, MonitorId } from '../desired/model.ts';
import type { Begun, Breaker } from './breaker-terms.ts';
import { changeBetween, UNSEEN } from './judge.ts';
import type { Moment, MonitorHealth } from './monitor-health.ts';

/** A monitor's state changed: told once per change. */
export type StateChange = { readonly monitor: Monitor; readonly before: MonitorHealth; readonly after: MonitorHealth };

/** What is shown of the monitors, to steering and to people: what is measured, as far as the breaker believes it. */
export type ShownBook = {
  /** One map for the life of the book. It changes by `publish`, and at once where steering does not read it. */
  readonly published: ReadonlyMap<MonitorId, MonitorHealth>;
  /** Takes what the prober measures now. */
  measure(monitor: Monitor, measured: MonitorHealth, begun: Begun, now: Moment): void;
  /** Takes what does not come from the prober: the breaker has no say in it. */
  put(id: MonitorId, health: MonitorHealth): void;
  /** Follows the breaker where it opened or closed: that changes what is shown of others than whom it was asked about. */
  follow(): void;
  /** Brings all that is new into `published`, lets `settle` add what follows from it, and names what changed. */
  publish(settle: (published: Map<MonitorId, MonitorHealth>, changed: Set<MonitorId>) => void): ReadonlySet<MonitorId>;
  /** Forgets those of whom `isKnown` says no. */
  keep(isKnown: (id: MonitorId) => boolean): void;
};

/** Who is told of changes, and who is asked. */
export type ShownBookOptions = {
  /** There is something to publish. */
  readonly onNews: () => void;
  readonly onStateChange?: ((change: StateChange) => void) | undefined;
  readonly breaker: Breaker;
};

/** A book that shows nothing. */
export function createShownBook({ onNews, onStateChange, breaker }: ShownBookOptions): ShownBook {
  const published = new Map<MonitorId, MonitorHealth>();
  /** What is to be published. */
  const verdicts = new Map<MonitorId, MonitorHealth>();
  const measurements = new Map<MonitorId, { readonly monitor: Monitor; readonly measured: MonitorHealth }>();

  const shownOf = (id: MonitorId): MonitorHealth => verdicts.get(id) ?? published.get(id) ?? UNSEEN;

  function show(monitor: Monitor, before: MonitorHealth, after: MonitorHealth): void {
    const change = changeBetween(before, after);
    if (change === 'nothing') return;
    // What steering does not read need not wait.
    const isForNext = change === 'answers' || verdicts.has(monitor.id);
    (isForNext ? verdicts : published).set(monitor.id, after);
    if (after.state !== before.state) onStateChange?.({ monitor, before, after });
    if (change === 'answers') onNews();
  }

  function follow(): void {
    for (const id of breaker.moved()) {
      const known = measurements.get(id);
      if (known !== undefined) show(known.monitor, shownOf(id), breaker.cover(id, known.measured));
    }
  }

  return {
    published,
    measure(monitor, measured, begun, now) {
      const { id } = monitor;
      measurements.set(id, { monitor, measured });
      const shown = shownOf(id);
      breaker.judge({ monitor, shown, measured, begun }, now.steady);
      show(monitor, shown, breaker.cover(id, measured));
      follow();
    },
    put(id, health) {
      const change = changeBetween(shownOf(id), health);
      const isForNext = change === 'answers' || verdicts.has(id);
      (isForNext ? verdicts : published).set(id, health);
      if (change === 'answers') onNews();
    },
    follow,
    publish(settle) {
      for (const [id, health] of verdicts) published.set(id, health);
      const changed = new Set(verdicts.keys());
      verdicts.clear();
      settle(published, changed);
      return changed;
    },
    keep(isKnown) {
      for (const known of [published, verdicts, measurements]) {
        for (const id of known.keys()) if (!isKnown(id)) known.delete(id);
      }
      breaker.watch({ has: isKnown });
    },
  };
}
