import { createDueHeap } from '../core/health/due-heap.ts';

/**
 * Who is due when. Entries change their own `due`: to be asked for at the new time they are set again, and what was written
 * down of them before counts no more.
 */
export type Agenda<T> = {
  /** These and no others. */
  replace(entries: Iterable<T>): void;
  set(entry: T): void;
  /** Takes out the first that is due until then. */
  take(now: number): T | undefined;
  /** When the first is due, or sooner; undefined where nobody is. */
  nextAt(): number | undefined;
};

type Ticket<T> = { readonly due: number; readonly entry: T };

/** An empty agenda. */
export function createAgenda<T extends { readonly due: number }>(): Agenda<T> {
  const ticketOf = (entry: T): Ticket<T> => ({ due: entry.due, entry });
  let heap = createDueHeap<Ticket<T>>([]);
  return {
    replace(entries) {
      heap = createDueHeap([...entries].map(ticketOf));
    },
    set: (entry) => heap.push(ticketOf(entry)),
    take(now) {
      for (let ticket = heap.peek(); ticket !== undefined && ticket.due <= now; ticket = heap.peek()) {
        heap.pop();
        if (ticket.due === ticket.entry.due) return ticket.entry;
      }
      return undefined;
    },
    nextAt: () => heap.peek()?.due,
  };
}
