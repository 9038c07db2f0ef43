import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AdminApp } from '../app.ts';
import { MAX_IDEMPOTENCY_KEY } from '../limits.ts';
import { problem } from '../problems.ts';
import { createAnswerStore, type KeptAnswer } from './answer-store.ts';
import { isChange } from './is-change.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key under which the answer to this request will be kept. */
    keptUnder: string | undefined;
  }
}

/** Headers that belong to an answer; the others belong to the moment. */
const KEPT_HEADERS = ['content-type', 'etag'];

/** Says that an answer is a repeated one. */
const REPLAYED = 'idempotency-replayed';

/** A string of RFC 9651 §3.3.3, or what people write instead: the same characters without quotes, blanks and commas. */
const KEY = /^(?:"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+"|[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+)$/;

/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07) on every request that changes something: the same request
 * of the same caller again is answered as the first was, and nothing is done. What was not decided (5xx, 429) is not kept.
 */
export function addIdempotency(app: AdminApp, steady: () => number): void {
  const store = createAnswerStore(steady);
  app.decorateRequest('keptUnder', undefined);

  app.addHook('preHandler', async (request, reply) => {
    const given = request.headers['idempotency-key'];
    if (given === undefined || !isChange(request)) return undefined;
    const key = `${request.caller?.name ?? ''} ${readKey([given].flat().join(','))}`;
    const standing = store.begin(key, printOf(request));
    if (standing === 'new') {
      request.keptUnder = key;
      return undefined;
    }
    if (standing === 'under-way') {
      throw problem('idempotency-under-way', 'The first request with this key has no answer yet.', {
        'retry-after': '1',
      });
    }
    if (standing === 'full') {
      throw problem('keys-full', 'Too many requests with an Idempotency-Key are under way.', { 'retry-after': '1' });
    }
    if (standing === 'other-request') {
      throw problem('idempotency-key-reused', 'Another request had this key: take a new one for each change.');
    }
    return replay(reply, standing);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const key = request.keptUnder;
    if (key === undefined) return payload;
    request.keptUnder = undefined;
    const body = bodyOf(payload);
    const isDecided = reply.statusCode < 500 && reply.statusCode !== 429;
    if (body === undefined || !isDecided) store.drop(key);
    else store.keep(key, { status: reply.statusCode, headers: keptHeaders(reply), body });
    return payload;
  });
}

function readKey(header: string): string {
  if (header.length <= MAX_IDEMPOTENCY_KEY + 2 && KEY.test(header)) return header.replaceAll('"', '');
  const expected = `1 to ${MAX_IDEMPOTENCY_KEY} printable ASCII characters in quotes`;
  throw problem('idempotency-key-invalid', `Idempotency-Key: expected ${expected}.`);
}

function printOf({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('base64');
}

function replay(reply: FastifyReply, { status, headers, body }: KeptAnswer): FastifyReply {
  return reply
    .code(status)
    .headers({ ...headers, [REPLAYED]: 'true' })
    .send(body);
}

function keptHeaders(reply: FastifyReply): Readonly<Record<string, string>> {
  const entries = KEPT_HEADERS.flatMap((name) => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  return Object.fromEntries(entries);
}

function bodyOf(payload: unknown): Buffer | undefined {
  if (typeof payload === 'string') return Buffer.from(payload);
  return Buffer.isBuffer(payload) ? payload : undefined;
}
