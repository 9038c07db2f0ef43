import { type Static, Type } from 'typebox';
import type { RecordedEvent } from '../../core/events.ts';
import { EVENT_TYPES } from '../events/event-types.ts';
import { TIMESTAMP, timestamp } from '../page.ts';

/** An event, in the stream and in lists. */
export const EVENT_VIEW = Type.Object({
  /** Of this run of the process; ids of one run count up. */
  id: Type.String(),
  at: TIMESTAMP,
  type: Type.Enum([...EVENT_TYPES]),
  /** What happened, in one stable word. */
  change: Type.String(),
  /** Whom it happened to: a name, an identity or a code. */
  subject: Type.String(),
  /** One readable line. */
  text: Type.String(),
  /** The rest, by type. */
  data: Type.Record(Type.String(), Type.Unknown()),
});

/** An event as the API shows it. */
export function viewEvent({ id, at, type, change, subject, text, data }: RecordedEvent): Static<typeof EVENT_VIEW> {
  return { id, at: timestamp(at), type, change, subject, text, data: { ...data } };
}
