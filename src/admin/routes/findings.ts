import { Type } from 'typebox';
import type { Finding } from '../../core/desired/finding.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { PAGE_QUERY, pageOf, pageSize } from '../page.ts';

const SEVERITY = Type.Union([Type.Literal('error'), Type.Literal('warning'), Type.Literal('info')]);

const QUERY = Type.Object(
  {
    ...PAGE_QUERY,
    /** How many findings to leave out from the beginning. */
    cursor: Type.Optional(Type.String({ pattern: '^\\d{1,9}$' })),
    severity: Type.Optional(SEVERITY),
    code: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false },
);

const FINDING = Type.Object({
  code: Type.String(),
  severity: SEVERITY,
  message: Type.String(),
  file: Type.String(),
  line: Type.Optional(Type.Integer()),
  object: Type.Optional(Type.String()),
  suggestion: Type.Optional(Type.String()),
});

/** `GET /v1/findings`, paged: what a person should know about the input. */
export function addFindingRoutes(app: AdminApp, { director }: AdminOptions): void {
  const schema = { querystring: QUERY, response: { 200: pageOf(FINDING) } };
  app.get('/v1/findings', { schema }, async ({ query }) => {
    const { severity, code } = query;
    const all = director
      .findings()
      .filter(
        (each) => (severity === undefined || each.severity === severity) && (code === undefined || each.code === code),
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

function viewFinding({ code, severity, message, origin, suggestion }: Finding) {
  return { code, severity, message, ...origin, ...(suggestion === undefined ? {} : { suggestion }) };
}
