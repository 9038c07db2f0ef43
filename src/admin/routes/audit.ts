import { Type } from 'typebox';
import type { AuditRecord } from '../../core/ports.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { PAGE_QUERY, pageSize, TIMESTAMP, timestamp } from '../page.ts';
import { FORMS } from '../patterns.ts';

const QUERY = Type.Object(
  {
    ...PAGE_QUERY,
    /** `next` of the page before: entries with lower numbers. */
    cursor: Type.Optional(Type.String({ pattern: FORMS.number.pattern })),
  },
  { additionalProperties: false },
);

/** One entry. `before` and `after` are of the form of what the action changes. */
const ENTRY = Type.Object({
  seq: Type.Integer(),
  at: TIMESTAMP,
  who: Type.String(),
  from: Type.String(),
  action: Type.String(),
  target: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
  outcome: Type.String(),
});

const PAGE = Type.Object({ items: Type.Array(ENTRY), next: Type.Optional(Type.String()) });

/** `GET /v1/audit`: who did what, or was refused it, newest first. How many there are is not counted. */
export function addAuditRoutes(app: AdminApp, { audit }: AdminOptions): void {
  app.get('/v1/audit', { schema: { querystring: QUERY, response: { 200: PAGE } } }, async ({ query }) => {
    const before = query.cursor === undefined ? {} : { before: Number(query.cursor) };
    const page = await audit?.list({ limit: pageSize(query.limit), ...before });
    if (page === undefined) return { items: [] };
    return {
      items: page.items.map(entryView),
      ...(page.next === undefined ? {} : { next: String(page.next) }),
    };
  });
}

function entryView({ at, ...record }: AuditRecord) {
  return { ...record, at: timestamp(at) };
}
