import type { Endpoint, Hostname } from '../desired/model.ts';
import { ownershipOf } from '../desired/teams/ownership.ts';
import { NO_TEAMS, type TeamSpec } from '../desired/teams/team.ts';
import { fitsName } from './glob.ts';

/**
 * Lists of patterns, of which any fits: a `*` in them stands for any characters. A list that is absent leaves all. Upper and
 * lower case are the same, and so is a name with a dot behind it (RFC 4343 §2, RFC 1034 §3.1).
 */
export type Selection = {
  readonly clusters?: readonly string[];
  /** `namespace/name`. */
  readonly gateways?: readonly string[];
  /** As the model has them: a wildcard is `*.apps.example`, which the pattern `*.apps.example` fits as well. */
  readonly hostnames?: readonly string[];
  /** Owners of hostnames. */
  readonly teams?: readonly string[];
};

/** What an order is about: the endpoints that fit every list, but for those that fit every list of `except`. */
export type Scope = Selection & { readonly except?: Selection };

/** Most patterns of one scope, its exceptions included. */
export const MAX_PATTERNS = 200;

/** Whether an endpoint of a hostname is meant. */
export type Matcher = {
  readonly fits: (hostname: Hostname, endpoint: Endpoint) => boolean;
  /** `endpoint`: all hostnames with the same endpoint are meant alike. */
  readonly looksAt: 'endpoint' | 'hostname';
};

/** Makes the question quick: patterns are compared once with each name. `ownerOf`: the name of the team of a hostname. */
export function matcherOf(scope: Scope, ownerOf: (hostname: string) => string | undefined): Matcher {
  const { except } = scope;
  const isMeant = fitsAll(scope, ownerOf);
  const isExcepted = except === undefined ? () => false : fitsAll(except, ownerOf);
  const isByName = [scope, except].some((one) => one?.hostnames !== undefined || one?.teams !== undefined);
  return {
    fits: (hostname, endpoint) => isMeant(hostname, endpoint) && !isExcepted(hostname, endpoint),
    looksAt: isByName ? 'hostname' : 'endpoint',
  };
}

/** The same where it is asked for one scope: of several the owners are found once. */
export function matcherIn(scope: Scope, teams: readonly TeamSpec[] = NO_TEAMS): Matcher {
  const { ownerOf } = ownershipOf(teams);
  return matcherOf(scope, (name) => ownerOf(name)?.name);
}

type Fits = (hostname: Hostname, endpoint: Endpoint) => boolean;

function fitsAll(
  { clusters, gateways, hostnames, teams }: Selection,
  ownerOf: (name: string) => string | undefined,
): Fits {
  const [cluster, gateway, name] = [clusters, gateways, hostnames].map(remembered);
  const team = remembered(teams);
  return (hostname, endpoint) =>
    cluster!(endpoint.cluster) &&
    gateway!(endpoint.gateway) &&
    name!(hostname.name) &&
    (teams === undefined || isOwned(team, ownerOf(hostname.name)));
}

/** Names whose answer is remembered; then it begins anew. */
const MAX_REMEMBERED = 100_000;

function remembered(patterns: readonly string[] | undefined): (name: string) => boolean {
  if (patterns === undefined) return () => true;
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const fits = patterns.some((pattern) => fitsName(pattern, name));
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(name, fits);
    return fits;
  };
}

/** What nobody owns is of no team, whatever the pattern. */
function isOwned(fits: (name: string) => boolean, owner: string | undefined): boolean {
  return owner !== undefined && fits(owner);
}
