import { type Static, Type } from 'typebox';
import { originOf } from '../../core/desired/gateway-api/metadata.ts';
import type { Hostname, Policy } from '../../core/desired/model.ts';
import { chainText } from '../../core/desired/steering-chain.ts';
import {
  type Beliefs,
  believedOf,
  count,
  ENDPOINT_VIEW,
  noCounts,
  STATE_COUNTS,
  viewEndpoint,
} from './endpoint-view.ts';

/** A hostname in a list. */
export const HOSTNAME_SUMMARY = Type.Object({
  name: Type.String(),
  zone: Type.String(),
  steering: Type.String(),
  clusters: Type.Array(Type.String()),
  endpoints: STATE_COUNTS,
});

const AREA = Type.Object({ continents: Type.Array(Type.String()), countries: Type.Array(Type.String()) });

const POLICY_VIEW = Type.Object({
  steering: Type.String(),
  /** The preferring steps of an explicit chain, in their order. */
  preferred: Type.Optional(Type.Array(Type.String())),
  sticky: Type.String(),
  nearestBand: Type.Number(),
  map: Type.Optional(Type.String()),
  residency: AREA,
  answers: Type.Integer(),
  ttl: Type.Integer(),
  stableTtl: Type.Optional(Type.Integer()),
  minHealthy: Type.Object({ kind: Type.String(), value: Type.Number() }),
  lastResort: Type.Object({ kind: Type.String(), addresses: Type.Optional(Type.Array(Type.String())) }),
});

/** A hostname with all that is known of it. `shares` are fractions (0–1) of the answers by cluster. */
export const HOSTNAME_VIEW = Type.Object({
  name: Type.String(),
  zone: Type.String(),
  policy: POLICY_VIEW,
  endpoints: Type.Array(ENDPOINT_VIEW),
  shares: Type.Array(Type.Object({ cluster: Type.String(), share: Type.Number() })),
  origins: Type.Array(
    Type.Object({
      file: Type.String(),
      line: Type.Optional(Type.Integer()),
      object: Type.Optional(Type.String()),
    }),
  ),
});

/** A hostname as lists show it. */
export function summarizeHostname(hostname: Hostname, beliefs: Beliefs): Static<typeof HOSTNAME_SUMMARY> {
  const endpoints = noCounts();
  for (const endpoint of hostname.endpoints) count(endpoints, believedOf(endpoint, beliefs));
  return {
    name: hostname.name,
    zone: hostname.zone,
    steering: chainText(hostname.policy),
    clusters: [...new Set(hostname.endpoints.map(({ cluster }) => cluster))],
    endpoints,
  };
}

/** A hostname as its own page shows it. */
export function viewHostname(
  hostname: Hostname,
  beliefs: Beliefs,
  shares: Iterable<readonly [cluster: string, share: number]>,
): Static<typeof HOSTNAME_VIEW> {
  return {
    name: hostname.name,
    zone: hostname.zone,
    policy: viewPolicy(hostname.policy),
    endpoints: hostname.endpoints.map((endpoint) => viewEndpoint(endpoint, beliefs)),
    shares: [...shares].map(([cluster, share]) => ({ cluster, share })),
    origins: hostname.askers.map((asker) => ({ ...originOf(asker) })),
  };
}

function viewPolicy(policy: Policy): Static<typeof POLICY_VIEW> {
  const { steering, preferred, sticky, nearestBand, map, residency, answers, ttl, stableTtl, minHealthy, lastResort } =
    policy;
  return {
    steering,
    ...(preferred === undefined ? {} : { preferred: [...preferred] }),
    sticky,
    nearestBand,
    ...(map === undefined ? {} : { map }),
    residency: { continents: [...residency.continents], countries: [...residency.countries] },
    answers,
    ttl,
    ...(stableTtl === undefined ? {} : { stableTtl }),
    minHealthy,
    lastResort:
      lastResort.kind === 'addresses'
        ? { kind: lastResort.kind, addresses: [...lastResort.addresses] }
        : { kind: lastResort.kind },
  };
}
