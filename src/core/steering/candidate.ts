import type { Endpoint, MonitorId } from '../desired/model.ts';
import { isDraining, secondsToDrain, spanOf } from '../health/drain-span.ts';
import { UNSEEN } from '../health/judge.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import { ALL_BUCKETS } from '../health/slow-start.ts';
import type { Candidate, DrainState, EndpointState } from './decision.ts';

/**
 * An endpoint with what was measured and what people ordered laid over it. A monitor without an entry in `health` is
 * unseen; of its shares and that of its cluster's load the smallest counts. `now` in ms since the epoch decides which timed drains hold.
 */
export function candidateOf(endpoint: Endpoint, health: ReadonlyMap<MonitorId, MonitorHealth>, now: number): Candidate {
  const { order } = endpoint;
  const isWatched = endpoint.monitor !== 'unchecked';
  // What is measured of an endpoint moves nobody while somebody ordered what it is.
  const believed = isWatched && order?.state === undefined ? (health.get(endpoint.monitor) ?? UNSEEN) : UNSEEN;
  const load = endpoint.load === undefined ? UNSEEN : (health.get(endpoint.load) ?? UNSEEN);
  return {
    endpoint,
    state: order?.state ?? measuredState(endpoint, health),
    drain: drainOf(endpoint, now),
    since: isWatched ? (health.get(endpoint.monitor) ?? UNSEEN).since : UNSEEN.since,
    admits: Math.min(order?.admits ?? ALL_BUCKETS, believed.admits ?? ALL_BUCKETS, load.admits ?? ALL_BUCKETS),
    secondsToChange: Math.min(
      believed.secondsToChange,
      load.secondsToChange,
      secondsToDrain(spanOf(endpoint.drain), now),
      ...(order?.drains.map((span) => secondsToDrain(span, now)) ?? []),
    ),
    stillness: isLeftAlone(endpoint) ? (believed.stillness ?? 0) : 0,
  };
}

/** What is measured of an endpoint, whatever was ordered about it. */
export function measuredState({ monitor }: Endpoint, health: ReadonlyMap<MonitorId, MonitorHealth>): EndpointState {
  return monitor === 'unchecked' ? 'unchecked' : (health.get(monitor) ?? UNSEEN).state;
}

/**
 * Whether nothing but results moves its clients. A load may ask for another share with each report, and a share acts no
 * sooner than cached answers end; and who gives orders wants to see what they do.
 */
function isLeftAlone({ monitor, load, order }: Endpoint): boolean {
  const isBent = order?.state !== undefined || order?.admits !== undefined || order?.writtenWeight !== undefined;
  return monitor !== 'unchecked' && load === undefined && !isBent;
}

function drainOf({ drain, order }: Endpoint, now: number): DrainState {
  if (order?.drains.some((span) => isDraining(span, now)) === true) return 'override';
  return isDraining(spanOf(drain), now) ? 'annotation' : 'none';
}
