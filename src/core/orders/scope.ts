import type { Endpoint, Hostname } from '../desired/model.ts';
import { type Ownership, ownershipOf } from '../desired/teams/ownership.ts';
import { NO_TEAMS, type TeamSpec } from '../desired/teams/team.ts';
import { asName, nameTestOf, type TextTest } from './glob.ts';
import { bitsOf, bitsWhere, hasBit, type NameBits, type NameList } from './name-bits.ts';

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

/**
 * One selection, taken apart. `isNamed`: whether a name as `asName` writes it is meant; absent where all are. `places`:
 * whether all endpoints of such a hostname are meant.
 */
type Part = {
  readonly isNamed?: TextTest;
  readonly isAt: (endpoint: Endpoint) => boolean;
  readonly places: 'all' | 'some';
};

/** Whether an endpoint of a hostname is meant. */
export type Matcher = {
  readonly fits: (hostname: Hostname, endpoint: Endpoint) => boolean;
  /** `endpoint`: all hostnames with the same endpoint are meant alike. */
  readonly looksAt: 'endpoint' | 'hostname';
  /** The same for a whole list of hostnames: patterns are compared once with each name. */
  readonly reachIn: (list: NameList) => Reach;
};

/** Whom a scope means in one list of hostnames. */
export type Reach = {
  /** The hostnames of which it may mean an endpoint; absent where that is all of them. */
  readonly hostnames?: NameBits;
  /** Whether it means an endpoint of the hostname at this place. */
  readonly fits: (place: number, endpoint: Endpoint) => boolean;
};

/** Makes the question quick: patterns are taken apart once. `ownerOf`: the name of the team of a hostname. */
export function matcherOf(scope: Scope, ownerOf: (hostname: string) => string | undefined): Matcher {
  const meant = partOf(scope, ownerOf);
  const except = scope.except === undefined ? undefined : partOf(scope.except, ownerOf);
  const isNamed = lastName(meant.isNamed);
  const isExceptNamed = lastName(except?.isNamed);
  return {
    fits: ({ name }, endpoint) =>
      meant.isAt(endpoint) && isNamed(name) && !(except?.isAt(endpoint) && isExceptNamed(name)),
    looksAt: [meant, except].some((part) => part?.isNamed !== undefined) ? 'hostname' : 'endpoint',
    reachIn: (list) => reachOf(meant, except, list),
  };
}

/** The same where it is asked for one scope: the very same for the same scope and teams. */
export function matcherIn(scope: Scope, teams: readonly TeamSpec[] = NO_TEAMS): Matcher {
  const known = matchers.get(teams) ?? { ownership: ownershipOf(teams), byScope: new WeakMap<Scope, Matcher>() };
  matchers.set(teams, known);
  const matcher = known.byScope.get(scope) ?? matcherOf(scope, (name) => known.ownership.ownerOf(name)?.name);
  known.byScope.set(scope, matcher);
  return matcher;
}

type Matchers = { readonly ownership: Ownership; readonly byScope: WeakMap<Scope, Matcher> };
const matchers = new WeakMap<readonly TeamSpec[], Matchers>();

function partOf(
  { clusters, gateways, hostnames, teams }: Selection,
  ownerOf: (name: string) => string | undefined,
): Part {
  const [cluster, gateway] = [clusters, gateways].map(remembered);
  const name = hostnames === undefined ? undefined : nameTestOf(hostnames);
  const team = teams === undefined ? undefined : remembered(teams);
  const isOfTeam: TextTest | undefined = team && ((text) => isOwned(team, ownerOf(text)));
  const isNamed = name && isOfTeam ? (text: string): boolean => name(text) && isOfTeam(text) : (name ?? isOfTeam);
  return {
    ...(isNamed === undefined ? {} : { isNamed }),
    isAt: (endpoint) => cluster!(endpoint.cluster) && gateway!(endpoint.gateway),
    places: clusters === undefined && gateways === undefined ? 'all' : 'some',
  };
}

function reachOf(meant: Part, except: Part | undefined, list: NameList): Reach {
  const own = meant.isNamed && bitsOf(meant.isNamed, list);
  const left = except?.isNamed && bitsOf(except.isNamed, list);
  const isMeant = (place: number): boolean => own === undefined || hasBit(own, place);
  const isLeft = (place: number): boolean => left === undefined || hasBit(left, place);
  // Only an exception by name alone takes a hostname out of it whole.
  const isWhole = left !== undefined && except?.places === 'all';
  const hostnames = isWhole ? bitsWhere(list.names.length, (place) => isMeant(place) && !isLeft(place)) : own;
  return {
    ...(hostnames === undefined ? {} : { hostnames }),
    fits: (place, endpoint) => isMeant(place) && meant.isAt(endpoint) && !(isLeft(place) && except?.isAt(endpoint)),
  };
}

/** Remembers the last name: the endpoints of one hostname are asked about one after the other. */
function lastName(test: TextTest = () => true): TextTest {
  let last: { readonly name: string; readonly fits: boolean } | undefined;
  return (name) => {
    if (last?.name !== name) last = { name, fits: test(asName(name)) };
    return last.fits;
  };
}

/** Names of clusters, Gateways and teams whose answer is remembered; then it begins anew. */
const MAX_REMEMBERED = 10_000;

function remembered(patterns: readonly string[] | undefined): TextTest {
  if (patterns === undefined) return () => true;
  const fitsAny = nameTestOf(patterns);
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const fits = fitsAny(asName(name));
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(name, fits);
    return fits;
  };
}

/** What nobody owns is of no team, whatever the pattern. */
function isOwned(fits: TextTest, owner: string | undefined): boolean {
  return owner !== undefined && fits(owner);
}
