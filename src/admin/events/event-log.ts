import type { Events, NewEvent, RecordedEvent } from '../../core/events.ts';

/** Most events that are kept for readers who come back or fall behind. */
const MAX_KEPT_EVENTS = 10_000;
/** Most that they take up together, in characters of JSON. */
const MAX_KEPT_EVENT_TEXT = 8 * 1024 * 1024;
/** Longest line of text of one event, in characters; the rest is cut off. */
const MAX_EVENT_TEXT = 2_000;

/** What a log needs. */
export type EventLogOptions = {
  /** Ms since the epoch. */
  readonly now: () => number;
  /** Bounds, for tests. */
  readonly most?: number;
};

type Kept = { readonly event: RecordedEvent; readonly size: number };

const ID = /^([0-9a-z]{1,12})-(\d{1,15})$/;

/**
 * The latest events, in memory: a restart forgets them, and tells so by ids that begin otherwise. Bounded by number and by
 * size, whatever happens at once.
 */
export function createEventLog({ now, most = MAX_KEPT_EVENTS }: EventLogOptions): Events {
  const run = now().toString(36);
  const readers = new Set<() => void>();
  let kept: Kept[] = [];
  /** Events at the beginning of `kept` that are forgotten already. */
  let gone = 0;
  let size = 0;
  let last = 0;

  function forget(): void {
    while (kept.length - gone > most || (size > MAX_KEPT_EVENT_TEXT && kept.length - gone > 1)) {
      size -= kept[gone]!.size;
      gone += 1;
    }
    // Not with every event: that would move all the others.
    if (gone > most) {
      kept = kept.slice(gone);
      gone = 0;
    }
  }

  return {
    publish(event) {
      last += 1;
      const recorded = Object.freeze({ id: `${run}-${last}`, at: now(), ...bounded(event) });
      const length = JSON.stringify(recorded).length;
      kept.push({ event: recorded, size: length });
      size += length;
      forget();
      for (const wake of readers) wake();
    },
    subscribe(wake) {
      // A function of its own for each, so that one that comes twice is ended once.
      const reader = (): void => wake();
      readers.add(reader);
      return () => void readers.delete(reader);
    },
    newest: () => `${run}-${last}`,
    after(id, count) {
      const [, of, digits] = ID.exec(id) ?? [];
      const number = Number(digits);
      const oldest = last - (kept.length - gone) + 1;
      const isKnown = of === run && number <= last && number >= oldest - 1;
      const from = isKnown ? gone + (number - oldest + 1) : gone;
      return { events: kept.slice(from, from + count).map(({ event }) => event), missed: !isKnown };
    },
    latest: (count) => kept.slice(Math.max(gone, kept.length - count)).map(({ event }) => event),
  };
}

function bounded(event: NewEvent): NewEvent {
  if (event.text.length <= MAX_EVENT_TEXT) return event;
  return { ...event, text: `${event.text.slice(0, MAX_EVENT_TEXT)}…` };
}
