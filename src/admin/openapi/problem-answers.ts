import { PROBLEM_TYPE, PROBLEMS, type ProblemCode, problemDocument } from '../problems.ts';
import type { Scope } from '../tokens.ts';

/** What a route is like, for the problems that it may have. */
export type RouteTraits = {
  readonly own: readonly ProblemCode[];
  readonly access: 'open' | Scope;
  readonly isRead: boolean;
  readonly has: { readonly body: boolean; readonly name: boolean; readonly object: boolean };
};

/** A problem document (RFC 9457); `code` is what programs go by. */
export const PROBLEM_SCHEMA = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' as const, description: 'A tag URI: an identifier, not a page.' },
    title: { type: 'string' as const },
    status: { type: 'integer' as const },
    detail: { type: 'string' as const, description: 'For people.' },
    code: { type: 'string' as const, enum: Object.keys(PROBLEMS) },
  },
};

/** Whoever asks whatever may get these. */
const EVERYWHERE: readonly ProblemCode[] = [
  'request-malformed',
  'request-timeout',
  'host-refused',
  'rate-limited',
  'head-too-large',
  'internal',
  'timed-out',
  'stopping',
];
const CLOSED: readonly ProblemCode[] = [
  'token-missing',
  'token-wrong',
  'certificate-unknown',
  'scope-lacking',
  'cross-site',
];
const WITH_BODY: readonly ProblemCode[] = ['body-malformed', 'body-too-large', 'media-type-unsupported'];
const KEYED: readonly ProblemCode[] = [
  'idempotency-key-invalid',
  'idempotency-under-way',
  'idempotency-key-reused',
  'keys-full',
];

/** OpenAPI 3.1 has it, the types that the library brings do not. */
const CERTIFICATE = { type: 'mutualTLS', description: 'A client certificate with a name of `admin.clients`.' };

/** All problems of a route, each once, in the order of the table. */
export function problemsOf({ own, access, isRead, has }: RouteTraits): readonly ProblemCode[] {
  const all = new Set<string>([
    ...own,
    ...EVERYWHERE,
    'request-invalid',
    ...(access === 'open' ? [] : CLOSED),
    // A body may come where none is looked at, as with DELETE.
    ...(has.body || !isRead ? WITH_BODY : []),
    ...(has.name ? (['name-too-long'] as const) : []),
    ...(has.object ? (['entity-tag-invalid'] as const) : []),
    ...(isRead || access === 'read' || access === 'open' ? [] : KEYED),
  ]);
  return CODES.filter((code) => all.has(code));
}

const CODES = Object.keys(PROBLEMS).filter((code): code is ProblemCode => code in PROBLEMS);

/** One problem document of each code. */
const EXAMPLES = Object.fromEntries(CODES.map((code) => [code, { value: problemDocument(code, PROBLEMS[code][2]) }]));

/**
 * The document with the problems of each operation among its answers, the ETag of those that have one, and who may ask. What
 * the routes said of themselves under `x-problems` and `x-access` is taken away.
 */
export function withProblems<Document extends { readonly paths?: unknown; readonly components?: unknown }>(
  document: Document,
): Document {
  const schemes = isRecord(document.components) ? document.components['securitySchemes'] : undefined;
  if (isRecord(schemes)) schemes['certificate'] = CERTIFICATE;
  const answers: Record<string, object> = {};
  const refer = createReferences(answers);
  if (isRecord(document.components)) {
    document.components['examples'] = EXAMPLES;
    document.components['responses'] = answers;
  }
  for (const path of valuesOf(document.paths)) {
    for (const operation of valuesOf(path)) {
      const codes = CODES.filter((code) => listOf(operation['x-problems']).includes(code));
      const access = operation['x-access'];
      operation['security'] = access === 'open' ? [] : [{ token: [access] }, { certificate: [access] }];
      delete operation['x-problems'];
      delete operation['x-access'];
      const responses = isRecord(operation['responses']) ? operation['responses'] : {};
      // The library has no better word for it than that it is the default.
      for (const each of valuesOf(responses)) each['description'] = operation['summary'];
      if (codes.includes('entity-tag-invalid')) addTag(responses, operation['operationId']);
      for (const [status, of] of Map.groupBy(codes, (code) => PROBLEMS[code][0])) {
        const own = responses[status];
        responses[status] = own === undefined ? refer(status, answerOf(of)) : mergedWith(own, answerOf(of));
      }
    }
  }
  return document;
}

/** Puts answers where all operations can refer to them, equal ones once: most of them are everywhere the same. */
function createReferences(answers: Record<string, object>): (status: number, answer: Answer) => object {
  const known = new Map<string, string>();
  return (status, answer) => {
    const text = JSON.stringify(answer);
    const earlier = known.get(text);
    const [first] = Object.keys(answer.content[PROBLEM_TYPE].examples);
    const alone = `${status}-${first ?? ''}`;
    // Of those that begin with the same code, each has a number of its own.
    const name = earlier ?? (alone in answers ? `${alone}-${known.size}` : alone);
    known.set(text, name);
    answers[name] = answer;
    return { $ref: `#/components/responses/${name}` };
  };
}

type Answer = ReturnType<typeof answerOf>;

function answerOf(codes: readonly ProblemCode[]) {
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }] as const));
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { code: { enum: codes } } }],
  };
  return {
    description: codes.map((code) => `${code}: ${PROBLEMS[code][1]}`).join('; '),
    content: { [PROBLEM_TYPE]: { schema, examples } },
  };
}

/** `/readyz` answers 503 with a body of its own as well. */
function mergedWith(own: unknown, { description, content }: Answer): object {
  const told = isRecord(own) && isRecord(own['content']) ? own['content'] : {};
  return { description: `Not ready; or ${description}`, content: { ...told, ...content } };
}

function addTag(responses: Record<string, unknown>, operationId: unknown): void {
  const done = responses['200'];
  const header = { schema: { type: 'string' }, description: 'Of the object as it is now; absent where there is none.' };
  if (isRecord(done)) done['headers'] = { etag: header };
  if (String(operationId).startsWith('get')) {
    responses['304'] = { description: 'It is still what the reader has.', headers: { etag: header } };
  }
}

function valuesOf(value: unknown): readonly Record<string, unknown>[] {
  return isRecord(value) ? Object.values(value).filter(isRecord) : [];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
