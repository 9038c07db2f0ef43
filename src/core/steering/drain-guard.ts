import type { Hostname, Model, MonitorId } from '../desired/model.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import type { Overrides } from '../health/override.ts';
import { candidateOf } from './candidate.ts';

/** What the guard looks at; `now` in ms since the epoch. */
export type DrainGuardInput = {
  readonly model: Model;
  readonly health: ReadonlyMap<MonitorId, MonitorHealth>;
  readonly overrides: Overrides;
  readonly now: number;
};

/**
 * Names of the hostnames that `cluster` serves and that would have no endpoint left that is neither down nor drained,
 * were the cluster drained. Hostnames that it does not serve, or that nobody serves already, are not counted.
 */
export function hostnamesLeftWithout(cluster: string, input: DrainGuardInput): readonly string[] {
  return input.model.hostnames.filter((hostname) => lastOneUsable(hostname, cluster, input)).map(({ name }) => name);
}

function lastOneUsable(hostname: Hostname, cluster: string, input: DrainGuardInput): boolean {
  const usable = hostname.endpoints.filter((endpoint) => {
    const candidate = candidateOf(endpoint, input.health, input.overrides, input.now);
    return candidate.state !== 'down' && candidate.drain === 'none';
  });
  return usable.length > 0 && usable.every((endpoint) => endpoint.cluster === cluster);
}
