import { type Static, Type } from 'typebox';
import type { Finding, Origin, Severity } from '../../core/desired/finding.ts';
import type { Hostname, Model } from '../../core/desired/model.ts';
import { ownershipOf } from '../../core/desired/teams/ownership.ts';
import { NO_TEAMS, type TeamSpec } from '../../core/desired/teams/team.ts';
import { hostnameState } from '../../core/steering/hostname-state.ts';
import { type Beliefs, believedOf, count, noCounts, STATE_COUNTS } from './endpoint-view.ts';

const HOSTNAME_COUNTS = Type.Object({
  total: Type.Integer(),
  up: Type.Integer(),
  degraded: Type.Integer(),
  unseen: Type.Integer(),
  down: Type.Integer(),
});

const SEVERITY_COUNTS = Type.Object({ error: Type.Integer(), warning: Type.Integer(), info: Type.Integer() });

/** A team: what the configuration says of it, how its hostnames fare, and how much there is to say of its objects. */
export const TEAM_VIEW = Type.Object({
  name: Type.String(),
  namespaces: Type.Array(Type.String()),
  /** Empty: all. */
  clusters: Type.Array(Type.String()),
  /** The hostnames that are its own; `*.` stands for all below. */
  owns: Type.Array(Type.String()),
  hostnames: HOSTNAME_COUNTS,
  endpoints: STATE_COUNTS,
  findings: SEVERITY_COUNTS,
});

/** See `TEAM_VIEW`. */
export type TeamView = Static<typeof TEAM_VIEW>;

/** What a view of teams is made of; `concern` tells whose object a finding is about. */
export type TeamMatter = {
  readonly model: Model;
  readonly beliefs: Beliefs;
  readonly findings: readonly Finding[];
  readonly concern: (origin: Origin) => TeamSpec | undefined;
};

/** All teams in the order of the configuration. */
export function viewTeams({ model, beliefs, findings, concern }: TeamMatter): TeamView[] {
  const teams = model.teams ?? NO_TEAMS;
  if (teams.length === 0) return [];
  const views = new Map(teams.map((team) => [team, emptyView(team)]));
  const { ownerOf } = ownershipOf(teams);
  for (const hostname of model.hostnames) {
    const owner = ownerOf(hostname.name);
    const view = owner && views.get(owner);
    if (view !== undefined) countHostname(view, hostname, beliefs);
  }
  for (const { origin, severity } of findings) {
    const team = concern(origin);
    const view = team && views.get(team);
    if (view !== undefined) view.findings[severity] += 1;
  }
  return [...views.values()];
}

/** The hostnames that are a team's own. */
export function hostnamesOf(team: TeamSpec, { hostnames, teams }: Model): readonly Hostname[] {
  const { ownerOf } = ownershipOf(teams ?? NO_TEAMS);
  return hostnames.filter(({ name }) => ownerOf(name) === team);
}

function countHostname(view: TeamView, { endpoints }: Hostname, beliefs: Beliefs): void {
  const believed = endpoints.map((endpoint) => believedOf(endpoint, beliefs));
  for (const one of believed) count(view.endpoints, one);
  view.hostnames.total += 1;
  view.hostnames[hostnameState(believed.map(({ state }) => state))] += 1;
}

function emptyView({ name, namespaces, clusters, hostnames }: TeamSpec): TeamView {
  const findings: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
  return {
    name,
    namespaces: [...namespaces],
    clusters: [...clusters],
    owns: [...hostnames],
    hostnames: { total: 0, up: 0, degraded: 0, unseen: 0, down: 0 },
    endpoints: noCounts(),
    findings,
  };
}
