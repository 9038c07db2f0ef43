/** What an event is about; more kinds may come. */
export type EventType = 'monitor' | 'override' | 'rollout' | 'drill' | 'finding' | 'breaker' | 'snapshot';

/** What JSON can hold. */
type PlainValue = string | number | boolean | null | readonly PlainValue[] | PlainRecord;

/** A JSON object. */
export type PlainRecord = { readonly [key: string]: PlainValue };

/** Something that happened. */
export type NewEvent = {
  readonly type: EventType;
  /** What happened, in one stable word, such as `set` or `cleared`. */
  readonly change: string;
  /** Whom it happened to: the name or identity of a monitor, cluster, rollout or drill, or the code of a finding. */
  readonly subject: string;
  /** One readable line. */
  readonly text: string;
  /** The rest, by type. */
  readonly data: PlainRecord;
};

/** An event as it is kept. The id is of this run of the process; `at` in ms since the epoch. */
export type RecordedEvent = NewEvent & { readonly id: string; readonly at: number };

/**
 * Keeps the latest events for those who follow them. `publish` never throws and never waits for a reader; who follows is
 * woken after it and reads for himself, so that a slow reader costs nothing but his place.
 */
export type Events = {
  publish(event: NewEvent): void;
  /** Returns what ends it. `wake` must not throw. */
  subscribe(wake: () => void): () => void;
  /** The id of the last event; of one before the first where there was none. */
  newest(): string;
  /**
   * At most `most` events after the one with this id, oldest first. `missed`: there were others, which are forgotten, or
   * the id is of another run; then the events are the oldest that are kept.
   */
  after(id: string, most: number): { readonly events: readonly RecordedEvent[]; readonly missed: boolean };
  /** The last `most` events, oldest first. */
  latest(most: number): readonly RecordedEvent[];
};
