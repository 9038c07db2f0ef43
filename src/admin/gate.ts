import type { FastifyRequest } from 'fastify';
import { createAllowance } from './allowance.ts';
import type { AdminApp, AdminOptions } from './app.ts';
import { networkOf } from './client-address.ts';
import { isHostAccepted } from './host.ts';
import { REFUSAL_WINDOW_MS, REFUSALS_PER_WINDOW, REQUEST_WINDOW_MS, REQUESTS_PER_SECOND } from './limits.ts';
import { type Problem, type ProblemCode, problem, UNCACHED } from './problems.ts';
import { createIdentify } from './tls/client-identity.ts';
import type { Caller, Scope } from './tokens.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `free`: asked as often as anybody likes. Without it the requests of each second are counted. */
    pace?: 'free';
  }
}

/** RFC 6750 §2.1; the scheme is case-insensitive (RFC 9110 §11.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** Who asks. `stranger`: nobody looked. `refused`: he showed nothing that counts; `challenge` says what would. */
type Standing =
  | { readonly kind: 'stranger' }
  | { readonly kind: 'known'; readonly caller: Caller }
  | { readonly kind: 'cross-site'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly code: ProblemCode; readonly detail: string; readonly challenge: string };

const STRANGER: Standing = Object.freeze({ kind: 'stranger' });

/**
 * What every request passes before its body is read, unknown paths included: the Host check, the rate limit, the token or
 * the client certificate; where there are both, the token counts.
 */
export function addGate(app: AdminApp, options: AdminOptions): void {
  const { listen } = options;
  const standingOf = createStandings(options);
  const tooMuch = createPace(options);
  const refuse = createRefusals(options);
  app.decorateRequest('caller', undefined);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(UNCACHED);
    const { access = 'read', pace } = request.routeOptions.config;
    const misled = hostProblem(request, listen.host);
    // A page whose name was rebound uses up nothing of the certificate that its reader's browser shows.
    const standing = access === 'open' || misled !== undefined ? STRANGER : standingOf(request);
    // Whose browser it was is worth knowing as well.
    if (standing.kind === 'known' || standing.kind === 'cross-site') request.caller = standing.caller;
    const seconds = pace === 'free' ? 0 : tooMuch(request, standing);
    if (seconds > 0) throw tooMany(seconds);
    if (misled !== undefined) throw misled;
    if (access === 'open') return;
    if (standing.kind !== 'known') throw refuse(request, standing);
    if (!mayDo(standing.caller, access)) throw lacking(access);
  });
}

function createStandings({ tokens, clients = [], now }: AdminOptions): (request: FastifyRequest) => Standing {
  const identify = createIdentify(clients, now);
  return (request) => {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined) {
      const caller = tokens.verify(token);
      if (caller !== undefined) return { kind: 'known', caller };
      return refusedFor('token-wrong', 'The token is not known.', `${REALM}, error="invalid_token"`);
    }
    const identity = identify(request.raw.socket);
    if (identity.kind === 'known') {
      return { kind: isOwnDoing(request) ? 'known' : 'cross-site', caller: identity.caller };
    }
    if (identity.kind === 'none') {
      return refusedFor('token-missing', 'Send a token: "Authorization: Bearer TOKEN".', REALM);
    }
    const why = identity.kind === 'refused' ? `is not accepted: ${identity.reason}` : 'has no name that is known';
    return refusedFor('certificate-unknown', `The client certificate ${why}.`, REALM);
  };
}

function refusedFor(code: ProblemCode, detail: string, challenge: string): Standing {
  return { kind: 'refused', code, detail, challenge };
}

/**
 * The rate limit: in how many seconds one may ask again; 0: now. Who has a right token is counted by himself, address by
 * address: a broken script beside him, whose token is wrong, must not keep him from draining a cluster.
 */
function createPace({ steady }: AdminOptions): (request: FastifyRequest, standing: Standing) => number {
  const pace = { most: REQUESTS_PER_SECOND, windowMs: REQUEST_WINDOW_MS, steady };
  const [callers, addresses] = [createAllowance(pace), createAllowance(pace)];
  return (request, standing) => {
    const address = networkOf(request.ip);
    return standing.kind === 'known' ? callers.take(`${standing.caller.name} ${address}`) : addresses.take(address);
  };
}

/** A refused token counts against its address, and what is over the limit is neither told why nor logged. */
function createRefusals({ steady, log }: AdminOptions) {
  const refusals = createAllowance({ most: REFUSALS_PER_WINDOW, windowMs: REFUSAL_WINDOW_MS, steady });
  return (request: FastifyRequest, standing: Exclude<Standing, { readonly kind: 'known' }>): Problem => {
    if (standing.kind !== 'refused') {
      return problem('cross-site', 'A certificate does not count for requests of pages of other sites.');
    }
    const { code, detail, challenge } = standing;
    const seconds = refusals.take(networkOf(request.ip));
    if (seconds > 0) return tooMany(seconds);
    log('admin-refused', { address: request.ip, code });
    return problem(code, detail, { 'www-authenticate': challenge });
  };
}

/** RFC 9112 §3.2: who names two hosts means one of them for somebody on the way, and the other one for us. */
function hostProblem({ raw, headers }: FastifyRequest, listenHost: string): Problem | undefined {
  const names = raw.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host');
  if (names.length > 1) return problem('request-malformed', 'There are several Host headers.');
  if (isHostAccepted(headers.host, listenHost)) return undefined;
  return problem('host-refused', 'A server bound to loopback answers only to localhost and its own address.');
}

/** Browsers send certificates by themselves, whoever's page asks, and say so (Fetch Metadata §2.3); others say nothing. */
function isOwnDoing({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** RFC 6750 §3. */
const REALM = 'Bearer realm="azimuth"';

function mayDo(caller: Caller, scope: Scope): boolean {
  return caller.scope === 'operate' || caller.scope === scope;
}

function lacking(scope: Scope): Problem {
  return problem('scope-lacking', `This needs a token with scope "${scope}".`, {
    'www-authenticate': `${REALM}, error="insufficient_scope", scope="${scope}"`,
  });
}

function tooMany(seconds: number): Problem {
  return problem('rate-limited', `Too many requests. Try again in ${seconds} s.`, { 'retry-after': String(seconds) });
}
