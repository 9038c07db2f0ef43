import { type Agent, errors, request } from 'undici';
import { givesAway } from '../core/desired/gives-away.ts';
import type { GaugeQuery } from '../core/desired/model.ts';
import type { GaugeReading } from '../core/health/external-gauge.ts';
import { failed, readAnswer } from './answer.ts';
import { createConnections } from './connections.ts';
import type { CredentialFiles } from './credential-files.ts';
import { type Login, loginOf, NO_LOGIN } from './login.ts';

/** Most octets of an answer that are read: one number needs a few hundred. */
const MAX_ANSWER_BYTES = 65_536;
/** What came of a question. */
type Outcome = GaugeReading['outcome'];

/** Asks for numbers over connections of its own. `ask` never rejects, and ends soon after its timeout or the signal. */
export type Asking = {
  ask(gauge: GaugeQuery, signal: AbortSignal): Promise<Outcome>;
  /** Cuts the connections. */
  close(): Promise<void>;
};

/** What lets a question in. */
type Admission = { readonly login: Login; readonly dispatcher: Agent };

/** Makes what asks the query API of Prometheus (`/api/v1/query`). Redirects are answers, not orders. */
export function createAsk(files: CredentialFiles): Asking {
  const connections = createConnections(files);
  return {
    async ask(gauge, signal) {
      const [login, dispatcher] = await Promise.all([
        gauge.access === undefined ? NO_LOGIN : loginOf(gauge.access, files),
        connections.to(gauge),
      ]);
      if (login === undefined || dispatcher === undefined) {
        return failed('credentials', 'a file of its login or certificates was never read');
      }
      return discreet(await askAs({ login, dispatcher }, gauge, signal), login);
    },
    close: () => connections.close(),
  };
}

/** Fewest characters of a secret in a row that are kept from being shown. */
const SHOWN_RUN = 6;

/** A server, or a proxy before it, may say back what it was sent. */
function discreet(outcome: Outcome, { secrets }: Login): Outcome {
  if (outcome.kind === 'value' || !givesAway(outcome.detail, secrets, SHOWN_RUN)) return outcome;
  return failed(outcome.failure, 'left out: the server repeats a part of our login');
}

async function askAs({ login, dispatcher }: Admission, gauge: GaugeQuery, signal: AbortSignal): Promise<Outcome> {
  const timeout = AbortSignal.timeout(gauge.timeoutMs);
  try {
    const { statusCode, body } = await request(queryUrl(gauge), {
      dispatcher,
      headers: { accept: 'application/json', 'user-agent': 'azimuth-gauge', ...login.headers },
      // The signal below is the only clock: those of the client are coarse.
      headersTimeout: 0,
      bodyTimeout: 0,
      signal: AbortSignal.any([signal, timeout]),
    });
    if (statusCode >= 300 && statusCode < 400) {
      body.destroy();
      return failed('redirect', `status ${statusCode}`);
    }
    const text = await readBounded(body);
    return text === undefined ? failed('too-large', `over ${MAX_ANSWER_BYTES} octets`) : readAnswer(statusCode, text);
  } catch (error) {
    return timeout.aborted ? failed('timeout', `no answer in ${gauge.timeoutMs} ms`) : failureOf(error);
  }
}

function queryUrl({ url, expr }: GaugeQuery): URL {
  const base = new URL(url);
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/api/v1/query`;
  base.search = new URLSearchParams({ query: expr }).toString();
  return base;
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failureOf(error: unknown): Outcome {
  if (error instanceof errors.HTTPParserError) return failed('malformed', 'the answer is not HTTP');
  if (error instanceof errors.HeadersOverflowError) return failed('too-large', 'the headers of the answer');
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return failed('unreachable', code === '' ? String(error) : code);
}
