import type { FastifyReply } from 'fastify';
import type { Refusal } from '../core/ports.ts';

/**
 * Every error of the admin API: its stable code, the status, the title and when it comes. `docs/admin-api.md` holds this
 * table; a test compares them.
 */
export const PROBLEMS = {
  'request-invalid': [
    400,
    'The request is not valid',
    'A parameter or the body is missing, unknown or of a wrong form.',
  ],
  'request-malformed': [
    400,
    'The request is not HTTP',
    'The request line, a header or the path cannot be parsed, or there are several Host headers.',
  ],
  'body-malformed': [
    400,
    'The body is not JSON',
    'The body does not parse as JSON, has a key twice in one object, is no UTF-8, or its length is wrong.',
  ],
  'rollout-invalid': [400, 'The rollout is not valid', 'Its parts contradict each other, or are too many.'],
  'name-invalid': [400, 'The name is not a domain name', 'The name breaks the rules of RFC 1035 §3.1.'],
  'address-invalid': [400, 'The address is not an IP address', '`from` is neither an IPv4 nor an IPv6 address.'],
  'idempotency-key-invalid': [
    400,
    'The Idempotency-Key is not valid',
    'It is a quoted text of 1 to 255 printable ASCII characters, or the same without quotes.',
  ],
  'entity-tag-invalid': [
    400,
    'The entity tag is not valid',
    '`If-Match` or `If-None-Match` holds neither `*` nor entity tags.',
  ],
  'token-missing': [401, 'A token is needed', 'There is no `Authorization: Bearer` header.'],
  'token-wrong': [401, 'The token is not known', 'No configured token is this one.'],
  'certificate-unknown': [
    401,
    'The client certificate is not known',
    'It is not valid by `admin.tls.client-ca`, or none of its names is in `admin.clients`; a token would do.',
  ],
  'scope-lacking': [
    403,
    'The token may not do this',
    'The token has not the scope of the operation, or is not for this monitor.',
  ],
  'cross-site': [
    403,
    'The request came from another site',
    'A page of another site had a browser ask, which shows its certificate to whom it likes.',
  ],
  'not-found': [404, 'There is nothing here', 'The path is none of the routes that `GET /v1` lists.'],
  'hostname-unknown': [404, 'The hostname is not served', 'No cluster asks for this hostname.'],
  'cluster-unknown': [404, 'The cluster is not known', 'The configuration has no cluster of this name.'],
  'monitor-unknown': [404, 'The monitor is not known', 'Nothing is watched by a monitor of this name or identity.'],
  'drill-unknown': [404, 'There is no such drill', 'No drill has this name.'],
  'override-unknown': [404, 'There is no such override', 'No override has this name.'],
  'rollout-unknown': [404, 'The rollout is not known', 'There is no rollout of this name.'],
  'team-unknown': [404, 'The team is not known', 'The configuration has no team of this name.'],
  'drain-none': [404, 'The cluster is not drained', 'There is no drain by an order, in force or planned.'],
  'method-not-allowed': [405, 'The method is not allowed', 'The path exists; `Allow` lists its methods.'],
  'request-timeout': [408, 'The request came too slowly', 'The request was not complete in time.'],
  'monitor-not-external': [
    409,
    'The monitor takes no results',
    'The monitor is not one of the kind `external`: it looks for itself.',
  ],
  'result-unfit': [
    409,
    'The result is of another kind',
    'A monitor that tells a load takes a `load`, every other one a `state`.',
  ],
  'expires-too-late': [
    409,
    'The result would count for too long',
    "`expires` is longer than the configuration's for this monitor.",
  ],
  'drill-exists': [409, 'The name is taken', 'There is a drill of this name; stop and forget it first.'],
  'drill-invalid': [400, 'The drill makes no sense', 'A field is out of its bounds, or contradicts another one.'],
  'drill-nothing': [409, 'Nothing is meant', 'No endpoint fits the scope, or nothing in it can fail.'],
  'drill-pattern-unknown': [
    409,
    'A pattern fits nothing',
    'A pattern of the scope, or of `except`, fits no name that there is.',
  ],
  'drill-blind-scope': [
    409,
    'The view of a cluster is one',
    'A drill that blinds is about whole clusters: its scope names nothing else.',
  ],
  'drill-shared-monitor': [
    409,
    'Others are probed along',
    'All monitors of the scope watch endpoints outside of it as well.',
  ],
  'drill-would-abort': [
    409,
    'It would be broken off',
    'A monitor that it is to heed is down or tells nothing, or too few endpoints would be usable for `below`.',
  ],
  'drill-under-way': [409, 'The drill is not over', 'Only a drill that is over is forgotten; stop it first.'],
  'drills-full': [409, 'There are too many drills', 'There are 200 drills; forget some that are over.'],
  'override-invalid': [400, 'The override makes no sense', 'A field is out of its bounds, or contradicts another one.'],
  'override-nothing': [409, 'Nothing is meant', 'No endpoint fits the scope.'],
  'overrides-full': [409, 'There are too many overrides', 'There are 1000 overrides; clear some first.'],
  'safety-min-clusters': [409, 'Too few would be left', 'Safety rule `min-clusters`; `force` overrides.'],
  'safety-max-moved': [409, 'Too many would be moved', 'Safety rule `max-moved`; `force` overrides.'],
  'safety-max-drills': [409, 'Too many drills at once', 'Safety rule `max-drills`; `force` overrides.'],
  'safety-blackout': [409, 'Nothing is changed now', 'Safety rule `blackout`; `force` overrides.'],
  'drain-leaves-none': [
    409,
    'Nobody would be left',
    'A hostname, or its residency area, would lose its last usable cluster; `force` overrides.',
  ],
  'queries-unobserved': [
    409,
    'Nobody was seen asking',
    'A plan by queries needs some, for the hostnames and from the places that there are now.',
  ],
  'idempotency-under-way': [
    409,
    'The first request is under way',
    'A request with the same Idempotency-Key has no answer yet; try again soon.',
  ],
  'rollout-conflict': [409, 'Another rollout is there', 'A rollout is about some of the same hostnames already.'],
  'rollout-exists': [409, 'The name is taken', 'There is a rollout of this name; end it first.'],
  'rollout-order': [409, 'The order does not fit', 'The rollout is of another kind, or in a state without this order.'],
  'rollouts-full': [409, 'There are too many rollouts', 'There are 100 rollouts; end one first.'],
  'precondition-failed': [
    412,
    'The object is another by now',
    '`If-Match` names another state of it, or `If-None-Match` the one that it has; read it again.',
  ],
  'body-too-large': [413, 'The body is too large', 'The body is over 16 KiB.'],
  'name-too-long': [414, 'The name is too long', 'A name in the path is over 1020 characters.'],
  'media-type-unsupported': [
    415,
    'The body must be JSON',
    'Content-Type is not `application/json`, or the body has a Content-Encoding.',
  ],
  'host-refused': [421, 'The Host header is refused', 'The server is bound to loopback and Host names another one.'],
  'idempotency-key-reused': [
    422,
    'The Idempotency-Key was used already',
    'Another request of the same caller had this Idempotency-Key in the last 24 hours.',
  ],
  'rate-limited': [
    429,
    'Too many requests',
    'Too many requests of one caller, or of one address without a right token; or a plan was just made. See `Retry-After`.',
  ],
  'head-too-large': [431, 'The headers are too large', 'Request line and headers are over 8 KiB.'],
  internal: [500, 'Something is wrong in Azimuth', 'A fault of ours; the log says more.'],
  'not-saved': [
    503,
    'The change could not be saved',
    'Overrides cannot be written to stable storage; nothing changed.',
  ],
  'not-recorded': [
    503,
    'The change is not in the audit',
    'It took effect, and the audit cannot be written to stable storage.',
  ],
  'timed-out': [503, 'The answer took too long', 'The server is overloaded.'],
  stopping: [503, 'The server is stopping', 'The request came while the process was shutting down.'],
  'streams-full': [503, 'There are too many streams', 'There are 32 streams of events; see `Retry-After`.'],
  'keys-full': [503, 'Too many changes are under way', 'There are 256 requests with an Idempotency-Key under way.'],
} as const satisfies Record<string, readonly [status: number, title: string, when: string]>;

