import type { FastifyRequest } from 'fastify';
import type { AdminApp, AdminOptions } from './app.ts';
import { isHostAccepted } from './host.ts';
import { REFUSAL_WINDOW_MS, REFUSALS_PER_WINDOW, REQUESTS_PER_SECOND } from './limits.ts';
import { type ProblemCode, problem, UNCACHED } from './problems.ts';
import { createIdentify } from './tls/client-identity.ts';
import type { Caller, Scope } from './tokens.ts';

/** RFC 6750 §2.1; the scheme is case-insensitive (RFC 9110 §11.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/**
 * What every request passes before its body is read, unknown paths included: the Host check, the rate limit, the token or
 * the client certificate; where there are both, the token counts.
 * The rate-limit plugin must be registered.
 */
export function addGate(app: AdminApp, { listen, tokens, clients = [], log, now }: AdminOptions): void {
  const identify = createIdentify(clients, now);
  const requests = app.createRateLimit({ max: REQUESTS_PER_SECOND, timeWindow: 1_000 });
  const refusals = app.createRateLimit({ max: REFUSALS_PER_WINDOW, timeWindow: REFUSAL_WINDOW_MS });
  app.decorateRequest('caller', undefined);

  /**
   * A refused token counts against its address, and what is over the limit is neither told why nor logged. A right token
   * always passes: a lock-out would let one broken script keep an operator from draining a cluster.
   */
  const refuse = async (request: FastifyRequest, code: ProblemCode, detail: string, challenge: string) => {
    const count = await refusals(request);
    if (!count.isAllowed && count.isExceeded) return tooMany(count.ttlInSeconds);
    log('admin-refused', { address: request.ip, code });
    return problem(code, detail, { 'www-authenticate': challenge });
  };

  const callerOf = async (request: FastifyRequest): Promise<Caller> => {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined) {
      const caller = tokens.verify(token);
      if (caller !== undefined) return caller;
      throw await refuse(request, 'token-wrong', 'The token is not known.', `${REALM}, error="invalid_token"`);
    }
    const identity = identify(request.raw.socket);
    if (identity.kind === 'known') {
      if (isOwnDoing(request)) return identity.caller;
      throw problem('cross-site', 'A certificate does not count for requests of pages of other sites.');
    }
    if (identity.kind === 'none') {
      throw await refuse(request, 'token-missing', 'Send a token: "Authorization: Bearer TOKEN".', REALM);
    }
    const why = identity.kind === 'refused' ? `is not accepted: ${identity.reason}` : 'has no name that is known';
    throw await refuse(request, 'certificate-unknown', `The client certificate ${why}.`, REALM);
  };

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(UNCACHED);
    const count = await requests(request);
    if (!count.isAllowed && count.isExceeded) throw tooMany(count.ttlInSeconds);
    if (!isHostAccepted(request.headers.host, listen.host)) {
      throw problem('host-refused', 'A server bound to loopback answers only to localhost and its own address.');
    }
    const access = request.routeOptions.config.access ?? 'read';
    if (access === 'open') return;
    const caller = await callerOf(request);
    if (!mayDo(caller, access)) throw lacking(access);
    request.caller = caller;
  });
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

function lacking(scope: Scope) {
  return problem('scope-lacking', `This needs a token with scope "${scope}".`, {
    'www-authenticate': `${REALM}, error="insufficient_scope", scope="${scope}"`,
  });
}

function tooMany(seconds: number) {
  return problem('rate-limited', `Too many requests. Try again in ${seconds} s.`, { 'retry-after': String(seconds) });
}
