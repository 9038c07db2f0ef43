import { isEqual } from '../desired/equal.ts';
import type { Monitor, MonitorId } from '../desired/model.ts';
import type { Belief } from './judge.ts';
import type { Moment } from './monitor-health.ts';
import { type RememberedHealth, recalled, remembered } from './remembered.ts';
import type { Telling } from './stillness.ts';

/** What somebody else came to remember of monitors; undefined: nothing any more. `aliveAt`: when that was last so. */
export type HealthNews = {
  readonly changes: ReadonlyMap<MonitorId, RememberedHealth | undefined>;
  readonly aliveAt: number;
};

/** What was saved of monitors before a restart, and what is to be saved of them for the next one. */
export type HealthMemory = {
  /** Takes over what was saved, before the start; `aliveAt`: when that was last so, in ms since the epoch. */
  restore(saved: ReadonlyMap<MonitorId, RememberedHealth>, aliveAt: number): void;
  /**
   * Takes over, in the middle of a run, what another process saved meanwhile; `before`: what `restore` was given. Monitors of
   * which nothing is believed yet go by it as after a start. Of the others our own belief is what is to be saved now, and
   * whoever listens is told what the other process changed of them.
   */
  succeed(before: Saved, saved: Saved, aliveAt: number): void;
  /** Names who is told; one at a time. */
  listen(listener: (news: HealthNews) => void): void;
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

type Saved = ReadonlyMap<MonitorId, RememberedHealth>;

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
  let listening = (_news: HealthNews): void => {};
  /** Of whom something was believed in this run: what is saved of them is ours to say. */
  const own = new Set<MonitorId>();
  const notes = new Map<MonitorId, Note>();
  const tellings = createTellings();

  return {
    restore(saved, at) {
      unclaimed = new Map(saved);
      aliveAt = at;
      tellings.restore(saved);
    },
    succeed(before, saved, at) {
      unclaimed = new Map([...saved].filter(([id]) => !own.has(id)));
      aliveAt = at;
      tellings.succeed(saved, own);
      listening({ changes: changedBetween(before, saved, own), aliveAt });
      onNews();
    },
    listen(listener) {
      listening = listener;
    },
    size: () => tellings.size(),
    unclaimed: () => unclaimed.size,
    recall(monitor, now, telling) {
      const saved = unclaimed.get(monitor.id);
      if (saved === undefined) return undefined;
      unclaimed.delete(monitor.id);
      own.add(monitor.id);
      const belief = recalled(saved, monitor, { now, ageMs: Math.max(0, now.wall - aliveAt), telling });
      if (belief === undefined) tellings.tell(monitor.id, undefined);
      return belief;
    },
    note(monitor, belief, now, isBelieved) {
      own.add(monitor.id);
      // Somebody looked before it was asked for: that is newer.
      unclaimed.delete(monitor.id);
      notes.set(monitor.id, { monitor, belief, now, isBelieved });
      onNews();
    },
    forget(id) {
      notes.delete(id);
      own.delete(id);
      tellings.tell(id, undefined);
      onNews();
    },
    forgetUnclaimed() {
      for (const id of unclaimed.keys()) tellings.tell(id, undefined);
      unclaimed.clear();
      onNews();
    },
    take() {
      for (const [id, { monitor, belief, now, isBelieved }] of notes) {
        // Failures that are withheld by the breaker would be believed after a restart.
        if (!isBelieved()) continue;
        notes.delete(id);
        tellings.tell(id, remembered(belief, monitor, now));
      }
      return tellings.take();
    },
    giveBack: (unsaved) => tellings.giveBack(unsaved),
  };
}

function changedBetween(before: Saved, after: Saved, ids: Iterable<MonitorId>): HealthNews['changes'] {
  const changed = [...ids].filter((id) => !isEqual(before.get(id), after.get(id)));
  return new Map(changed.map((id) => [id, after.get(id)]));
}

/** What is saved, and what of it is to be saved anew. */
function createTellings() {
  /** What is saved, or waits to be taken. */
  const known = new Map<MonitorId, RememberedHealth>();
  const changes = new Map<MonitorId, RememberedHealth | undefined>();
  return {
    size: () => known.size,
    restore(saved: Saved): void {
      for (const [id, health] of saved) known.set(id, health);
    },
    tell(id: MonitorId, health: RememberedHealth | undefined): void {
      if (health === undefined && !known.has(id)) return;
      if (health === undefined) known.delete(id);
      else known.set(id, health);
      changes.set(id, health);
    },
    /** Somebody else saved this. Of our own monitors it is put right; what is thought of others is his to say. */
    succeed(saved: Saved, own: ReadonlySet<MonitorId>): void {
      const others = [...known.keys(), ...changes.keys(), ...saved.keys()].filter((id) => !own.has(id));
      for (const id of others) {
        const there = saved.get(id);
        if (there === undefined) known.delete(id);
        else known.set(id, there);
        changes.delete(id);
      }
      for (const id of own) {
        if (isEqual(known.get(id), saved.get(id))) changes.delete(id);
        else changes.set(id, known.get(id));
      }
    },
    take(): ReadonlyMap<MonitorId, RememberedHealth | undefined> {
      const taken = new Map(changes);
      changes.clear();
      return taken;
    },
    giveBack(unsaved: ReadonlyMap<MonitorId, RememberedHealth | undefined>): void {
      for (const [id, health] of unsaved) if (!changes.has(id)) changes.set(id, health);
    },
  };
}
