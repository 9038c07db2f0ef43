import { ALL_BUCKETS } from '../health/slow-start.ts';
import type { Candidate, EndpointState } from './decision.ts';

/** Set in the standing of an endpoint that somebody drained. */
export const DRAINED = 8;

/** Steering makes no difference between held and down. */
const STATES: Readonly<Record<EndpointState, number>> = {
  up: 0,
  down: 1,
  held: 1,
  unseen: 2,
  unchecked: 3,
  degraded: 4,
};

/** Longest time to a change in seconds that a standing tells from never; above any TTL. */
const MAX_SECONDS_TO_CHANGE = 0x1ffff;

/**
 * What steering reads of a candidate besides its endpoint and `since`, as one 32-bit word: state, whether it is drained,
 * whole seconds to its next change, how long it stood still, the share that it does not admit. Equal words, equal `since`: equal decisions. Only the last resort `last` reads `since`.
 */
export function standingOf({
  state,
  drain,
  admits,
  secondsToChange,
  stillness,
}: Omit<Candidate, 'endpoint' | 'since'>): number {
  const seconds = Math.min(MAX_SECONDS_TO_CHANGE, Math.max(0, Math.round(secondsToChange)));
  const own = STATES[state] | (drain === 'none' ? 0 : DRAINED);
  return own | (seconds << 4) | (stillness << 21) | ((ALL_BUCKETS - admits) << 24);
}
