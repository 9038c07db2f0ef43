import type { Monitor, MonitorId } from '../desired/model.ts';
import type { Begun, Breaker } from './breaker-terms.ts';
import { createDueBook } from './due-book.ts';
import type { HealthMemory, HealthNews } from './health-memory.ts';
import { type Belief, elapse, judge, NO_BELIEF, release, repaced, UNSEEN } from './judge.ts';
import type { Moment, ProbeResult } from './monitor-health.ts';
import type { PaceChange } from './pace.ts';
import { succeeded } from './remembered.ts';
import type { ShownBook } from './shown-book.ts';
import type { Telling } from './stillness.ts';

/** Keeps what is believed of the monitors that are probed by us. */
export type ProbedBook = {
  /** Replaces the monitors; what is believed of those that stay is kept. */
  watch(monitors: readonly Monitor[]): void;
  /** Believes what was remembered of those of whom nothing is believed. */
  recall(now: Moment): void;
  /** Takes over what another process began and ended for those of whom something is believed. */
  succeed(news: HealthNews, now: Moment): void;
  has(id: MonitorId): boolean;
  /** Replaces those of which somebody asks for how long they stood still: it is told from their next result on. */
  heed(asked: ReadonlySet<MonitorId>): void;
  /** Judges one more result. Those of monitors that are not watched are passed over. */
  take(result: ProbeResult, now: Moment): void;
  /** They are probed more or less often from now on. */
  pace(changes: readonly PaceChange[], now: Moment): void;
  /** Lets time go by: what came due until now is judged. */
  advance(now: Moment): void;
  /** When time alone changes something next, in steady ms, or sooner; Infinity for never. */
  nextAt(): number;
  /** Ends the hold of a monitor. Returns whether it was held. */
  release(id: MonitorId, now: Moment): boolean;
};

/** A book without monitors, which shows what is believed. */
export function createProbedBook(shown: ShownBook, breaker: Breaker, memory?: HealthMemory): ProbedBook {
  const beliefs = new Map<MonitorId, Belief>();
  const due = createDueBook();
  let monitors = new Map<MonitorId, Monitor>();
  let asked: ReadonlySet<MonitorId> = new Set();
  const tellingOf = ({ id }: Monitor): Telling => (asked.has(id) ? 'stillness' : 'state');

  /** All that is believed anew comes by here. */
  function believe(monitor: Monitor, before: Belief, after: Belief, now: Moment, begun: Begun = 'none'): void {
    if (after === before) return;
    beliefs.set(monitor.id, after);
    due.set(monitor.id, after.dueAt);
    shown.measure(monitor, after.health, begun, now);
    if (after.service === before.service) return;
    memory?.note(monitor, after, now, () => breaker.cover(monitor.id, UNSEEN) === UNSEEN);
  }

  return {
    has: (id) => monitors.has(id),
    heed(now) {
      asked = now;
    },
    take(result, now) {
      const monitor = monitors.get(result.monitor);
      if (monitor === undefined) return;
      const before = beliefs.get(monitor.id) ?? NO_BELIEF;
      const after = afterResult(before, result, { monitor, now, telling: tellingOf(monitor), breaker });
      believe(monitor, before, after, now, now.steady - result.durationMs);
    },
    pace(changes, now) {
      for (const change of changes) {
        const monitor = monitors.get(change.monitor);
        if (monitor === undefined) continue;
        const before = beliefs.get(monitor.id) ?? NO_BELIEF;
        const idleMs = change.pace === 'idle' ? change.intervalMs : undefined;
        believe(monitor, before, repaced(before, idleMs, monitor, now, tellingOf(monitor)), now);
      }
    },
    advance(now) {
      for (const id of due.takeUntil(now.steady)) {
        const monitor = monitors.get(id);
        const before = beliefs.get(id);
        if (monitor === undefined || before === undefined) continue;
        const after = elapse(before, monitor, now, tellingOf(monitor));
        // It was asked for at a time that a result put off.
        if (after === before) due.set(id, before.dueAt);
        else believe(monitor, before, after, now);
      }
    },
    nextAt: () => due.nextAt(),
    release(id, now) {
      const monitor = monitors.get(id);
      const before = beliefs.get(id);
      if (monitor === undefined || before === undefined) return false;
      const elapsed = elapse(before, monitor, now, tellingOf(monitor));
      const after = release(elapsed, monitor, now, tellingOf(monitor));
      believe(monitor, before, after, now);
      return after !== elapsed;
    },
    ...createRecollection({ monitors: () => monitors, beliefs, believe, tellingOf, memory }),
    watch(all) {
      monitors = new Map(all.map((monitor) => [monitor.id, monitor]));
      for (const id of beliefs.keys()) {
        if (monitors.has(id)) continue;
        beliefs.delete(id);
        memory?.forget(id);
      }
      due.keep((id) => monitors.has(id));
    },
  };
}

type Book = {
  readonly monitors: () => ReadonlyMap<MonitorId, Monitor>;
  readonly beliefs: ReadonlyMap<MonitorId, Belief>;
  readonly believe: (monitor: Monitor, before: Belief, after: Belief, now: Moment) => void;
  readonly tellingOf: (monitor: Monitor) => Telling;
  readonly memory: HealthMemory | undefined;
};

/** What others than our own results have a book believe. */
function createRecollection({
  monitors,
  beliefs,
  believe,
  tellingOf,
  memory,
}: Book): Pick<ProbedBook, 'recall' | 'succeed'> {
  return {
    recall(now) {
      if (memory === undefined || memory.unclaimed() === 0) return;
      for (const monitor of monitors().values()) {
        if (beliefs.has(monitor.id)) continue;
        const belief = memory.recall(monitor, now, tellingOf(monitor));
        if (belief !== undefined) believe(monitor, NO_BELIEF, belief, now);
      }
    },
    succeed({ changes, aliveAt }, now) {
      const ageMs = Math.max(0, now.wall - aliveAt);
      for (const [id, saved] of changes) {
        const monitor = monitors().get(id);
        const before = beliefs.get(id);
        if (monitor === undefined || before === undefined) continue;
        believe(monitor, before, succeeded(before, saved, monitor, { now, ageMs, telling: tellingOf(monitor) }), now);
      }
    },
  };
}

type Occasion = {
  readonly monitor: Monitor;
  readonly now: Moment;
  readonly telling: Telling;
  readonly breaker: Breaker;
};

/** What is believed after one more result. */
function afterResult(before: Belief, result: ProbeResult, { monitor, now, telling, breaker }: Occasion): Belief {
  const after = judge(before, result, monitor, now, telling);
  const health = breaker.regained(monitor.id, after.health, now.steady);
  if (health === undefined) return after;
  // A withheld fall that is taken back never was: this result is the first after what was shown before.
  return judge({ ...NO_BELIEF, idleMs: before.idleMs, health }, result, monitor, now, telling);
}
