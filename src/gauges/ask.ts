import { Agent, errors, request } from 'undici';
import type { GaugeQuery } from '../core/desired/model.ts';
import type { GaugeReading } from '../core/health/external-gauge.ts';
import { failed, readAnswer } from './answer.ts';

/** Most octets of an answer that are read: one number needs a few hundred. */
const MAX_ANSWER_BYTES = 65_536;
/** Most octets of all headers of an answer together. */
const MAX_ANSWER_HEADER_BYTES = 16_384;
/** Most connections to one server. */
const MAX_SERVER_CONNECTIONS = 4;

/** What came of a question. */
type Outcome = GaugeReading['outcome'];

/** Asks for numbers over connections of its own. `ask` never rejects, and ends soon after its timeout or the signal. */
export type Asking = {
  ask(gauge: GaugeQuery, signal: AbortSignal): Promise<Outcome>;
  /** Cuts the connections. */
  close(): Promise<void>;
};

/** Makes what asks the query API of Prometheus (`/api/v1/query`). Redirects are answers, not orders. */
export function createAsk(): Asking {
  const agent = new Agent({ connections: MAX_SERVER_CONNECTIONS, maxHeaderSize: MAX_ANSWER_HEADER_BYTES });
  return {
    async ask(gauge, signal) {
      const timeout = AbortSignal.timeout(gauge.timeoutMs);
      try {
        const { statusCode, body } = await request(queryUrl(gauge), {
          dispatcher: agent,
          headers: { accept: 'application/json', 'user-agent': 'azimuth-gauge' },
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
        return text === undefined
          ? failed('too-large', `over ${MAX_ANSWER_BYTES} octets`)
          : readAnswer(statusCode, text);
      } catch (error) {
        return timeout.aborted ? failed('timeout', `no answer in ${gauge.timeoutMs} ms`) : failureOf(error);
      }
    },
    close: () => agent.destroy(),
  };
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