/** The stable code of an admin error. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A problem on its way to the client. `headers` belong to the status (`Allow`, `Retry-After`, `WWW-Authenticate`). */
export type Problem = Error & { readonly problem: ProblemCode; readonly headers: Readonly<Record<string, string>> };

/** Makes a problem to be thrown. `detail` is for people and is sent as it stands. */
export function problem(code: ProblemCode, detail: string, headers: Readonly<Record<string, string>> = {}): Problem {
  return Object.assign(new Error(detail), { problem: code, headers });
}

/** The problem document of a code (RFC 9457 §3). `type` is a tag URI: an identifier, not a page (§3.1.1, RFC 4151). */
export function problemDocument(code: ProblemCode, detail: string) {
  const [status, title] = PROBLEMS[code];
  return { type: `tag:azimuth.dev,2026:problem:${code}`, title, status, detail, code };
}

/** The same as text. */
export function problemBody(code: ProblemCode, detail: string): string {
  return JSON.stringify(problemDocument(code, detail));
}

/** Content type of a problem document (RFC 9457 §6.1). */
export const PROBLEM_TYPE = 'application/problem+json';

/** Answers are the state of this moment and may name what an onlooker should not keep (RFC 9111 §5.2.2.5). */
export const UNCACHED = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Sends a problem. */
export function sendProblem(reply: FastifyReply, { problem: code, message, headers }: Problem): FastifyReply {
  // As octets: to a text fastify adds a charset, which JSON types do not have (RFC 8259 §11).
  const body = Buffer.from(problemBody(code, message));
  return reply
    .code(PROBLEMS[code][0])
    .headers({ ...headers, ...UNCACHED })
    .type(PROBLEM_TYPE)
    .send(body);
}

