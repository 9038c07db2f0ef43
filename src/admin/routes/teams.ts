import { Type } from 'typebox';
import { createConcern } from '../../core/desired/teams/concern.ts';
import { ownershipOf } from '../../core/desired/teams/ownership.ts';
import { NO_TEAMS, type TeamSpec } from '../../core/desired/teams/team.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { PAGE_LIMIT } from '../limits.ts';
import { problem } from '../problems.ts';
import { beliefsOf } from '../views/endpoint-view.ts';
import { FINDING_VIEW, viewFinding } from '../views/finding-view.ts';
import { HOSTNAME_SUMMARY, summarizeHostname } from '../views/hostname-view.ts';
import { hostnamesOf, TEAM_VIEW, type TeamMatter, type TeamView, viewTeams } from '../views/team-view.ts';

const NAME = Type.Object({ name: Type.String({ maxLength: 253 }) });

/** A team with the first of its hostnames and findings; `?team=` of the lists of both has them all. */
const ONE_TEAM = Type.Object({
  team: TEAM_VIEW,
  hostnames: Type.Array(HOSTNAME_SUMMARY),
  findings: Type.Array(FINDING_VIEW),
});

/** `GET /v1/teams` and `GET /v1/teams/:name`. */
export function addTeamRoutes(app: AdminApp, options: AdminOptions): void {
  const list = { response: { 200: Type.Object({ items: Type.Array(TEAM_VIEW) }) } };
  app.get('/v1/teams', { schema: list }, async () => ({ items: viewTeams(matterOf(options)) }));

  const one = { params: NAME, response: { 200: ONE_TEAM } };
  app.get('/v1/teams/:name', { schema: one }, async ({ params }) => {
    const matter = matterOf(options);
    const team = findTeam(options, params.name);
    const hostnames = hostnamesOf(team, matter.model).slice(0, PAGE_LIMIT);
    const findings = matter.findings.filter(({ origin }) => matter.concern(origin) === team).slice(0, PAGE_LIMIT);
    return {
      team: viewOf(team, matter),
      hostnames: hostnames.map((hostname) => summarizeHostname(hostname, matter.beliefs)),
      findings: findings.map(viewFinding),
    };
  });
}

/** The team of this name; a problem where there is none. */
export function findTeam({ director }: AdminOptions, name: string): TeamSpec {
  const teams = director.snapshot().model.teams ?? NO_TEAMS;
  const team = teams.find((each) => each.name === name);
  if (team !== undefined) return team;
  const known = teams.map((each) => each.name).join(', ');
  throw problem('team-unknown', known === '' ? 'There are no teams.' : `There is no such team. Known teams: ${known}.`);
}

function viewOf(team: TeamSpec, matter: TeamMatter): TeamView {
  const view = viewTeams(matter).find(({ name }) => name === team.name);
  if (view === undefined) throw problem('team-unknown', 'The team is gone from the configuration.');
  return view;
}

function matterOf({ director, now, clusterOf }: AdminOptions): TeamMatter {
  const { model } = director.snapshot();
  const concern = createConcern(ownershipOf(model.teams ?? NO_TEAMS), clusterOf);
  return { model, beliefs: beliefsOf(director, now()), findings: director.findings(), concern };
}
