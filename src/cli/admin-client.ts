import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../config/load.ts';
import type { ListenAddress } from '../core/ports.ts';
import { addressText } from './address-text.ts';
import { type AskServer, createAsk, SlowError } from './ask.ts';
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
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** The example configuration, which the demo runs on. */
export const EXAMPLE_CONFIG: string = fileURLToPath(new URL('../../examples/azimuth.yaml', import.meta.url));

/** A director's admin API: all return the parsed body or throw with what the API said. `post` and `put` send JSON. */
export type AdminClient = {
  /** Where it is looked for. */
  readonly base: string;
  get(path: string): Promise<unknown>;
  post(path: string, body: object): Promise<unknown>;
  put(path: string, body: object): Promise<unknown>;
  delete(path: string): Promise<unknown>;
  /** An answer whose body goes on: the caller reads it, or destroys it. */
  open(path: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage>;
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
  const named = textOption(invocation, 'admin') ?? fromEnvironment('AZIMUTH_ADMIN_URL');
  const base = named ?? `${admin.tls === undefined ? 'http' : 'https'}://${addressText(reachable(admin.listen))}`;
  const token = process.env['AZIMUTH_ADMIN_TOKEN'] ?? (await savedToken(state.directory));
  const ask = createAsk({
    ca: textOption(invocation, 'ca') ?? fromEnvironment('AZIMUTH_ADMIN_CA'),
    cert: textOption(invocation, 'cert') ?? fromEnvironment('AZIMUTH_ADMIN_CERT'),
    key: textOption(invocation, 'key') ?? fromEnvironment('AZIMUTH_ADMIN_KEY'),
    own: named === undefined ? admin.tls?.certificate : undefined,
  });
  const asked: Asked = { base, token, ask };
  return {
    base,
    get: (path) => json(asked, path, { method: 'GET' }),
    post: (path, body) => json(asked, path, { method: 'POST', body: JSON.stringify(body) }),
    put: (path, body) => json(asked, path, { method: 'PUT', body: JSON.stringify(body) }),
    delete: (path) => json(asked, path, { method: 'DELETE' }),
    open: (path, headers) => send(asked, path, { method: 'GET', headers }),
  };
}

type Asked = { readonly base: string; readonly token: string; readonly ask: AskServer };

function fromEnvironment(name: string): string | undefined {
  const text = process.env[name]?.trim();
  return text === '' ? undefined : text;
}

/** Who listens on all addresses is asked on loopback. */
function reachable({ host, port }: ListenAddress): ListenAddress {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return host === '::' ? { host: '::1', port } : { host, port };
}

async function savedToken(directory: string): Promise<string> {
  try {
    return (await readFile(join(directory, 'admin-token'), 'utf8')).trim();
  } catch {
    return '';
  }
}

type Sent = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

async function json(asked: Asked, path: string, sent: Sent): Promise<unknown> {
  return parsed(await text(await send(asked, path, sent)));
}

/** Returns what went well; a refusal is read and thrown. */
async function send({ base, token, ask }: Asked, path: string, sent: Sent): Promise<IncomingMessage> {
  const headers = {
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...sent.headers,
  };
  const timeoutMs = sent.body === undefined ? REQUEST_TIMEOUT_MS : POST_TIMEOUT_MS;
  let response: IncomingMessage;
  try {
    response = await ask(new URL(path, base), { ...sent, headers, timeoutMs });
  } catch (error) {
    throw noAnswer(base, timeoutMs, error);
  }
  const { statusCode: status = 0 } = response;
  if (status >= 200 && status < 300) return response;
  const answer = parsed(await text(response));
  throw new RefusedError(problemText(answer, status), textOf(recordOf(answer).get('code')));
}

function noAnswer(base: string, timeoutMs: number, error: unknown): Error {
  if (error instanceof SlowError) {
    return new Error(`the director at ${base} did not answer within ${timeoutMs / 1000} s`, { cause: error });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // There is somebody, and he is not trusted, or does not trust us.
  if (/CERT|SSL|TLS|SIGNATURE|ISSUER/.test(code)) {
    const reason = error instanceof Error ? error.message : code;
    return new Error(`no trust between us and ${base}: ${reason} (${code}). --ca, --cert and --key name the files.`, {
      cause: error,
    });
  }
  return new NoDirectorError(
    `no director answers at ${base}. Is it running? Start it with "azimuth run" or "npm start".`,
    { cause: error },
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What a problem+json body (RFC 9457) says, in one line. */
function problemText(body: unknown, status: number): string {
  if (typeof body !== 'object' || body === null) return `the director answered with status ${status}`;
  const detail = 'detail' in body ? String(body.detail) : `status ${status}`;
  const code = 'code' in body ? ` (${String(body.code)})` : '';
  const hint = status === 401 ? ' Set AZIMUTH_ADMIN_TOKEN, or run this where the state directory can be read.' : '';
  return `${detail}${code}${hint}`;
}
