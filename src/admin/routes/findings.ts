import { Type } from 'typebox';
import type { Finding } from '../../core/desired/finding.ts';
import { createConcern } from '../../core/desired/teams/concern.ts';
import { ownershipOf } from '../../core/desired/teams/ownership.ts';
import { NO_TEAMS } from '../../core/desired/teams/team.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { PAGE_QUERY, pageOf, pageSize } from '../page.ts';
import { FORMS } from '../patterns.ts';
import { FINDING_VIEW, SEVERITY, viewFinding } from '../views/finding-view.ts';
import { findTeam } from './teams.ts';

const QUERY = Type.Object(
  {
    ...PAGE_QUERY,
    /** How many findings to leave out from the beginning. */
    cursor: Type.Optional(Type.String({ pattern: FORMS.offset.pattern })),
    severity: Type.Optional(SEVERITY),
    code: Type.Optional(Type.String({ maxLength: 64 })),
    /** Only those about objects in namespaces of this team. */
    team: Type.Optional(Type.String({ maxLength: 253 })),
  },
  { additionalProperties: false },
);

/** The beginning of the codes of what differs between clusters. */
const DRIFT = 'drift-';

/**
 * `GET /v1/findings`, paged: what a person should know about the input. `GET /v1/drift`: those of them that tell what
 * differs between clusters.
 */
export function addFindingRoutes(app: AdminApp, options: AdminOptions): void {
  const { director } = options;
  addList(app, options, '/v1/findings', () => director.findings());
  addList(app, options, '/v1/drift', () => director.findings().filter(({ code }) => code.startsWith(DRIFT)));
}

function addList(app: AdminApp, options: AdminOptions, path: string, list: () => readonly Finding[]): void {
  const schema = { querystring: QUERY, response: { 200: pageOf(FINDING_VIEW) } };
  app.get(path, { schema }, async ({ query }) => {
    const { severity, code, team } = query;
    const isConcerned = team === undefined ? () => true : concernOf(options, team);
    const all = list().filter(
      (each) =>
        (severity === undefined || each.severity === severity) &&
        (code === undefined || each.code === code) &&
        isConcerned(each),
    );
    const from = Number(query.cursor ?? 0);
    const to = from + pageSize(query.limit);
    return {
      items: all.slice(from, to).map(viewFinding),
      total: all.length,
      ...(to < all.length ? { next: String(to) } : {}),
    };
  });
}

function concernOf(options: AdminOptions, name: string): (finding: Finding) => boolean {
  const team = findTeam(options, name);
  const teams = options.director.snapshot().model.teams ?? NO_TEAMS;
  const concern = createConcern(ownershipOf(teams), options.clusterOf);
  return ({ origin }) => concern(origin) === team;
}
