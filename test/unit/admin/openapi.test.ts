import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/admin/openapi/operations.ts';
import { PROBLEMS } from '../../../src/admin/problems.ts';
import { type Admin, OPERATE, PUSH, READ, startAdmin } from './admin-fixture.ts';
import { documentOf, fits, type Listed, operationsOf } from './openapi-reader.ts';

/** Whole numbers for the last two octets of addresses: each question comes from its own, as for the rate limits. */
let asked = 0;
function freshAddress(): string {
  asked += 1;
  return `127.1.${Math.floor(asked / 250)}.${(asked % 250) + 1}`;
}

const CODED = Type.Object({ code: Type.String() });
const INDEX = Type.Object({ routes: Type.Array(Type.Object({ method: Type.String(), path: Type.String() })) });

let admin: Admin;
let operations: readonly Listed[];
let document: Awaited<ReturnType<typeof documentOf>>;

beforeAll(async () => {
  admin = await startAdmin();
  document = await documentOf(admin);
  operations = operationsOf(document);
});
afterAll(() => admin.server.close());

/** Values for the paths that there are. */
const PARAMETERS: Readonly<Record<string, string>> = {
  '/v1/hostnames/{name}': 'shop.gslb.example',
  '/v1/monitors/{name}': 'load',
  '/v1/monitors/{name}/result': 'eu-load',
  '/v1/teams/{name}': 'shop',
};
const QUERIES: Readonly<Record<string, string>> = { '/v1/explain': '?name=shop.gslb.example' };

const pathOf = ({ path }: Listed) => path.replace('{name}', PARAMETERS[path] ?? 'us-east') + (QUERIES[path] ?? '');

/** The status and the body, of a stream its beginning. */
async function ask(listed: Listed, token?: string) {
  const response = await admin.open(pathOf(listed), {
    method: listed.method,
    from: freshAddress(),
    ...(token === undefined ? {} : { token }),
    ...(listed.example === undefined ? {} : { body: JSON.stringify(listed.example) }),
  });
  const isStream = response.headers['content-type'] === 'text/event-stream';
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk);
    if (isStream) break;
  }
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() };
}

