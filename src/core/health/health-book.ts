import type { Model, Monitor, MonitorId } from '../desired/model.ts';
import { createBreaker } from './breaker.ts';
import { type Begun, type Breaker, UNBROKEN } from './breaker-terms.ts';
import { createCalculatedBook } from './calculated-book.ts';
import { createDueBook } from './due-book.ts';
import { createExternalBook, type ExternalBook } from './external-book.ts';
import { type Belief, elapse, judge, NO_BELIEF, release } from './judge.ts';
import type { Moment, MonitorHealth, ProbeResult } from './monitor-health.ts';
import { createShownBook, type StateChange } from './shown-book.ts';

/** See there. */
export type { StateChange } from './shown-book.ts';

/**
 * All that is believed of the monitors. What steering reads of it changes by `publish` alone. Moments that are given to it
 * never go back.
 */
export type HealthBook = Pick<ExternalBook, 'push' | 'pushed' | 'read' | 'gauges' | 'report' | 'loads'> & {
  /** Replaces the monitors; what is believed of those that stay is kept. */
  watch(monitors: readonly Monitor[], others?: Partial<Pick<Model, 'calculated' | 'named' | 'clusters'>>): void;
  /** Judges one more result. Those of monitors that are not watched are passed over. */
  take(result: ProbeResult, now: Moment): void;
  /** Lets time go by: what came due until now is judged. */
  advance(now: Moment): void;
  /** When time alone changes something next, in steady ms, or sooner; Infinity for never. */
  nextAt(): number;
  /** An operator ends the holds of these monitors. Returns those that were held. */
  release(monitors: Iterable<MonitorId>, now: Moment): readonly MonitorId[];
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
  /** Says which measurements of the prober are believed. Absent: all. */
  readonly breaker?: Breaker;
};

/** A book without monitors. */
export function createHealthBook(options: HealthBookOptions): HealthBook {
  const { breaker = createBreaker(UNBROKEN) } = options;
  const shown = createShownBook({ ...options, breaker });
  const beliefs = new Map<MonitorId, Belief>();
  const due = createDueBook();
  const calculations = createCalculatedBook();
  const external = createExternalBook((id, health) => shown.put(id, health));
  let monitors = new Map<MonitorId, Monitor>();

  /** All that is believed anew comes by here. */
  function believe(monitor: Monitor, before: Belief, after: Belief, now: Moment, begun: Begun = 'none'): void {
    if (after === before) return;
    beliefs.set(monitor.id, after);
    due.set(monitor.id, after.dueAt);
    shown.measure(monitor, after.health, begun, now);
  }

  return {
    published: shown.published,
    take(result, now) {
      const monitor = monitors.get(result.monitor);
      if (monitor === undefined) return;
      const before = beliefs.get(monitor.id) ?? NO_BELIEF;
      const after = judge(before, result, monitor, now);
      const health = breaker.regained(monitor.id, after.health, now.steady);
      // A withheld fall that is taken back never was: this result is the first after what was shown before.
      const believed = health === undefined ? after : judge({ ...NO_BELIEF, health }, result, monitor, now);
      believe(monitor, before, believed, now, now.steady - result.durationMs);
    },
    push: (monitor, result, now) => external.push(monitor, result, now),
    pushed: external.pushed,
    read: (reading, now) => external.read(reading, now),
    gauges: external.gauges,
    report: (monitor, load, now) => external.report(monitor, load, now),
    loads: external.loads,
    advance(now) {
      external.advance(now);
      for (const id of due.takeUntil(now.steady)) {
        const monitor = monitors.get(id);
        const before = beliefs.get(id);
        if (monitor === undefined || before === undefined) continue;
        const after = elapse(before, monitor, now);
        // It was asked for at a time that a result put off.
        if (after === before) due.set(id, before.dueAt);
        else believe(monitor, before, after, now);
      }
      breaker.advance(now.steady);
      shown.follow();
    },
    nextAt: () => Math.min(due.nextAt(), external.nextAt(), breaker.nextAt()),
    release(ids, now) {
      return [...calculations.withMembers(ids)].filter((id) => {
        const monitor = monitors.get(id);
        const before = beliefs.get(id);
        if (monitor === undefined || before === undefined) return false;
        const elapsed = elapse(before, monitor, now);
        const after = release(elapsed, monitor, now);
        believe(monitor, before, after, now);
        return after !== elapsed;
      });
    },
    watch(all, { calculated = [], named = [], clusters = [] } = {}) {
      monitors = new Map(all.map((monitor) => [monitor.id, monitor]));
      calculations.watch(calculated);
      external.watch(named, clusters);
      const books = [monitors, calculations, external];
      shown.keep((id) => books.some((book) => book.has(id)));
      for (const id of beliefs.keys()) if (!monitors.has(id)) beliefs.delete(id);
      due.keep((id) => monitors.has(id));
    },
    publish: () => shown.publish((published, changed) => calculations.settle(published, changed)),
  };
}
