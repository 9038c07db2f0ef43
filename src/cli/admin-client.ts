import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../config/load.ts';
import { addressText } from './address-text.ts';
import { type Invocation, textOption, UsageError } from './command.ts';
import { configText } from './config-text.ts';
import { recordOf, textOf } from './json.ts';

/** How long the director may take to answer a command, in ms. */
const REQUEST_TIMEOUT_MS = 5_000;
/** How long it may take to work something out, in ms: a little longer than it gives itself. */
const POST_TIMEOUT_MS = 12_000;

/** Options of every command that talks to a running director. */
export const ADMIN_OPTIONS = {
  config: { type: 'string', short: 'c' },
  admin: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** The example configuration, which the demo runs on. */
export const EXAMPLE_CONFIG: string = fileURLToPath(new URL('../../examples/azimuth.yaml', import.meta.url));

/** A director's admin API: all return the parsed body or throw with what the API said. `post` sends JSON. */
export type AdminClient = {
  /** Where it is looked for. */
  readonly base: string;
  get(path: string): Promise<unknown>;
  post(path: string, body: object): Promise<unknown>;
  delete(path: string): Promise<unknown>;
};

/** Nobody answers where the director should be. */
export class NoDirectorError extends Error {
  override readonly name = 'NoDirectorError';
}

/** The configuration file a command means: `--config`, else `azimuth.yaml` here, else the demo's. */
export function configFile(invocation: Invocation): string {
  const named = textOption(invocation, 'config');
  if (named !== undefined) return named;
  return existsSync('azimuth.yaml') ? 'azimuth.yaml' : EXAMPLE_CONFIG;
}

/** The director refuses; `code` is that of its problem document, or empty. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** A client for the director that the configuration (or `--admin`) names, with the token of its state directory. */
export async function adminClient(invocation: Invocation): Promise<AdminClient> {
  const loaded = await loadConfig(configFile(invocation), process.env);
  if (loaded.kind === 'invalid') throw new UsageError(configText(loaded.problems));
  const { admin, state } = loaded.config;
  const base = textOption(invocation, 'admin') ?? `http://${addressText(admin.listen)}`;
  const token = process.env['AZIMUTH_ADMIN_TOKEN'] ?? (await savedToken(state.directory));
  return {
    base,
    get: (path) => request(base, path, token, { method: 'GET' }),
    post: (path, body) => request(base, path, token, { method: 'POST', body: JSON.stringify(body) }),
    delete: (path) => request(base, path, token, { method: 'DELETE' }),
  };
}

async function savedToken(directory: string): Promise<string> {
  try {
    return (await readFile(join(directory, 'admin-token'), 'utf8')).trim();
  } catch {
    return '';
  }
}

type Sent = { readonly method: 'GET' | 'POST' | 'DELETE'; readonly body?: string };

async function request(base: string, path: string, token: string, sent: Sent): Promise<unknown> {
  const headers = {
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const timeoutMs = sent.body === undefined ? REQUEST_TIMEOUT_MS : POST_TIMEOUT_MS;
  let response: Response;
  try {
    response = await fetch(new URL(path, base), { ...sent, headers, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') {
      throw new Error(`the director at ${base} did not answer within ${timeoutMs / 1000} s`, { cause: error });
    }
    throw new NoDirectorError(
      `no director answers at ${base}. Is it running? Start it with "azimuth run" or "npm start".`,
      {
        cause: error,
      },
    );
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  throw new RefusedError(problemText(answer, response.status), textOf(recordOf(answer).get('code')));
}

/** What a problem+json body (RFC 9457) says, in one line. */
function problemText(body: unknown, status: number): string {
  if (typeof body !== 'object' || body === null) return `the director answered with status ${status}`;
  const detail = 'detail' in body ? String(body.detail) : `status ${status}`;
  const code = 'code' in body ? ` (${String(body.code)})` : '';
  const hint = status === 401 ? ' Set AZIMUTH_ADMIN_TOKEN, or run this where the state directory can be read.' : '';
  return `${detail}${code}${hint}`;
}
