import type { Model, Monitor, MonitorId } from '../desired/model.ts';
import { createBreaker } from './breaker.ts';
import { type Breaker, UNBROKEN } from './breaker-terms.ts';
import { createCalculatedBook } from './calculated-book.ts';
import { createExternalBook, type ExternalBook } from './external-book.ts';
import type { HealthMemory, HealthNews } from './health-memory.ts';
import type { Moment, MonitorHealth, ProbeResult } from './monitor-health.ts';
import type { PaceChange } from './pace.ts';
import { createProbedBook } from './probed-book.ts';
import { createShownBook, type StateChange } from './shown-book.ts';
import { askedForStillness } from './stillness.ts';

/** See there. */
export type { StateChange } from './shown-book.ts';

/**
 * All that is believed of the monitors. What steering reads of it changes by `publish` alone. Moments that are given to it
 * never go back.
 */
export type HealthBook = Pick<ExternalBook, 'push' | 'pushed' | 'read' | 'gauges' | 'report' | 'loads'> & {
  /** Replaces the monitors; what is believed of those that stay is kept. */
  watch(monitors: readonly Monitor[], others?: Partial<Pick<Model, 'calculated' | 'named' | 'clusters'>>): void;
  /** Believes what was remembered of monitors of whom nothing is believed; call it when they are watched. */
  recall(now: Moment): void;
  /** Takes over what another process began and ended for the monitors that both watch. */
  succeed(news: HealthNews, now: Moment): void;
  /** Finds out of which monitors the hostnames ask for how long they stood still: it is told from their next result on. */
  heed(model: Pick<Model, 'hostnames' | 'calculated'>): void;
  /** Judges one more result. Those of monitors that are not watched are passed over. */
  take(result: ProbeResult, now: Moment): void;
  /** They are probed more or less often from now on. */
  pace(changes: readonly PaceChange[], now: Moment): void;
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
  /** What survives a restart. Absent: nothing. */
  readonly memory?: HealthMemory | undefined;
};

/** A book without monitors. */
export function createHealthBook(options: HealthBookOptions): HealthBook {
  const { breaker = createBreaker(UNBROKEN) } = options;
  const shown = createShownBook({ ...options, breaker });
  const probed = createProbedBook(shown, breaker, options.memory);
  const calculations = createCalculatedBook();
  const external = createExternalBook((id, health) => shown.put(id, health));

  return {
    published: shown.published,
    take: (result, now) => probed.take(result, now),
    recall: (now) => probed.recall(now),
    succeed: (news, now) => probed.succeed(news, now),
    pace: (changes, now) => probed.pace(changes, now),
    push: (monitor, result, now) => external.push(monitor, result, now),
    pushed: external.pushed,
    read: (reading, now) => external.read(reading, now),
    gauges: external.gauges,
    report: (monitor, load, now) => external.report(monitor, load, now),
    loads: external.loads,
    advance(now) {
      external.advance(now);
      probed.advance(now);
      breaker.advance(now.steady);
      shown.follow();
    },
    nextAt: () => Math.min(probed.nextAt(), external.nextAt(), breaker.nextAt()),
    release: (ids, now) => [...calculations.withMembers(ids)].filter((id) => probed.release(id, now)),
    heed(model) {
      const asked = askedForStillness(model);
      probed.heed(asked);
      external.heed(asked);
    },
    watch(all, { calculated = [], named = [], clusters = [] } = {}) {
      probed.watch(all);
      calculations.watch(calculated);
      external.watch(named, clusters);
      const books = [probed, calculations, external];
      shown.keep((id) => books.some((book) => book.has(id)));
    },
    publish: () => shown.publish((published, changed) => calculations.settle(published, changed)),
  };
}
