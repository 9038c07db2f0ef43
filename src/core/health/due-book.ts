import type { MonitorId } from '../desired/model.ts';
import { createDueHeap } from './due-heap.ts';

/**
 * When to look at which monitor again. Nearly every result puts that off, so a later time is not written down: one is asked
 * for at the earlier time, and then says when it really is.
 */
export type DueBook = {
  /** When to look at it, in steady ms; Infinity for never. */
  set(id: MonitorId, dueAt: number): void;
  /** When the first is asked for; Infinity for never. */
  nextAt(): number;
  /** Takes out all that are asked for until then: those that still wait must be set again. */
  takeUntil(now: number): readonly MonitorId[];
  /** Forgets the others. */
  keep(isKept: (id: MonitorId) => boolean): void;
};

type Entry = { readonly id: MonitorId; readonly due: number };

/** An empty book. */
export function createDueBook(): DueBook {
  const heap = createDueHeap<Entry>([]);
  /** The entry of each that counts; what else is in the heap was overtaken by it. */
  const asked = new Map<MonitorId, Entry>();
  const next = (): Entry | undefined => {
    for (let entry = heap.peek(); entry !== undefined; entry = heap.peek()) {
      if (asked.get(entry.id) === entry) return entry;
      heap.pop();
    }
    return undefined;
  };
  return {
    set(id, dueAt) {
      const known = asked.get(id);
      if (dueAt === Number.POSITIVE_INFINITY || (known !== undefined && known.due <= dueAt)) return;
      const entry = { id, due: dueAt };
      asked.set(id, entry);
      heap.push(entry);
    },
    nextAt: () => next()?.due ?? Number.POSITIVE_INFINITY,
    takeUntil(now) {
      const taken: MonitorId[] = [];
      for (let entry = next(); entry !== undefined && entry.due <= now; entry = next()) {
        heap.pop();
        asked.delete(entry.id);
        taken.push(entry.id);
      }
      return taken;
    },
    keep(isKept) {
      for (const id of asked.keys()) if (!isKept(id)) asked.delete(id);
    },
  };
}
