import { Type } from 'typebox';
import { nameFromWire, nameToWire } from '../../core/desired/domain-name.ts';
import { shares } from '../../core/snapshot/explain.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { PAGE_QUERY, pageOf, pageSize } from '../page.ts';
import { problem } from '../problems.ts';
import { beliefsOf } from '../views/endpoint-view.ts';
import { HOSTNAME_SUMMARY, HOSTNAME_VIEW, summarizeHostname, viewHostname } from '../views/hostname-view.ts';
import { hostnamesOf } from '../views/team-view.ts';
import { findTeam } from './teams.ts';

const LIST_QUERY = Type.Object(
  {
    ...PAGE_QUERY,
    /** Only hostnames that this cluster serves. */
    cluster: Type.Optional(Type.String({ maxLength: 253 })),
    /** Only hostnames of this zone. */
    zone: Type.Optional(Type.String({ maxLength: 1020 })),
    /** Only hostnames that are this team's own. */
    team: Type.Optional(Type.String({ maxLength: 253 })),
  },
  { additionalProperties: false },
);

const NAME = Type.Object({ name: Type.String() });

/** `GET /v1/hostnames` (paged) and `GET /v1/hostnames/:name`. */
export function addHostnameRoutes(app: AdminApp, options: AdminOptions): void {
  const { director, now } = options;
  const list = { querystring: LIST_QUERY, response: { 200: pageOf(HOSTNAME_SUMMARY) } };
  app.get('/v1/hostnames', { schema: list }, async ({ query: { cluster, zone, team, cursor, limit } }) => {
    const apex = zone === undefined ? undefined : canonicalName(zone);
    const { model } = director.snapshot();
    const listed = team === undefined ? model.hostnames : hostnamesOf(findTeam(options, team), model);
    const all = listed.filter(
      (hostname) =>
        (apex === undefined || hostname.zone === apex) &&
        (cluster === undefined || hostname.endpoints.some((endpoint) => endpoint.cluster === cluster)),
    );
    // The cursor is the last name seen: it stays right while hostnames come and go between two pages.
    const rest = cursor === undefined ? all : all.filter(({ name }) => name > cursor);
    const page = rest.slice(0, pageSize(limit));
    const last = page.length < rest.length ? page.at(-1)?.name : undefined;
    const beliefs = beliefsOf(director, now());
    return {
      items: page.map((hostname) => summarizeHostname(hostname, beliefs)),
      total: all.length,
      ...(last === undefined ? {} : { next: last }),
    };
  });

  const one = { params: NAME, response: { 200: HOSTNAME_VIEW } };
  app.get('/v1/hostnames/:name', { schema: one }, async ({ params }) => {
    const name = canonicalName(params.name);
    const snapshot = director.snapshot();
    const hostname = snapshot.model.hostnames.find((each) => each.name === name);
    if (hostname === undefined) {
      throw problem('hostname-unknown', `No cluster asks for "${name}". Ask /v1/explain what DNS says of it.`);
    }
    return viewHostname(hostname, beliefsOf(director, now()), shares(snapshot, name));
  });
}

/** The one form of a name that all equal names share; a name that is none is a problem. */
export function canonicalName(text: string): string {
  const wire = nameToWire(text);
  if (wire === undefined) throw problem('name-invalid', 'The name is not a domain name in master-file form.');
  return nameFromWire(wire);
}
