import type { Endpoint } from '../core/desired/model.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import { candidateOf } from '../core/steering/candidate.ts';
import { type EndpointState, isUp } from '../core/steering/decision.ts';
import { type HostnameState, hostnameState } from '../core/steering/hostname-state.ts';

/** What becomes of all hostnames and clusters, as of a snapshot. */
export type ServiceSummary = {
  readonly states: Readonly<Record<HostnameState, number>>;
  /** Hostnames that have endpoints, of which none is up and not drained. */
  readonly withoutCluster: number;
  /** Hostnames that no Gateway with an address serves. */
  readonly withoutEndpoint: number;
  /** Hostnames in two clusters or more of which one is left. */
  readonly onLastCluster: number;
  /** Those that have endpoints. */
  readonly clusters: ReadonlyMap<string, HostnameState>;
};

/** All of it is a function of the snapshot, and many scrapes see the same one. */
const known = new WeakMap<Snapshot, ServiceSummary>();

/** Sums up how the hostnames and clusters of a snapshot fare. */
export function summarizeService(snapshot: Snapshot): ServiceSummary {
  const summary = known.get(snapshot) ?? summarize(snapshot);
  known.set(snapshot, summary);
  return summary;
}

function summarize({ model, health, now }: Snapshot): ServiceSummary {
  const states = { up: 0, degraded: 0, unseen: 0, down: 0 };
  const seenOf = new Map<string, Set<EndpointState>>();
  let [withoutCluster, withoutEndpoint, onLastCluster] = [0, 0, 0];
  for (const { endpoints } of model.hostnames) {
    const seen: EndpointState[] = [];
    const usable: string[] = [];
    for (const endpoint of endpoints) {
      const { state, drain } = candidateOf(endpoint, health, now);
      seen.push(state);
      note(seenOf, endpoint, state);
      if (isUp(state) && drain === 'none' && !usable.includes(endpoint.cluster)) usable.push(endpoint.cluster);
    }
    states[hostnameState(seen)] += 1;
    if (endpoints.length === 0) withoutEndpoint += 1;
    else if (usable.length === 0) withoutCluster += 1;
    if (usable.length === 1 && endpoints.some(({ cluster }) => cluster !== usable[0])) onLastCluster += 1;
  }
  const clusters = new Map([...seenOf].map(([cluster, all]) => [cluster, hostnameState([...all])]));
  return Object.freeze({ states, withoutCluster, withoutEndpoint, onLastCluster, clusters });
}

/** Which states there are says how a cluster fares; how many of each does not. */
function note(seenOf: Map<string, Set<EndpointState>>, { cluster }: Endpoint, state: EndpointState): void {
  const seen = seenOf.get(cluster);
  if (seen === undefined) seenOf.set(cluster, new Set([state]));
  else seen.add(state);
}
