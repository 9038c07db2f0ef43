import type { Endpoint, MonitorId } from '../desired/model.ts';
import { isDraining, secondsToDrain, spanOf, spanOfOverride } from '../health/drain-span.ts';
import { UNSEEN } from '../health/judge.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import type { Overrides } from '../health/override.ts';
import { ALL_BUCKETS } from '../health/slow-start.ts';
import type { Candidate, DrainState, EndpointState } from './decision.ts';

/**
 * An endpoint with what was measured and what people ordered laid over it. A monitor without an entry in `health` is
 * unseen; of its share and that of its cluster's load the smaller counts. `now` in ms since the epoch decides which timed drains hold.
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
  const load = endpoint.load === undefined ? UNSEEN : (health.get(endpoint.load) ?? UNSEEN);
  return {
    endpoint,
    state,
    drain: drainOf(endpoint, overrides, now),
    since: believed.since,
    admits: Math.min(believed.admits ?? ALL_BUCKETS, load.admits ?? ALL_BUCKETS),
    secondsToChange: Math.min(
      believed.secondsToChange,
      load.secondsToChange,
      secondsToDrain(spanOf(endpoint.drain), now),
      secondsToDrain(spanOfOverride(overrides.get(endpoint.cluster)), now),
    ),
  };
}

function drainOf(endpoint: Endpoint, overrides: Overrides, now: number): DrainState {
  if (isDraining(spanOfOverride(overrides.get(endpoint.cluster)), now)) return 'override';
  return isDraining(spanOf(endpoint.drain), now) ? 'annotation' : 'none';
}
