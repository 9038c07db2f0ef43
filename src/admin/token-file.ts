import { parse } from 'yaml';
import { isMonitorName } from '../core/desired/annotations/monitor-values.ts';
import { type Finding, finding } from '../core/desired/finding.ts';
import { MAX_TOKEN, MAX_TOKEN_MONITORS, MAX_TOKENS, MIN_TOKEN } from './limits.ts';
import { type Caller, type Scope, type TokenEntry, tokenDigest } from './tokens.ts';

/** Most tokens that a finding, or a line of the log, names. */
const MAX_NAMED = 5;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/;
const SHA256 = /^[0-9a-f]{64}$/i;
const KEYS = ['name', 'token', 'sha256', 'scope', 'monitors'];
/** `b64token` (RFC 6750 §2.1): what can stand in the Authorization header. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * The tokens that the text of a token file holds: a YAML list of `{ name, scope: read | operate | push, token: "…" or
 * sha256: "hex" }`, where `push` may have `monitors: [name]`. Throws an error that names the entry and what was expected, and
 * never quotes a token.
 */
export function readTokens(text: string): readonly TokenEntry[] {
  let list: unknown;
  try {
    list = parse(text, { maxAliasCount: 0, logLevel: 'error' });
  } catch {
    // The parser's own message quotes the line, and the line may hold a token.
    throw new Error('not valid YAML; expected a list of tokens');
  }
  if (!Array.isArray(list) || list.length === 0) throw new Error('expected a list with at least one token');
  if (list.length > MAX_TOKENS) throw new Error(`more than ${MAX_TOKENS} tokens`);
  const entries = list.map((value: unknown, index) => toEntry(value, `entry ${index + 1}`));
  refuseDoubles(entries);
  return entries;
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
    throw new Error(`${where}: scope: expected read, operate or push`);
  }
  const monitors = toMonitors(fields.get('monitors'), scope, where);
  const written = fields.has('token') ? ({ written: 'plain' } as const) : {};
  return {
    name,
    scope,
    ...monitors,
    ...written,
    sha256: toHash(fields.get('token'), fields.get('sha256'), where),
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
  return tokenDigest(token).toString('hex');
}

function refuseDoubles(entries: readonly TokenEntry[]): void {
  for (const key of ['name', 'sha256'] as const) {
    const seen = new Set<string>();
    for (const entry of entries) {
      if (seen.has(entry[key])) throw new Error(`two entries have the ${key} of ${entry.name}`);
      seen.add(entry[key]);
    }
  }
}

/** The names of some tokens in words, the first of many. */
export function tokenNames(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
}

/** What is to be said of a file that holds tokens themselves. */
export function plainTokens(file: string, entries: readonly TokenEntry[]): readonly Finding[] {
  const names = entries.flatMap(({ name, written }) => (written === 'plain' ? [name] : []));
  if (names.length === 0) return [];
  const message = `The file holds the tokens of ${tokenNames(names)} themselves.`;
  return [finding('admin-token-plain', { file }, message, 'Write their SHA-256; "azimuth token new" makes both.')];
}
