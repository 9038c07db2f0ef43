import { contains, isRestricted } from './area.ts';
import type { Claim } from './claims.ts';
import { endpointsOf } from './endpoints.ts';
import type { Origin } from './finding.ts';
import type { Declaration, Endpoint, Hostname, Model, Policy } from './model.ts';
import type { Monitors } from './monitors.ts';
import { compareOrigins, compareText } from './order.ts';
import { policyOf, tiersOf } from './policy.ts';
import { elect, type Say, SILENT, sourcesOf, type Voice } from './precedence.ts';
import type { Report } from './report.ts';
import { type Servability, servabilityIn } from './servable.ts';

/**
 * All clusters' claims as hostnames with their endpoints and monitors. `claims` come cluster by cluster, ordered by the
 * clusters' names.
 */
export function merge(
  claims: Iterable<Claim>,
  declaration: Declaration,
  report: Report,
): Pick<Model, 'hostnames' | 'monitors'> {
  const servability = servabilityIn(declaration.zones);
  const byHostname = new Map<string, Claim[]>();
  for (const claim of claims) {
    const known = byHostname.get(claim.hostname);
    if (known === undefined) byHostname.set(claim.hostname, [claim]);
    else known.push(claim);
  }
  const monitors: Monitors = new Map();
  const hostnames: Hostname[] = [];
  for (const [name, claimed] of [...byHostname].toSorted(([a], [b]) => compareText(a, b))) {
    const served = servability(name);
    if (served.kind === 'refused') refuse(name, served, claimed, report);
    else hostnames.push(mergeOne(name, served.zone, claimed, { probe: declaration.probe, monitors, report }));
  }
  const ordered = [...monitors.values()].toSorted((a, b) => compareText(a.id, b.id));
  return { hostnames: Object.freeze(hostnames), monitors: Object.freeze(ordered) };
}

type MergeContext = { readonly probe: Declaration['probe']; readonly monitors: Monitors; readonly report: Report };

function mergeOne(name: string, zone: string, claims: readonly Claim[], context: MergeContext): Hostname {
  const say: Say = (code, origin, message, suggestion) =>
    context.report.remark({
      code,
      origin,
      hostname: name,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  const voices = voicesOf(claims);
  const policy = policyOf(voices, say);
  const tierOf = tiersOf(voices, policy, say);
  const { probe, monitors } = context;
  const endpoints = voices.flatMap((voice) => {
    return endpointsOf(voice, { hostname: name, tier: tierOf(voice), probe, monitors, say });
  });
  sayEmptyResidency(voices, policy, endpoints, say);
  return Object.freeze({ name, zone, policy, endpoints: Object.freeze(endpoints), origins: originsOf(claims) });
}

function voicesOf(claims: readonly Claim[]): readonly Voice[] {
  const byCluster = Map.groupBy(claims, (claim) => claim.cluster);
  return [...byCluster].map(([cluster, own]) => ({ cluster, claims: own, sources: sourcesOf(own) }));
}

function refuse(
  hostname: string,
  { code, message, suggestion }: Servability & { readonly kind: 'refused' },
  claims: readonly Claim[],
  report: Report,
): void {
  for (const origin of originsOf(claims)) report.remark({ code, origin, hostname, message, suggestion });
}

/** No fail-open breaks a residency: where nobody is inside, its clients get no answer at all. */
function sayEmptyResidency(
  voices: readonly Voice[],
  { residency }: Policy,
  endpoints: readonly Endpoint[],
  say: Say,
): void {
  if (!isRestricted(residency) || endpoints.some(({ location }) => contains(residency, location))) return;
  const origin = elect('residency', voices, SILENT)?.by.origin;
  if (origin === undefined) return;
  say('policy-without-effect', origin, 'no endpoint lies inside the residency: clients from there get no answer');
}

function originsOf(claims: readonly Claim[]): readonly Origin[] {
  return Object.freeze([...new Set(claims.map((claim) => claim.origin))].toSorted(compareOrigins));
}
