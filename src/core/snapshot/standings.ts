/** How every endpoint stands (`standing.ts`), one word each in the order of the endpoint index. */
import type { MonitorId } from '../desired/model.ts';
import { UNSEEN } from '../health/judge.ts';
import { ALL_BUCKETS } from '../health/slow-start.ts';
import { candidateOf } from '../steering/candidate.ts';
import { DRAINED, standingOf } from '../steering/standing.ts';
import type { EndpointIndex } from './endpoint-index.ts';
import type { SnapshotInput } from './snapshot.ts';

/** What may have changed: `changed` names the monitors; overrides and times are compared. */
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
  for (const id of changed) {
    const monitor = index.monitors.get(id);
    if (monitor === undefined) continue;
    const { state, secondsToChange, admits = ALL_BUCKETS } = input.health.get(id) ?? UNSEEN;
    const standing = standingOf({ state, secondsToChange, admits, drain: 'none' });
    const end = index.watchedFrom[monitor + 1]!;
    for (let at = index.watchedFrom[monitor]!; at < end; at++) {
      const endpoint = index.watched[at]!;
      touch(endpoint, standing | (standings[endpoint]! & DRAINED));
    }
  }
  for (const endpoint of ofChangedOverrides(index, before, input)) touch(endpoint, standingIn(index, input, endpoint));
  for (const { endpoint, at } of index.timedDrains) {
    if (at > before.now !== at > input.now) touch(endpoint, standingIn(index, input, endpoint));
  }
  return touched;
}

/** When the next timed drain ends, in ms since the epoch; Infinity where none is running. */
export function nextDrainEnd({ timedDrains }: EndpointIndex, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { at } of timedDrains) if (at > now) next = Math.min(next, at);
  return next;
}

function standingIn(index: EndpointIndex, { model, health, overrides, now }: SnapshotInput, endpoint: number): number {
  const target = index.targetOf[endpoint]!;
  const own = model.hostnames[target]!.endpoints[endpoint - index.first[target]!]!;
  return standingOf(candidateOf(own, health, overrides, now));
}

function ofChangedOverrides(index: EndpointIndex, before: SnapshotInput, after: SnapshotInput): readonly number[] {
  const clusters = new Set(before.overrides.keys()).symmetricDifference(new Set(after.overrides.keys()));
  if (clusters.size === 0) return [];
  return after.model.hostnames.flatMap(({ endpoints }, target) => {
    return endpoints.flatMap(({ cluster }, i) => (clusters.has(cluster) ? [index.first[target]! + i] : []));
  });
}
