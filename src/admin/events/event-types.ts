import type { EventType } from '../../core/events.ts';

/** The types of events, as `?types=` takes them. */
export const EVENT_TYPES = [
  'monitor',
  'override',
  'rollout',
  'drill',
  'finding',
  'breaker',
  'snapshot',
] as const satisfies EventType[];
