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
import { refusalOf } from './refusal.ts';

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
  /** Whether the caller said where the director is, or the configuration alone. */
  readonly named: 'by-caller' | 'by-configuration';
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

/** A client for the director that the configuration (or `--admin`) names, with the token of its state directory. */
export async function adminClient(invocation: Invocation): Promise<AdminClient> {
  const loaded = await loadConfig(configFile(invocation), process.env);
  if (loaded.kind === 'invalid') throw new UsageError(configText(loaded.problems));
  const { admin, state } = loaded.config;
  const named = textOption(invocation, 'admin') ?? fromEnvironment('AZIMUTH_ADMIN_URL');
  if (named !== undefined && !isWebAddress(named)) {
    throw new UsageError(`--admin: expected a URL like http://127.0.0.1:8053, not "${named}".`);
  }
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
    named: named === undefined ? 'by-configuration' : 'by-caller',
    get: (path) => json(asked, path, { method: 'GET' }),
    post: (path, body) => json(asked, path, { method: 'POST', body: JSON.stringify(body) }),
    put: (path, body) => json(asked, path, { method: 'PUT', body: JSON.stringify(body) }),
    delete: (path) => json(asked, path, { method: 'DELETE' }),
    open: (path, headers) => send(asked, path, { method: 'GET', headers }),
  };
}

function isWebAddress(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '');
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
  const answer = parsed(await bodyOf(await send(asked, path, sent), asked.base));
  if (answer === undefined) throw new Error(`what answers at ${asked.base} is no director: its answer is no JSON.`);
  return answer;
}

/** The body, which must not stop coming. */
async function bodyOf(response: IncomingMessage, base: string): Promise<string> {
  response.setTimeout(REQUEST_TIMEOUT_MS, () => response.destroy(new SlowError('the answer stopped')));
  try {
    return await text(response);
  } catch (error) {
    throw noAnswer(base, REQUEST_TIMEOUT_MS, error);
  }
}

/** Returns what went well; a refusal is read and thrown. */
async function send(asked: Asked, path: string, sent: Sent): Promise<IncomingMessage> {
  const { base, token, ask } = asked;
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
  const problem = parsed(await bodyOf(response, base));
  const list = (from: string) => json(asked, from, { method: 'GET' }).catch(() => undefined);
  throw await refusalOf({ status, problem, path, body: sent.body }, list);
}

function noAnswer(base: string, timeoutMs: number, error: unknown): Error {
  if (error instanceof UsageError) return error;
  if (error instanceof SlowError) {
    const advice = 'It is busy or stuck: try again, and look at its log.';
    return new Error(`the director at ${base} did not answer within ${timeoutMs / 1000} s. ${advice}`, {
      cause: error,
    });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const tail = code === '' ? '' : ` (${code})`;
  if (/^(EPROTO|HPE_|ERR_SSL_WRONG_VERSION|ERR_SSL_PACKET)/.test(code)) {
    const other = base.startsWith('https:') ? 'http://, without TLS' : 'https://, over TLS';
    return new Error(`who answers at ${base} does not speak this${tail}: try ${other}.`, { cause: error });
  }
  // There is somebody, and he is not trusted, or does not trust us.
  if (/CERT|SSL|TLS|SIGNATURE|ISSUER/.test(code)) {
    const reason = error instanceof Error ? error.message : code;
    return new Error(`no trust between us and ${base}: ${reason}${tail}. --ca, --cert and --key name the files.`, {
      cause: error,
    });
  }
  return new NoDirectorError(
    `no director answers at ${base}${tail}. Is it running? Start it with "azimuth run" or "npm start".`,
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
