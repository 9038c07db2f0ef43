/** How every endpoint stands (`standing.ts`), one word each in the order of the endpoint index. */
import type { MonitorId } from '../desired/model.ts';
import { nextDrainChange, tellAlike } from '../health/drain-span.ts';
import { UNSEEN } from '../health/judge.ts';
import { ALL_BUCKETS } from '../health/slow-start.ts';
import { candidateOf } from '../steering/candidate.ts';
import { DRAINED, standingOf } from '../steering/standing.ts';
import type { EndpointIndex } from './endpoint-index.ts';
import type { SnapshotInput } from './snapshot.ts';

/** What may have changed: `changed` names the monitors; times are compared. */
export type Change = {
  readonly before: SnapshotInput;
  readonly input: SnapshotInput;
  readonly changed: ReadonlySet<MonitorId>;
};

/** Writes how all endpoints stand in this input, and returns all targets. */
export function standAnew(standings: Int32Array, index: EndpointIndex, input: SnapshotInput): Iterable<number> {
  for (let endpoint = 0; endpoint < standings.length; endpoint++) {
    standings[endpoint] = standingIn(index, input, endpoint);
  }
  return input.model.hostnames.keys();
}

/** Writes what changed, and returns the targets that it touches, some more than once. */
export function standChanged(
  standings: Int32Array,
  index: EndpointIndex,
  { before, input, changed }: Change,
): readonly number[] {
  const touched: number[] = [];
  const touch = (endpoint: number, standing: number): void => {
    standings[endpoint] = standing;
    touched.push(index.targetOf[endpoint]!);
  };
  const isPlain = index.loads.size === 0 && index.timedDrains.length === 0 && index.orders === 'none';
  for (const id of changed) {
    for (const endpoint of index.loads.get(id) ?? []) touch(endpoint, standingIn(index, input, endpoint));
    const monitor = index.monitors.get(id);
    if (monitor === undefined) continue;
    const { state, secondsToChange, admits = ALL_BUCKETS, stillness = 0 } = input.health.get(id) ?? UNSEEN;
    const standing = standingOf({ state, secondsToChange, admits, stillness, drain: 'none' });
    const end = index.watchedFrom[monitor + 1]!;
    for (let at = index.watchedFrom[monitor]!; at < end; at++) {
      const endpoint = index.watched[at]!;
      touch(endpoint, isPlain ? standing | (standings[endpoint]! & DRAINED) : standingIn(index, input, endpoint));
    }
  }
  for (const { endpoint, span } of index.timedDrains) {
    if (!tellAlike(span, before.now, span, input.now)) touch(endpoint, standingIn(index, input, endpoint));
  }
  return touched;
}

/** When a drain begins, gets near or ends next by itself, in ms since the epoch; Infinity for never. */
export function drainsChangeAt({ timedDrains }: EndpointIndex, { now }: SnapshotInput): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { span } of timedDrains) next = Math.min(next, nextDrainChange(span, now));
  return next;
}

function standingIn(index: EndpointIndex, { model, health, now }: SnapshotInput, endpoint: number): number {
  const target = index.targetOf[endpoint]!;
  const own = model.hostnames[target]!.endpoints[endpoint - index.first[target]!]!;
  return standingOf(candidateOf(own, health, now));
}
