import type { Address } from './address.ts';
import { DEFAULTS } from './annotations/defaults.ts';
import type { Claim } from './claim.ts';
import type { Endpoint, Unready } from './model.ts';
import { compareText } from './order.ts';
import { choose, type Say, sourcesOf, type Voice } from './precedence.ts';
import { type Supervision, type SupervisionContext, supervisionOf } from './supervision.ts';

/** An endpoint as it is for many hostnames: whole but for its monitor, where each hostname has its own. */
export type Template = { readonly endpoint: Endpoint; readonly watch: Supervision };

/**
 * The endpoints of one cluster, ordered by address, in tier 0; an address that several Gateways share is one. What weighs
 * clusters against each other is settled once per cluster. Drains and probes belong to the Gateways of the address: one
 * Gateway of a cluster can be drained while the other stays.
 */
export function templatesOf(voice: Voice, context: SupervisionContext, say: Say): readonly Template[] {
  const { cluster, sources } = voice;
  const load = context.loads.get(cluster.name);
  const shared = {
    weight: choose('weight', sources, say)?.value ?? DEFAULTS.weight,
    tier: 0,
    bias: choose('bias', sources, say)?.value ?? DEFAULTS.bias,
    serves: choose('serves', sources, say)?.value ?? DEFAULTS.serves,
    location: cluster.location,
  };
  const templates: Template[] = [];
  for (const { address, claims } of claimsByAddress(voice.claims).values()) {
    const own = claims.length === voice.claims.length ? sources : sourcesOf(claims);
    const watch = supervisionOf({ address, claims, sources: own }, context, say);
    const endpoint: Endpoint = Object.freeze({
      cluster: cluster.name,
      gateway: firstGateway(claims),
      address: address.text,
      family: address.family,
      monitor: watch.kind === 'shared' ? watch.tree.root : 'unchecked',
      ...(load === undefined ? {} : { load }),
      ...shared,
      drain: choose('drain', own, say)?.value ?? DEFAULTS.drain,
      ...unreadyOf(claims),
    });
    templates.push(Object.freeze({ endpoint, watch }));
  }
  return Object.freeze(templates.toSorted((a, b) => compareText(a.endpoint.address, b.endpoint.address)));
}

/** The same in another tier. */
export function inTier(templates: readonly Template[], tier: number): readonly Template[] {
  return templates.map(({ endpoint, watch }) =>
    Object.freeze({ endpoint: Object.freeze({ ...endpoint, tier }), watch }),
  );
}

/** An address is unready where all that is asked of it is: one Route of many must not take a cluster away. */
function unreadyOf(claims: readonly Claim[]): { readonly unready?: Unready } {
  let first: Unready | undefined;
  for (const { unready } of claims) {
    if (unready === undefined) return {};
    if (first === undefined || compareText(unready.reason, first.reason) < 0) first = unready;
  }
  return first === undefined ? {} : { unready: first };
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
