import { type Static, Type } from 'typebox';
import type { ClusterSpec, Model } from '../../core/desired/model.ts';
import { drainNameOf, type Override } from '../../core/orders/override.ts';
import { TIMESTAMP, timestamp } from '../page.ts';
import { AGE_VIEW, type AgeView } from './age-view.ts';
import { CLUSTER_DRILL, type ClusterDrill } from './drill-lines.ts';
import { type Beliefs, believedOf, count, noCounts, STATE_COUNTS, type StateCounts } from './endpoint-view.ts';

/** The order to drain a cluster. `from`: when it begins, where that was planned. */
export const DRAIN_VIEW = Type.Object({
  at: TIMESTAMP,
  from: Type.Optional(TIMESTAMP),
  by: Type.String(),
  reason: Type.String(),
  /** What would have refused it, had it not been forced. */
  forced: Type.Optional(Type.Array(Type.String())),
});

/** A cluster. `share` is its fraction (0–1) of the answers over all hostnames, each counted alike. */
export const CLUSTER_VIEW = Type.Object({
  name: Type.String(),
  location: Type.Object({
    lat: Type.Number(),
    lon: Type.Number(),
    country: Type.String(),
    continent: Type.String(),
  }),
  gateways: Type.Array(
    Type.Object({ name: Type.String(), addresses: Type.Array(Type.String()), endpoints: STATE_COUNTS }),
  ),
  endpoints: STATE_COUNTS,
  /** The override in force or planned, or null. Drains by annotation are in the counts alone. */
  drain: Type.Union([DRAIN_VIEW, Type.Null()]),
  /** Drills under way whose scope names it. */
  drills: Type.Array(CLUSTER_DRILL),
  share: Type.Number(),
  view: AGE_VIEW,
});

/** See `CLUSTER_VIEW`. */
export type ClusterView = Static<typeof CLUSTER_VIEW>;

type Gateway = { readonly addresses: Set<string>; readonly endpoints: StateCounts };

/** What else is known of a cluster, by its name. */
type KnownOf = {
  readonly shares: ReadonlyMap<string, number>;
  readonly ageOf: (cluster: string) => AgeView;
  readonly drillsOf: (cluster: string) => ClusterDrill[];
};

/** All clusters of the model in its order. */
export function viewClusters(model: Model, beliefs: Beliefs, { shares, ageOf, drillsOf }: KnownOf): ClusterView[] {
  const gateways = new Map<string, Map<string, Gateway>>(model.clusters.map(({ name }) => [name, new Map()]));
  for (const { endpoints } of model.hostnames) {
    for (const endpoint of endpoints) {
      const ofCluster = gateways.get(endpoint.cluster);
      const gateway = ofCluster?.get(endpoint.gateway) ?? { addresses: new Set(), endpoints: noCounts() };
      ofCluster?.set(endpoint.gateway, gateway);
      gateway.addresses.add(endpoint.address);
      count(gateway.endpoints, believedOf(endpoint, beliefs));
    }
  }
  return model.clusters.map((cluster) => {
    const { name } = cluster;
    const view = viewCluster(cluster, gateways.get(name) ?? new Map(), beliefs);
    return { ...view, drills: drillsOf(name), share: shares.get(name) ?? 0, view: ageOf(name) };
  });
}

function viewCluster(
  { name, location }: ClusterSpec,
  gateways: ReadonlyMap<string, Gateway>,
  beliefs: Beliefs,
): Omit<ClusterView, 'drills' | 'share' | 'view'> {
  return {
    name,
    location: { ...location },
    gateways: [...gateways].map(([gateway, { addresses, endpoints }]) => ({
      name: gateway,
      addresses: [...addresses],
      endpoints,
    })),
    endpoints: sum([...gateways.values()].map(({ endpoints }) => endpoints)),
    drain: viewDrain(beliefs.overrides.get(drainNameOf(name))),
  };
}

/** The order to drain a cluster as the API shows it, or null. */
export function viewDrain(drain: Override | undefined): ClusterView['drain'] {
  if (drain === undefined) return null;
  const from = drain.from === undefined ? {} : { from: timestamp(drain.from) };
  const forced = drain.forced === undefined ? {} : { forced: [...drain.forced] };
  return { at: timestamp(drain.at), ...from, by: drain.by, reason: drain.reason, ...forced };
}

function sum(all: readonly StateCounts[]): StateCounts {
  const total = noCounts();
  for (const counts of all) {
    total.up += counts.up;
    total.degraded += counts.degraded;
    total.held += counts.held;
    total.down += counts.down;
    total.unseen += counts.unseen;
    total.unchecked += counts.unchecked;
    total.drained += counts.drained;
  }
  return total;
}
