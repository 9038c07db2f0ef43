import type { MonitorId } from '../desired/model.ts';
import type { Moment, MonitorHealth } from './monitor-health.ts';
import { nextStillnessMs, stillFrom, stillness } from './stillness.ts';

/** Adds for how long they stood still to what is believed of monitors that are not probed by us, of which somebody asks for it. */
export type StillBook = {
  /** Replaces those of which somebody asks for it. */
  heed(asked: ReadonlySet<MonitorId>): void;
  /** Takes what is believed now. */
  take(id: MonitorId, health: MonitorHealth, now: Moment): void;
  /** Lets time go by. */
  advance(now: Moment): void;
  /** When time alone changes something next, in steady ms; Infinity for never. */
  nextAt(): number;
  /** Forgets the others. */
  keep(isKept: (id: MonitorId) => boolean): void;
};

type Entry = {
  readonly health: MonitorHealth;
  /** In steady ms; Infinity while something is on the way. */
  readonly since: number;
  /** When another level is to be told, in steady ms; Infinity for never. */
  readonly dueAt: number;
};

/** An empty book. `tell` hears of each belief that is another one, by its state or by its stillness. */
export function createStillBook(tell: (id: MonitorId, health: MonitorHealth) => void): StillBook {
  const entries = new Map<MonitorId, Entry>();
  let asked: ReadonlySet<MonitorId> = new Set();

  function told(id: MonitorId, health: MonitorHealth, since: number, now: Moment): void {
    const stillMs = asked.has(id) ? now.steady - since : Number.NEGATIVE_INFINITY;
    const level = stillness(stillMs);
    const dueAt = asked.has(id) ? since + nextStillnessMs(stillMs) : Number.POSITIVE_INFINITY;
    entries.set(id, { health, since, dueAt });
    tell(id, level === 0 ? health : Object.freeze({ ...health, stillness: level }));
  }

  return {
    heed(now) {
      for (const [id, entry] of entries) {
        // It is looked at with the next event.
        if (asked.has(id) !== now.has(id)) entries.set(id, { ...entry, dueAt: Number.NEGATIVE_INFINITY });
      }
      asked = now;
    },
    take(id, health, now) {
      const before = entries.get(id);
      const isSame = before?.health.state === health.state && before.since < Number.POSITIVE_INFINITY;
      told(
        id,
        health,
        isMoving(health) ? Number.POSITIVE_INFINITY : isSame ? before.since : stillFrom(now.steady),
        now,
      );
    },
    advance(now) {
      for (const [id, { health, since, dueAt }] of entries) if (dueAt <= now.steady) told(id, health, since, now);
    },
    nextAt() {
      let next = Number.POSITIVE_INFINITY;
      for (const { dueAt } of entries.values()) next = Math.min(next, dueAt);
      return next;
    },
    keep(isKept) {
      for (const id of entries.keys()) if (!isKept(id)) entries.delete(id);
    },
  };
}

/** Where nobody says anything, nobody knows that it stands still. */
function isMoving({ state, contrary }: MonitorHealth): boolean {
  return state === 'unseen' || state === 'held' || contrary > 0;
}
