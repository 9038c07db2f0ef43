import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../config/load.ts';
import { addressText } from './address-text.ts';
import { type Invocation, textOption, UsageError } from './command.ts';
import { configText } from './config-text.ts';

/** How long the director may take to answer a command, in ms. */
const REQUEST_TIMEOUT_MS = 5_000;

/** Options of every command that talks to a running director. */
export const ADMIN_OPTIONS = {
  config: { type: 'string', short: 'c' },
  admin: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** The example configuration, which the demo runs on. */
export const EXAMPLE_CONFIG: string = fileURLToPath(new URL('../../examples/azimuth.yaml', import.meta.url));

/** A director's admin API: `get` returns the parsed body or throws with what the API said. */
export type AdminClient = { get(path: string): Promise<unknown> };

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
  const base = textOption(invocation, 'admin') ?? `http://${addressText(admin.listen)}`;
  const token = process.env['AZIMUTH_ADMIN_TOKEN'] ?? (await savedToken(state.directory));
  return { get: (path) => request(base, path, token) };
}

async function savedToken(directory: string): Promise<string> {
  try {
    return (await readFile(join(directory, 'admin-token'), 'utf8')).trim();
  } catch {
    return '';
  }
}

async function request(base: string, path: string, token: string): Promise<unknown> {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
  let response: Response;
  try {
    response = await fetch(new URL(path, base), { headers, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  } catch (error) {
    throw new Error(`no director answers at ${base}. Is it running? Start it with "azimuth run" or "npm start".`, {
      cause: error,
    });
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  throw new Error(problemText(body, response.status));
}

/** What a problem+json body (RFC 9457) says, in one line. */
function problemText(body: unknown, status: number): string {
  if (typeof body !== 'object' || body === null) return `the director answered with status ${status}`;
  const detail = 'detail' in body ? String(body.detail) : `status ${status}`;
  const code = 'code' in body ? ` (${String(body.code)})` : '';
  const hint = status === 401 ? ' Set AZIMUTH_ADMIN_TOKEN, or run this where the state directory can be read.' : '';
  return `${detail}${code}${hint}`;
}
