import { parentOf } from './domain-name.ts';
import type { FindingCode } from './finding.ts';
import { intersect } from './gateway-api/hostnames.ts';
import type { ZoneSpec } from './model.ts';

/** The zone that a name can be served from, or why it cannot be served. */
export type Servability =
  | { readonly kind: 'servable'; readonly zone: string }
  | {
      readonly kind: 'refused';
      readonly code: FindingCode;
      readonly message: string;
      readonly suggestion: string;
    };

/** Most zones listed in a suggestion. */
const MAX_LISTED = 10;

type ZoneIndex = {
  readonly apex: string;
  /** Names with static records that exclude steered addresses. */
  readonly taken: ReadonlySet<string>;
  /** Names with NS records; below the apex they delegate. */
  readonly delegations: ReadonlySet<string>;
};

/** Makes the question: where can this name, lower case without final dot, be served? The longest matching zone decides. */
export function servabilityIn(zones: readonly ZoneSpec[]): (name: string) => Servability {
  const byApex = new Map(zones.map((zone) => [zone.apex, indexOf(zone)]));
  const shown = zones.slice(0, MAX_LISTED).map((zone) => zone.apex);
  const suggestion = `the zones are ${shown.join(', ')}${zones.length > MAX_LISTED ? ', …' : ''}`;
  return (name) => {
    const zone = zoneOf(name, byApex);
    if (zone === undefined) {
      return { kind: 'refused', code: 'hostname-outside-zones', message: 'under no configured zone', suggestion };
    }
    const cut = delegationAbove(name, zone);
    if (cut !== undefined) {
      const message = `the zone ${zone.apex} delegates ${cut} to other name servers`;
      return {
        kind: 'refused',
        code: 'hostname-occluded',
        message,
        suggestion: 'serve it there, or drop the NS records',
      };
    }
    if (zone.taken.has(name)) {
      const message = `the zone ${zone.apex} has static A, AAAA or CNAME records at the name; they stay`;
      return { kind: 'refused', code: 'hostname-static', message, suggestion: 'drop the static records' };
    }
    return { kind: 'servable', zone: zone.apex };
  };
}

/** Makes the question: do some of the names that a hostname of Gateway API stands for lie in the zones? */
export function namesIn(zones: readonly ZoneSpec[]): (hostname: string) => boolean {
  return (hostname) =>
    zones.some(({ apex }) => [apex, `*.${apex}`].some((name) => intersect(hostname, name) !== undefined));
}

/** Makes the question: are we the ones who answer for this name? At a delegation or below it, others do. */
export function answeredBy(servability: (name: string) => Servability): (name: string) => boolean {
  return (name) => {
    const served = servability(name);
    return served.kind === 'servable' || served.code === 'hostname-static';
  };
}

function indexOf({ apex, nameservers, records }: ZoneSpec): ZoneIndex {
  const taken = nameservers.filter((server) => server.addresses.length > 0).map((server) => server.name);
  const delegations: string[] = [];
  for (const { owner, data } of records) {
    if (data.type === 'A' || data.type === 'AAAA' || data.type === 'CNAME') taken.push(owner);
    if (data.type === 'NS') delegations.push(owner);
  }
  return { apex, taken: new Set(taken), delegations: new Set(delegations) };
}

function zoneOf(name: string, byApex: ReadonlyMap<string, ZoneIndex>): ZoneIndex | undefined {
  for (let at = name; at !== ''; at = parentOf(at)) {
    const zone = byApex.get(at);
    if (zone !== undefined) return zone;
  }
  return byApex.get('');
}

/** At a delegation or below it, the zone has nothing to say (RFC 1034 §4.2.1). The topmost cut counts. */
function delegationAbove(name: string, { apex, delegations }: ZoneIndex): string | undefined {
  let cut: string | undefined;
  if (delegations.size === 0) return cut;
  for (let at = name; at !== apex && at !== ''; at = parentOf(at)) if (delegations.has(at)) cut = at;
  return cut;
}
