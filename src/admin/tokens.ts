import { createHash, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';
import { parse } from 'yaml';
import { isMonitorName } from '../core/desired/annotations/monitor-values.ts';
import { type Finding, finding } from '../core/desired/finding.ts';
import { MAX_TOKEN, MAX_TOKEN_MONITORS, MAX_TOKENS, MIN_TOKEN, TOKEN_FILE_LIMIT } from './limits.ts';

/** What a token may do; `operate` includes the others. `push`: give results of monitors, and nothing else. */
export type Scope = 'read' | 'operate' | 'push';

/** One token as it is kept: the SHA-256 of it in hex, never the token. */
export type TokenEntry = Caller & {
  readonly sha256: string;
  /** `plain`: the file holds the token itself. */
  readonly written?: 'plain';
};

/** Who a token belongs to. */
export type Caller = {
  readonly name: string;
  readonly scope: Scope;
  /** The monitors that a token of scope `push` may give results of; absent: all. */
  readonly monitors?: readonly string[];
};

/** Tells whose token it is, or undefined. Takes the same time for every wrong token. */
export type TokenVerifier = { readonly verify: (token: string) => Caller | undefined };

/** Most tokens that a finding names. */
const MAX_NAMED = 5;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/;
const SHA256 = /^[0-9a-f]{64}$/i;
const KEYS = ['name', 'token', 'sha256', 'scope', 'monitors'];
/** `b64token` (RFC 6750 §2.1): what can stand in the Authorization header. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** The entry of a token that is known in plain. The token is not judged: make it by chance and long. */
export function tokenEntry(name: string, scope: Scope, token: string): TokenEntry {
  return { name, scope, sha256: digest(token).toString('hex') };
}

/** Makes the verifier. With no entries every token is wrong. */
export function createTokenVerifier(entries: readonly TokenEntry[]): TokenVerifier {
  const known = entries.map(({ sha256, name, scope, monitors }) => ({
    caller: { name, scope, ...(monitors === undefined ? {} : { monitors }) },
    hash: Buffer.from(sha256, 'hex'),
  }));
  return {
    verify(token) {
      if (token.length > MAX_TOKEN) return undefined;
      const hash = digest(token);
      let caller: Caller | undefined;
      // All are compared, so that the time tells nothing about which one came near.
      for (const entry of known) if (timingSafeEqual(entry.hash, hash)) caller = entry.caller;
      return caller;
    },
  };
}

/**
 * Reads a token file: a YAML list of `{ name, scope: read | operate | push, token: "…" or sha256: "hex" }`, where `push` may
 * have `monitors: [name]`. Rejects with an error that names the file, the entry and what was expected, and never quotes a token.
 */
export async function loadTokens(file: string): Promise<readonly TokenEntry[]> {
  const text = await readBounded(file);
  let list: unknown;
  try {
    list = parse(text, { maxAliasCount: 0, logLevel: 'error' });
  } catch {
    // The parser's own message quotes the line, and the line may hold a token.
    throw new Error(`${file}: not valid YAML; expected a list of tokens`);
  }
  if (!Array.isArray(list) || list.length === 0) throw new Error(`${file}: expected a list with at least one token`);
  if (list.length > MAX_TOKENS) throw new Error(`${file}: more than ${MAX_TOKENS} tokens`);
  const entries = list.map((value: unknown, index) => toEntry(value, `${file}: entry ${index + 1}`));
  refuseDoubles(entries, file);
  return entries;
}

async function readBounded(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(TOKEN_FILE_LIMIT + 1), 0, TOKEN_FILE_LIMIT + 1, 0);
    if (bytesRead > TOKEN_FILE_LIMIT) throw new Error(`${file}: larger than ${TOKEN_FILE_LIMIT} octets`);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function toEntry(value: unknown, where: string): TokenEntry {
  if (typeof value !== 'object' || value === null)
    throw new Error(`${where}: expected name, scope and token or sha256`);
  const fields = new Map<string, unknown>(Object.entries(value));
  const unknown = [...fields.keys()].find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new Error(`${where}: unknown key; expected ${KEYS.join(', ')}`);
  const name = fields.get('name');
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new Error(`${where}: name: expected 1 to 63 letters, digits or . _ @ -`);
  }
  const scope = fields.get('scope');
  if (scope !== 'read' && scope !== 'operate' && scope !== 'push') {
    throw new Error(`${where} (${name}): scope: expected read, operate or push`);
  }
  const monitors = toMonitors(fields.get('monitors'), scope, `${where} (${name})`);
  const written = fields.has('token') ? ({ written: 'plain' } as const) : {};
  return {
    name,
    scope,
    ...monitors,
    ...written,
    sha256: toHash(fields.get('token'), fields.get('sha256'), `${where} (${name})`),
  };
}

function toMonitors(value: unknown, scope: Scope, where: string): Pick<Caller, 'monitors'> {
  if (value === undefined) return {};
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MAX_TOKEN_MONITORS;
  if (scope !== 'push' || !isList || !value.every((name) => typeof name === 'string' && isMonitorName(name))) {
    const expected = `1 to ${MAX_TOKEN_MONITORS} names of monitors, with scope push`;
    throw new Error(`${where}: monitors: expected ${expected}`);
  }
  return { monitors: value };
}

function toHash(token: unknown, sha256: unknown, where: string): string {
  if ((token === undefined) === (sha256 === undefined)) throw new Error(`${where}: expected either token or sha256`);
  if (sha256 !== undefined) {
    if (typeof sha256 !== 'string' || !SHA256.test(sha256)) throw new Error(`${where}: sha256: expected 64 hex digits`);
    return sha256.toLowerCase();
  }
  if (typeof token !== 'string' || token.length < MIN_TOKEN || token.length > MAX_TOKEN || !TOKEN.test(token)) {
    throw new Error(`${where}: token: expected ${MIN_TOKEN} to ${MAX_TOKEN} letters, digits or - . _ ~ + /`);
  }
  return digest(token).toString('hex');
}

function refuseDoubles(entries: readonly TokenEntry[], file: string): void {
  for (const key of ['name', 'sha256'] as const) {
    const seen = new Set<string>();
    for (const entry of entries) {
      if (seen.has(entry[key])) throw new Error(`${file}: two entries have the ${key} of ${entry.name}`);
      seen.add(entry[key]);
    }
  }
}

/** What is to be said of a file that holds tokens themselves. */
export function plainTokens(file: string, entries: readonly TokenEntry[]): readonly Finding[] {
  const names = entries.flatMap(({ name, written }) => (written === 'plain' ? [name] : []));
  if (names.length === 0) return [];
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  const message = `The file holds the tokens of ${names.slice(0, MAX_NAMED).join(', ')}${more} themselves.`;
  return [finding('admin-token-plain', { file }, message, 'Write their SHA-256; "azimuth token new" makes both.')];
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
