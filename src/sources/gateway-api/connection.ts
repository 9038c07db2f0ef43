import { type Dispatcher, request } from 'undici';
import type { Clock } from '../../core/ports.ts';
import { ApiError, apiErrorOf, refusal } from './api-error.ts';
import type { CredentialSource, Credentials } from './credentials.ts';
import type { Connections } from './dispatcher.ts';
import { CREDENTIALS_TIMEOUT_MS, MAX_DOCUMENT_OCTETS, MAX_REFUSAL_OCTETS, REQUEST_TIMEOUT_MS } from './limits.ts';
import { pause } from './pause.ts';

/** A question to an API server: a path and its parameters. */
export type ApiQuestion = {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The form that is asked for, where it is not plain JSON. */
  readonly accept?: string;
};

/** A change of what an API server has: a new object, or a merge patch (RFC 7396). */
type ApiChange = ApiQuestion & { readonly method: 'POST' | 'PATCH'; readonly body: object };

type Asking = ApiQuestion | ApiChange;

/** The way to one API server. All rejects with `ApiError`. */
export type Connection = {
  /** A whole JSON document. */
  read(question: ApiQuestion, signal: AbortSignal): Promise<unknown>;
  /** Whether there is something at a path that answers with 200: resolves if so. */
  check(path: string, signal: AbortSignal): Promise<void>;
  /** The octets of an answer as they come, however long it is silent; whoever takes it reads it to the end or aborts. */
  open(question: ApiQuestion, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** What the server says in a `Status` object, without its words where they repeat our credentials. */
  refusal(code: number, status: unknown): ApiError;
  /** Changes something; resolves when the server has it. */
  write(change: ApiChange, signal: AbortSignal): Promise<void>;
  /** Resolves when the server answers something, or the signal is aborted. */
  untilItAnswers(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** How long an answer may be silent in the middle; 0: for ever. */
type Silence = { readonly bodyTimeout: number };

/** A connection with the credentials of the moment. An answer begins within `timeoutMs`, or fails. */
export function createConnection(
  credentials: CredentialSource,
  connections: Connections,
  clock: Clock,
  timeoutMs = REQUEST_TIMEOUT_MS,
): Connection {
  const waiting = new Set<() => void>();
  const brief: Silence = { bodyTimeout: timeoutMs };
  /** What was sent last. */
  let sent: Credentials['headers'] = {};

  async function ask(question: Asking, signal: AbortSignal, silence = brief): Promise<Dispatcher.ResponseData['body']> {
    const given = await within(credentials.current(), clock, signal);
    sent = given.headers;
    const url = new URL(given.server + question.path);
    for (const [key, value] of Object.entries(question.query ?? {})) url.searchParams.set(key, value);
    const { statusCode, body } = await send(url, given, question, { signal, headersTimeout: timeoutMs, ...silence });
    if (statusCode < 500) for (const wake of waiting) wake();
    if (statusCode === 200 || statusCode === 201) return body;
    // A token may be taken back before its time.
    if (statusCode === 401) credentials.distrust();
    throw refusal(statusCode, parsed(await textOf(body, MAX_REFUSAL_OCTETS).catch(() => '')), given.headers);
  }

  function send(
    url: URL,
    { headers, ...given }: Credentials,
    question: Asking,
    bounds: { readonly signal: AbortSignal; readonly headersTimeout: number } & Silence,
  ): Promise<Dispatcher.ResponseData> {
    const dispatcher = connections.for({ headers, ...given });
    const accepting = { ...headers, accept: question.accept ?? 'application/json' };
    if (!('method' in question)) return request(url, { dispatcher, ...bounds, headers: accepting });
    const { method, body } = question;
    const type = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
    return request(url, {
      dispatcher,
      ...bounds,
      method,
      headers: { ...accepting, ...type },
      body: JSON.stringify(body),
    });
  }

  return {
    async read(question, signal) {
      try {
        const text = await textOf(await ask(question, signal), MAX_DOCUMENT_OCTETS);
        const document = parsed(text);
        if (document === undefined) throw new ApiError('unreachable', 'the answer of the API server is not JSON');
        return document;
      } catch (error) {
        throw apiErrorOf(error);
      }
    },
    async check(path, signal) {
      try {
        await textOf(await ask({ path }, signal), MAX_REFUSAL_OCTETS);
      } catch (error) {
        throw apiErrorOf(error);
      }
    },
    async open(question, signal) {
      try {
        // Whoever watches has a clock of his own for the silence.
        return await ask(question, signal, { bodyTimeout: 0 });
      } catch (error) {
        throw apiErrorOf(error);
      }
    },
    refusal: (code, status) => refusal(code, status, sent),
    async write(change, signal) {
      try {
        // The object comes back; it is read to the end so that the connection is free again.
        await textOf(await ask(change, signal), MAX_DOCUMENT_OCTETS);
      } catch (error) {
        throw apiErrorOf(error);
      }
    },
    untilItAnswers(signal) {
      return new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        signal.addEventListener('abort', done);
        if (signal.aborted) done();
      });
    },
    close: () => connections.close(),
  };
}

/** Bounds the wait for credentials; what was asked for goes on and serves the next one who asks. */
async function within(asked: Promise<Credentials>, clock: Clock, signal: AbortSignal): Promise<Credentials> {
  const done = new AbortController();
  const late = pause(clock, CREDENTIALS_TIMEOUT_MS, AbortSignal.any([signal, done.signal])).then(() => undefined);
  try {
    const given = await Promise.race([asked, late]);
    if (given !== undefined) return given;
    throw new ApiError('unreachable', `no credentials within ${CREDENTIALS_TIMEOUT_MS / 1000} s`);
  } finally {
    done.abort();
  }
}

async function textOf(body: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of body) {
    octets += chunk.length;
    if (octets > most) throw new ApiError('too-large', `an answer of the API server has over ${most} octets`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
