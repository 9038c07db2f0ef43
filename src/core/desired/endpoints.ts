import type { Address } from './address.ts';
import { DEFAULTS } from './annotations/defaults.ts';
import type { Claim } from './claims.ts';
import type { Endpoint, ProbeDefaults } from './model.ts';
import { type Monitors, monitorOf } from './monitors.ts';
import { compareText } from './order.ts';
import { choose, type Say, sourcesOf, type Voice } from './precedence.ts';

/** What endpoints need besides the claims. `monitors` is added to. */
export type EndpointContext = {
  readonly hostname: string;
  readonly tier: number;
  readonly probe: ProbeDefaults;
  readonly monitors: Monitors;
  readonly say: Say;
};

/**
 * The endpoints of one cluster for one hostname, ordered by address; an address that several Gateways share is one. What
 * weighs clusters against each other is settled once per cluster. Drains and probes belong to the Gateways of the
 * address: one Gateway of a cluster can be drained while the other stays.
 */
export function endpointsOf(voice: Voice, context: EndpointContext): readonly Endpoint[] {
  const { cluster, sources } = voice;
  const { hostname, probe, monitors, say, tier } = context;
  const shared = {
    weight: choose('weight', sources, say)?.value ?? DEFAULTS.weight,
    tier,
    bias: choose('bias', sources, say)?.value ?? DEFAULTS.bias,
    serves: choose('serves', sources, say)?.value ?? DEFAULTS.serves,
    location: cluster.location,
  };
  const endpoints: Endpoint[] = [];
  for (const { address, claims } of claimsByAddress(voice.claims).values()) {
    const own = claims.length === voice.claims.length ? sources : sourcesOf(claims);
    const endpoint: Endpoint = {
      cluster: cluster.name,
      gateway: firstGateway(claims),
      address: address.text,
      family: address.family,
      monitor: monitorOf({ hostname, address, claims, sources: own }, probe, monitors, say)?.id ?? 'unchecked',
      ...shared,
      drain: choose('drain', own, say)?.value ?? DEFAULTS.drain,
    };
    endpoints.push(Object.freeze(endpoint));
  }
  return endpoints.toSorted((a, b) => compareText(a.address, b.address));
}

function firstGateway(claims: readonly Claim[]): string {
  return claims.map((claim) => claim.front.gateway).toSorted(compareText)[0] ?? '';
}

type Serving = { readonly address: Address; readonly claims: Claim[] };

function claimsByAddress(claims: readonly Claim[]): ReadonlyMap<string, Serving> {
  const byAddress = new Map<string, Serving>();
  for (const claim of claims) {
    for (const address of claim.front.addresses) {
      const serving = byAddress.get(address.text);
      if (serving === undefined) byAddress.set(address.text, { address, claims: [claim] });
      else serving.claims.push(claim);
    }
  }
  return byAddress;
}
