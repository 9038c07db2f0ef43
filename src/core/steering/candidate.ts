import type { Endpoint, MonitorId } from '../desired/model.ts';
import { UNSEEN } from '../health/judge.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import type { Overrides } from '../health/override.ts';
import { ALL_BUCKETS } from '../health/slow-start.ts';
import type { Candidate, DrainState, EndpointState } from './decision.ts';

/**
 * An endpoint with what was measured and what people ordered laid over it. A monitor without an entry in `health` is
 * unseen. `now` in ms since the epoch decides which timed drains hold.
 */
export function candidateOf(
  endpoint: Endpoint,
  health: ReadonlyMap<MonitorId, MonitorHealth>,
  overrides: Overrides,
  now: number,
): Candidate {
  const watched = endpoint.monitor !== 'unchecked';
  const believed = watched ? (health.get(endpoint.monitor) ?? UNSEEN) : UNSEEN;
  const state: EndpointState = watched ? believed.state : 'unchecked';
  return {
    endpoint,
    state,
    drain: drainOf(endpoint, overrides, now),
    since: believed.since,
    admits: believed.admits ?? ALL_BUCKETS,
    secondsToChange: believed.secondsToChange,
  };
}

/** When the next timed drain ends, in ms since the epoch; Infinity where none is running. */
export function nextDrainChange(endpoints: Iterable<Endpoint>, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { drain } of endpoints) {
    if (drain.kind === 'until' && drain.at > now) next = Math.min(next, drain.at);
  }
  return next;
}

function drainOf(endpoint: Endpoint, overrides: Overrides, now: number): DrainState {
  if (overrides.has(endpoint.cluster)) return 'override';
  const { drain } = endpoint;
  return drain.kind === 'on' || (drain.kind === 'until' && drain.at > now) ? 'annotation' : 'none';
}