/** The director's refusal as a problem: its codes are ours. */
export function refused(refusal: Refusal): Problem {
  return problem(refusal.code, refusal.message);
}

/** Whatever was thrown as a problem: ours, the framework's by its code, or `internal` for all that nobody expected. */
export function toProblem(error: unknown): Problem {
  if (!(error instanceof Error)) return problem('internal', INTERNAL_DETAIL);
  if (isProblem(error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = FRAMEWORK_ERRORS[code];
  if (known !== undefined) return problem(...known);
  // Prototype poisoning and the like: the JSON parser gives these a status and no code.
  if ('statusCode' in error && error.statusCode === 400)
    return problem('body-malformed', 'The body is not acceptable JSON.');
  return problem('internal', INTERNAL_DETAIL);
}

const INTERNAL_DETAIL = 'The request could not be answered because of a fault in Azimuth. The log has the details.';

function isProblem(error: Error): error is Problem {
  return 'problem' in error && 'headers' in error;
}

const MEDIA_TYPE: [ProblemCode, string] = [
  'media-type-unsupported',
  'Send the body with Content-Type: application/json.',
];

const FRAMEWORK_ERRORS: Readonly<Record<string, [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'The body may have at most 16384 octets.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: MEDIA_TYPE,
  FST_ERR_CTP_EMPTY_TYPE: MEDIA_TYPE,
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: MEDIA_TYPE,
  FST_ERR_CTP_EMPTY_JSON_BODY: ['body-malformed', 'The body is empty; a JSON object was expected.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['body-malformed', 'The body does not parse as JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['body-malformed', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: ['request-malformed', 'The path is not a valid percent-encoded URL path.'],
  FST_ERR_INVALID_URL: ['request-malformed', 'The path is not a valid percent-encoded URL path.'],
  FST_ERR_MAX_PARAM_LENGTH: ['name-too-long', 'The name in the path is too long.'],
  FST_ERR_HANDLER_TIMEOUT: ['timed-out', 'The answer was not ready in time.'],
};
