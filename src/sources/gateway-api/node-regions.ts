import { type Finding, finding, type Origin } from '../../core/desired/finding.ts';
import { asText, at } from '../../core/desired/gateway-api/untrusted.ts';
import { compareText } from '../../core/desired/order.ts';
import { quote } from '../../core/desired/quote.ts';
import { locationOfRegion } from '../../core/desired/regions.ts';
import type { Clock } from '../../core/ports.ts';
import { type ApiError, apiErrorOf } from './api-error.ts';
import { createBackOff } from './back-off.ts';
import type { Connection } from './connection.ts';
import { MAX_NODE_REGIONS, MAX_UNSETTLED_FAILURES, NODES_INTERVAL_MS } from './limits.ts';
import { listAll } from './list.ts';
import { pause } from './pause.ts';
import { NO_FINDINGS } from './translate.ts';

/** Which region the nodes of a cluster are in. */
export type NodeRegions = {
  /** Runs until the signal is aborted. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** That of most nodes, as they name it; undefined while it is not known. */
  region(): string | undefined;
  /** Why the place of the cluster is not known, or not clear. */
  findings(): readonly Finding[];
  /** `settled`: the nodes were read, or that failed so that it cannot be waited for. */
  readiness(): 'settled' | 'unsettled';
};

/** What is needed to read nodes. */
export type NodeRegionsOptions = {
  readonly connection: Connection;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly jitter: () => number;
  readonly origin: Origin;
  readonly onChange: () => void;
};

const LABEL = 'topology.kubernetes.io/region';
/** Names and labels are enough: a whole node is 30 KB. A server that cannot do so sends all of it. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** Reads the nodes' labels now and then: nodes change all the time, regions hardly ever, so that they are not watched. */
export function createNodeRegions({ connection, clock, jitter, origin, onChange }: NodeRegionsOptions): NodeRegions {
  const backOff = createBackOff({ clock, jitter, connection });
  let region: string | undefined;
  let findings: readonly Finding[] = NO_FINDINGS;
  let state: 'settled' | 'unsettled' = 'unsettled';
  let failures = 0;

  function become(found: readonly Finding[]): void {
    findings = found;
    onChange();
  }

  async function read(signal: AbortSignal): Promise<void> {
    const counts = new Map<string, number>();
    await listAll(connection, { path: '/api/v1/nodes', accept: METADATA_ONLY }, signal, (node) => {
      const label = asText(at(node, 'metadata', 'labels', LABEL))?.slice(0, 63) ?? '';
      if (counts.has(label) || counts.size < MAX_NODE_REGIONS) counts.set(label, (counts.get(label) ?? 0) + 1);
    });
    const ranked = [...counts].filter(([label]) => label !== '').toSorted(mostFirst);
    region = ranked[0]?.[0] ?? region;
    state = 'settled';
    failures = 0;
    backOff.reset();
    become(findingsOf(ranked, origin));
  }

  function fail(error: ApiError): void {
    failures += 1;
    const isFinal = error.failure === 'forbidden' || error.failure === 'missing';
    if (isFinal || failures >= MAX_UNSETTLED_FAILURES) state = 'settled';
    // What is known stands.
    if (region === undefined) become(unknownPlace(origin, `the nodes cannot be read: ${error.message}`));
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          await read(signal);
          await pause(clock, NODES_INTERVAL_MS * (1 - jitter() / 2), signal);
        } catch (thrown) {
          if (signal.aborted) return;
          const error = apiErrorOf(thrown);
          fail(error);
          await backOff.rest(error.failure, signal);
        }
      }
    },
    region: () => region,
    findings: () => findings,
    readiness: () => state,
  };
}

function mostFirst([a, nodesOfA]: readonly [string, number], [b, nodesOfB]: readonly [string, number]): number {
  return nodesOfB - nodesOfA || compareText(a, b);
}

function findingsOf(ranked: readonly (readonly [string, number])[], origin: Origin): readonly Finding[] {
  const [first, second] = ranked;
  if (first === undefined) return unknownPlace(origin, `no node has the label ${LABEL}`);
  const [name, nodes] = first;
  if (locationOfRegion(name) === undefined) {
    return unknownPlace(origin, `the nodes' region ${quote(name)} is none that is known`);
  }
  if (second === undefined) return NO_FINDINGS;
  const all = ranked.reduce((sum, [, count]) => sum + count, 0);
  const message = `${nodes} of ${all} nodes are in ${quote(name)}, others in ${quote(second[0])}: the first counts.`;
  return [finding('cluster-regions-mixed', origin, message, 'Say where it is: clusters[].location.')];
}

function unknownPlace(origin: Origin, why: string): readonly Finding[] {
  const message = `Where the cluster is, is not known from its nodes: ${why}.`;
  const advice = 'Give clusters[].location a country or lat, lon and country beside from-nodes.';
  return [finding('cluster-location-unknown', origin, message, advice)];
}
