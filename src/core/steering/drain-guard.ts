import { contains, isRestricted } from '../desired/area.ts';
import type { Endpoint, Hostname, Model, MonitorId } from '../desired/model.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import type { Overrides } from '../health/override.ts';
import { candidateOf } from './candidate.ts';
import { type Candidate, isUp } from './decision.ts';

/** What the guard looks at; `now` in ms since the epoch. */
export type DrainGuardInput = {
  readonly model: Model;
  readonly health: ReadonlyMap<MonitorId, MonitorHealth>;
  readonly overrides: Overrides;
  readonly now: number;
};

/**
 * Names of the hostnames that `cluster` serves and that would have no endpoint left that is neither down, held nor drained,
 * were the cluster drained; also those whose residency area would have none, since its clients may not go elsewhere.
 * Hostnames that nobody serves already are not counted. An override that is planned counts as if it had begun: what it will
 * leave is not ordered away before.
 */
export function hostnamesLeftWithout(cluster: string, given: DrainGuardInput): readonly string[] {
  const input = { ...given, overrides: begun(given.overrides) };
  return input.model.hostnames.filter((hostname) => needs(cluster, hostname, input)).map(({ name }) => name);
}

function begun(overrides: Overrides): Overrides {
  return new Map([...overrides].map(([name, { cluster, at, by, reason }]) => [name, { cluster, at, by, reason }]));
}

/** Whether clients could be sent there: neither down, held nor drained, and ready. Who is unseen was not found down. */
export function isUsable({ state, drain, endpoint }: Candidate): boolean {
  return (isUp(state) || state === 'unseen') && drain === 'none' && endpoint.unready === undefined;
}

function needs(cluster: string, { endpoints, policy: { residency } }: Hostname, input: DrainGuardInput): boolean {
  const usable = endpoints.filter((endpoint) =>
    isUsable(candidateOf(endpoint, input.health, input.overrides, input.now)),
  );
  const isAlone = (group: readonly Endpoint[]): boolean =>
    group.length > 0 && group.every((endpoint) => endpoint.cluster === cluster);
  if (isAlone(usable)) return true;
  return isRestricted(residency) && isAlone(usable.filter(({ location }) => contains(residency, location)));
}

/** Why a cluster is not drained that these hostnames need: one or more of them. */
export function leavesNone(
  cluster: string,
  left: readonly string[],
): { readonly code: 'drain-leaves-none'; readonly message: string } {
  const named = left.slice(0, 5).join(', ') + (left.length > 5 ? `, and ${left.length - 5} more` : '');
  return {
    code: 'drain-leaves-none',
    message: `Draining ${cluster} leaves no usable cluster for ${named}. Use force to do it all the same.`,
  };
}
