/** What a drill is about. */
import type { Endpoint, Hostname, Model, MonitorId } from '../desired/model.ts';
import { matcherIn } from '../orders/scope.ts';
import type { DrillSpec } from './drill.ts';

/** What a drill is about in one model. */
export type Reach = {
  readonly hostnames: readonly Hostname[];
  readonly endpoints: readonly Endpoint[];
  /** Probed monitors that watch nothing but endpoints of its scope: those that a `fail` fails. */
  readonly monitors: readonly MonitorId[];
  /** Probed monitors on which others hang as well, and so are left alone. */
  readonly shared: readonly MonitorId[];
  readonly clusters: ReadonlySet<string>;
};

/** Finds what is meant. */
export function reachOf({ scope }: Pick<DrillSpec, 'scope'>, model: Model): Reach {
  const { fits } = matcherIn(scope, model.teams);
  const [inside, outside] = [new Set<MonitorId>(), new Set<MonitorId>()];
  const hostnames: Hostname[] = [];
  const endpoints: Endpoint[] = [];
  for (const hostname of model.hostnames) {
    let isTouched = false;
    for (const endpoint of hostname.endpoints) {
      const isMeant = fits(hostname, endpoint);
      (isMeant ? inside : outside).add(endpoint.monitor);
      if (!isMeant) continue;
      isTouched = true;
      endpoints.push(endpoint);
    }
    if (isTouched) hostnames.push(hostname);
  }
  const own = probedBy(inside, model);
  // On monitors of the configuration hang rollouts and alerts as well.
  const others = probedBy(outside, model).union(new Set(model.named?.map(({ id }) => id)));
  return {
    hostnames,
    endpoints,
    monitors: [...own.difference(others)],
    shared: [...own.intersection(others)],
    clusters: new Set(endpoints.map(({ cluster }) => cluster)),
  };
}

/** Whether a drill is about some endpoint of a hostname. */
export function touches({ scope }: Pick<DrillSpec, 'scope'>, model: Model): (hostname: Hostname) => boolean {
  const { fits } = matcherIn(scope, model.teams);
  return (hostname) => hostname.endpoints.some((endpoint) => fits(hostname, endpoint));
}

/** Of some monitors those that are probed, and those of what they are made of. */
function probedBy(some: ReadonlySet<MonitorId>, { monitors, calculated = [] }: Model): ReadonlySet<MonitorId> {
  const all = new Set(some);
  // Members come before those that they are members of.
  for (const { id, members } of calculated.toReversed()) {
    if (all.has(id)) for (const member of members) all.add(member);
  }
  return all.intersection(new Set(monitors.map(({ id }) => id)));
}
