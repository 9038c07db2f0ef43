import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyReply, FastifySchema, RouteOptions } from 'fastify';
import type { AdminApp } from '../app.ts';
import type { ProblemCode } from '../problems.ts';
import { OPERATIONS, TAGS } from './operations.ts';
import { PROBLEM_SCHEMA, problemsOf, withProblems } from './problem-answers.ts';

/** Of the API, not of the program: it changes when what is there changes its meaning. */
const API_VERSION = '1';

/** Nothing from other hosts, and nothing that a page brought itself; `style-src` is what the page's own library needs. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const KEY_HEADER = {
  'idempotency-key': {
    type: 'string',
    maxLength: 257,
    description: 'Makes a repeated request harmless: within 24 hours it is answered as the first one was.',
  },
};
const MATCH_HEADERS = {
  'if-match': { type: 'string', description: 'Only if the object has one of these ETags, or `*`: is there at all.' },
  'if-none-match': { type: 'string', description: 'Only if the object has none of these ETags, or `*`: is not there.' },
};
const UNCHANGED_HEADER = {
  'if-none-match': { type: 'string', description: 'ETags that the reader has: 304 if the object has one of them.' },
};

/**
 * Collects the routes that are added from now on into an OpenAPI 3.1 document, and serves a page at `/docs` to try them. The page
 * is the same everywhere and holds nothing of this installation: it is open. What it asks needs a token, as ever.
 */
export async function addDocument(app: AdminApp): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Azimuth admin API',
        version: API_VERSION,
        description: 'What a director serves and why, and the orders of its operators. See docs/admin-api.md.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token of `admin.tokens.file`.' },
        },
        schemas: { Problem: PROBLEM_SCHEMA },
      },
    },
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => ({ schema: describe(schema, url, route), url }),
    transformObject: (document) => ('openapiObject' in document ? withProblems(document.openapiObject) : {}),
  });
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' };
    });
    scope.addHook('preHandler', async (request, reply) => {
      if (request.routeOptions.url === '/docs/json') await sendDocument(app, reply);
    });
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: PAGE_POLICY,
      theme: { title: 'Azimuth admin API' },
      uiConfig: { deepLinking: true, persistAuthorization: false, tryItOutEnabled: true },
    });
  });
}

/** `GET /v1/openapi.json`: the document. Open: it is the same for everybody, and no secret. */
export function addDocumentRoute(app: AdminApp): void {
  app.get('/v1/openapi.json', { config: { access: 'open' } }, async (_request, reply) => sendDocument(app, reply));
}

/** As octets that are made once: who may ask without a token must not cost more than to send them. */
function sendDocument(app: AdminApp, reply: FastifyReply): FastifyReply {
  const octets = written.get(app) ?? Buffer.from(JSON.stringify(app.swagger()));
  written.set(app, octets);
  return reply.type('application/json').send(octets);
}

const written = new WeakMap<AdminApp, Buffer>();

/** With what `withProblems` reads and takes away. */
type Described = FastifySchema & { readonly 'x-access'?: string; readonly 'x-problems'?: readonly ProblemCode[] };

/** The route's own schema with what the table says. Routes that the table does not have are told apart by their summary. */
function describe(schema: FastifySchema | undefined, url: string, route: RouteOptions): Described {
  if (schema?.hide === true) return { hide: true };
  const method = [route.method].flat()[0] ?? 'GET';
  const access = route.config?.access ?? 'read';
  const operation = OPERATIONS[`${method} ${url}`];
  const isRead = method === 'GET';
  const answer = operation?.answer;
  const headers = {
    ...propertiesOf(schema?.headers),
    ...(isRead || access === 'read' || access === 'open' ? {} : KEY_HEADER),
    ...(route.config?.object === undefined ? {} : isRead ? UNCHANGED_HEADER : MATCH_HEADERS),
  };
  const body = schema?.body;
  return {
    response: { 200: { type: 'object', additionalProperties: true } },
    ...schema,
    ...(answer === undefined ? {} : { produces: [answer.type], response: { 200: answer.schema } }),
    ...(typeof body === 'object' && body !== null ? { body: { ...body, examples: [operation?.example ?? {}] } } : {}),
    ...(Object.keys(headers).length === 0 ? {} : { headers: { type: 'object', properties: headers } }),
    operationId: operationId(method, url),
    summary: operation?.summary ?? `${method} ${url}`,
    ...(operation?.description === undefined ? {} : { description: operation.description }),
    tags: operation === undefined ? [] : [operation.tag],
    'x-access': access,
    'x-problems': problemsOf({
      own: operation?.problems ?? [],
      access,
      isRead,
      has: { body: body !== undefined, name: url.includes(':'), object: route.config?.object !== undefined },
    }),
  };
}

function propertiesOf(schema: unknown): object {
  const isObject = typeof schema === 'object' && schema !== null && 'properties' in schema;
  return isObject && typeof schema.properties === 'object' ? (schema.properties ?? {}) : {};
}

/** `getV1ClustersNameDrain`: for clients that are generated. */
function operationId(method: string, url: string): string {
  const words = url.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