describe('the OpenAPI document', () => {
  it('is of OpenAPI 3.1, and the page shows the very same', async () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Azimuth admin API' } });
    const shown = await admin.ask('/docs/json');
    expect(shown.json()).toEqual(document);
  });

  it('has every route, and no other', async () => {
    const index = Value.Parse(INDEX, (await admin.ask('/v1', { token: READ })).json());
    const routes = index.routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(routes.toSorted());
  });

  it('says of every route what it is: src/admin/openapi/operations.ts has them all, and no other', () => {
    const named = operations.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    expect(named.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
    for (const { summary, tags, method, path } of operations) {
      expect([method, path, summary.length > 5, tags.length]).toEqual([method, path, true, 1]);
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('has an example for every body, and the schemas take them', () => {
    const bodies = operations.filter(({ body }) => body !== undefined);
    expect(bodies.length).toBeGreaterThan(8);
    for (const { method, path, body, example } of bodies) {
      expect([method, path, fits(body, example)]).toEqual([method, path, true]);
    }
  });

  it('has an example of every problem, which is one', () => {
    const { Problem } = document.components.schemas;
    expect(Object.keys(document.components.examples)).toEqual(Object.keys(PROBLEMS));
    for (const [code, { value }] of Object.entries(document.components.examples)) {
      expect([code, fits(Problem, value)]).toEqual([code, true]);
      expect(value).toMatchObject({ code });
    }
  });

  it('names the problems of each route under their status', () => {
    const drain = operations.find(({ operationId }) => operationId === 'postV1ClustersNameDrain')!;
    const at = (status: string) =>
      Object.keys(drain.responses[status]?.content?.['application/problem+json']?.examples ?? {});
    expect(at('404')).toEqual(['cluster-unknown']);
    expect(at('409')).toEqual(expect.arrayContaining(['drain-leaves-none', 'idempotency-under-way']));
    expect(at('409')).not.toContain('rollout-exists');
    expect([at('412'), at('422')]).toEqual([['precondition-failed'], ['idempotency-key-reused']]);
    expect(drain.parameters).toEqual(['name', 'idempotency-key', 'if-match', 'if-none-match']);
  });
});

describe('the page', () => {
  it('needs nothing from elsewhere, and lets nothing in', async () => {
    const page = await admin.ask('/docs');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe-inline/);
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) {
      expect(link).toMatch(/^\/docs\/static\//);
      expect((await admin.ask(link, { from: freshAddress() })).status, link).toBe(200);
    }
    expect(page.text).not.toMatch(/<script>|onload=|https?:\/\//);
  });

  it.each(['/docs/static/..%2f..%2fpackage.json', '/docs/static/../../package.json', '/docs/static/%00'])(
    '%s leads nowhere',
    async (path) => {
      const { status, text } = await admin.ask(path, { token: READ, from: freshAddress() });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain('swagger-ui"');
    },
  );
});

describe('who may ask, of every route in the document', () => {
  it('nobody without a token, but of the open ones', async () => {
    const open: string[] = [];
    for (const listed of operations) {
      const reply = await ask(listed);
      if (listed.scope === 'open') open.push(`${listed.method} ${listed.path}`);
      const isOpen = reply.status !== 401;
      expect([listed.method, listed.path, isOpen]).toEqual([listed.method, listed.path, listed.scope === 'open']);
    }
    expect(open).toEqual(['GET /healthz', 'GET /readyz', 'GET /v1/openapi.json']);
    expect(admin.orders).toEqual([]);
  });

  it.each([
    ['read', READ, ['open', 'read']],
    ['push', PUSH, ['open', 'push']],
    ['operate', OPERATE, ['open', 'read', 'push', 'operate']],
  ])('a token of scope %s may what its scope lets, and nothing else', async (_scope, token, scopes) => {
    for (const listed of operations) {
      const before = admin.orders.length;
      const { status, text } = await ask(listed, token);
      const isLet = scopes.includes(listed.scope);
      expect([listed.method, listed.path, status !== 403]).toEqual([listed.method, listed.path, isLet]);
      if (isLet) continue;
      expect(JSON.parse(text)).toMatchObject({ code: 'scope-lacking' });
      expect(admin.orders.length).toBe(before);
    }
  });
});

describe('a body that is not what it should be, of every route that takes one', () => {
  it.each<[string, string, string, number, string]>([
    ['no JSON', '{"a":', 'application/json', 400, 'body-malformed'],
    ['too large', JSON.stringify({ a: 'x'.repeat(20_000) }), 'application/json', 413, 'body-too-large'],
    ['of another type', 'a=b', 'application/x-www-form-urlencoded', 415, 'media-type-unsupported'],
    ['with a field that is unknown', '{"no-such-field":1}', 'application/json', 400, 'request-invalid'],
    ['a list', '[]', 'application/json', 400, 'request-invalid'],
    ['null', 'null', 'application/json', 400, 'request-invalid'],
    ['nested without end', '['.repeat(8_000), 'application/json', 400, 'body-malformed'],
  ])('%s', async (_what, body, type, status, code) => {
    const before = admin.orders.length;
    for (const listed of operations.filter((each) => each.body !== undefined)) {
      const reply = await admin.ask(pathOf(listed), {
        method: listed.method,
        token: OPERATE,
        from: freshAddress(),
        body,
        headers: { 'content-type': type },
      });
      const told = [listed.method, listed.path, reply.status, Value.Parse(CODED, reply.json()).code];
      expect(told).toEqual([listed.method, listed.path, status, code]);
    }
    expect(admin.orders.length).toBe(before);
  });
});

describe('what is answered is what the document says, and all of it', () => {
  it('of every route', async () => {
    const seen: string[] = [];
    for (const listed of operations) {
      const { status, headers, text } = await ask(listed, OPERATE);
      const type = String(headers['content-type']).split(';')[0]!;
      const answer = listed.responses[status]?.content?.[type];
      const where = `${listed.method} ${listed.path} ${status} ${type}`;
      expect([where, answer !== undefined]).toEqual([where, true]);
      if (type === 'application/problem+json') {
        expect([where, Object.keys(answer?.examples ?? {})]).toEqual([
          where,
          expect.arrayContaining([JSON.parse(text).code]),
        ]);
      } else if (type === 'application/json') {
        // Closed: a field that the schema forgot is a fault of the document.
        const schema = closed(answer?.schema);
        expect([where, fits(schema, JSON.parse(text))], text.slice(0, 2_000)).toEqual([where, true]);
        seen.push(where);
      }
    }
    expect(seen.length).toBeGreaterThan(18);
  });
});

/** The schema with every object that names its properties closed, where it does not say that it is open. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = 'properties' in inner && !('additionalProperties' in inner);
  return isObject ? { ...inner, additionalProperties: false } : inner;
}
