import type { Monitor, MonitorId } from '../desired/model.ts';
import type { Belief } from './judge.ts';
import type { Moment } from './monitor-health.ts';
import { type RememberedHealth, recalled, remembered } from './remembered.ts';
import type { Telling } from './stillness.ts';

/** What was saved of monitors before a restart, and what is to be saved of them for the next one. */
export type HealthMemory = {
  /** Takes over what was saved, before the start; `aliveAt`: when that was last so, in ms since the epoch. */
  restore(saved: ReadonlyMap<MonitorId, RememberedHealth>, aliveAt: number): void;
  /** Of how many monitors something is remembered. */
  size(): number;
  /** Of how many monitors something was saved that nobody asked for yet. */
  unclaimed(): number;
  /** What is believed of a monitor that is watched for the first time; undefined: nothing. */
  recall(monitor: Monitor, now: Moment, telling: Telling): Belief | undefined;
  /** A monitor came into service, or went out of it. `isBelieved`: whether what is measured takes effect, asked later. */
  note(monitor: Monitor, belief: Belief, now: Moment, isBelieved: () => boolean): void;
  /** The monitor is not watched any more. */
  forget(id: MonitorId): void;
  /** What of those that no monitor asked for is not needed any more. */
  forgetUnclaimed(): void;
  /** What is other than it was told last; undefined: nothing is remembered of it. What cannot be told yet waits. */
  take(): ReadonlyMap<MonitorId, RememberedHealth | undefined>;
  /** Tells again what could not be saved, where nothing newer is known. */
  giveBack(changes: ReadonlyMap<MonitorId, RememberedHealth | undefined>): void;
};

type Note = {
  readonly monitor: Monitor;
  readonly belief: Belief;
  readonly now: Moment;
  readonly isBelieved: () => boolean;
};

/** A memory of nothing. `onNews`: there is something to take. */
export function createHealthMemory(onNews: () => void = () => {}): HealthMemory {
  let unclaimed = new Map<MonitorId, RememberedHealth>();
  let aliveAt = 0;
  /** Of whom something is saved. */
  const known = new Set<MonitorId>();
  const notes = new Map<MonitorId, Note>();
  const changes = new Map<MonitorId, RememberedHealth | undefined>();

  function tell(id: MonitorId, health: RememberedHealth | undefined): void {
    if (health === undefined && !known.has(id)) return;
    if (health === undefined) known.delete(id);
    else known.add(id);
    changes.set(id, health);
  }

  return {
    restore(saved, at) {
      unclaimed = new Map(saved);
      aliveAt = at;
      for (const id of saved.keys()) known.add(id);
    },
    size: () => known.size,
    unclaimed: () => unclaimed.size,
    recall(monitor, now, telling) {
      const saved = unclaimed.get(monitor.id);
      if (saved === undefined) return undefined;
      unclaimed.delete(monitor.id);
      const belief = recalled(saved, monitor, { now, ageMs: Math.max(0, now.wall - aliveAt), telling });
      if (belief === undefined) tell(monitor.id, undefined);
      return belief;
    },
    note(monitor, belief, now, isBelieved) {
      notes.set(monitor.id, { monitor, belief, now, isBelieved });
      onNews();
    },
    forget(id) {
      notes.delete(id);
      tell(id, undefined);
      onNews();
    },
    forgetUnclaimed() {
      for (const id of unclaimed.keys()) tell(id, undefined);
      unclaimed.clear();
      onNews();
    },
    take() {
      for (const [id, { monitor, belief, now, isBelieved }] of notes) {
        // Failures that are withheld by the breaker would be believed after a restart.
        if (!isBelieved()) continue;
        notes.delete(id);
        tell(id, remembered(belief, monitor, now));
      }
      const taken = new Map(changes);
      changes.clear();
      return taken;
    },
    giveBack(unsaved) {
      for (const [id, health] of unsaved) if (!changes.has(id)) changes.set(id, health);
    },
  };
}
