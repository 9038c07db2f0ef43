import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeSynced } from './durable-file.ts';

/** Octets of chance in a token that we make: 256 bits. */
const TOKEN_OCTETS = 32;

/** What a person may put into the file instead: 22–256 characters of base64url or hex, so 88 bits at the least. */
const TOKEN = /^[\w.~+/=-]{22,256}$/;

/**
 * The admin API's own token: read from `admin-token` in the directory, or made there (mode 0600) where there is none.
 * Two processes that start at once get the same one. Rejects where the file cannot be read or written, or holds none.
 */
export async function ensureAdminToken(directory: string): Promise<{ readonly file: string; readonly token: string }> {
  const file = join(directory, 'admin-token');
  const token = (await readToken(file)) ?? (await makeToken(directory, file));
  if (!TOKEN.test(token)) {
    throw new Error(`${file} does not hold an admin token: remove the file and a new one is made`);
  }
  return { file, token };
}

async function readToken(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Makes the token, or reads the one that another process made meanwhile. */
async function makeToken(directory: string, file: string): Promise<string> {
  const token = randomBytes(TOKEN_OCTETS).toString('base64url');
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(directory, { recursive: true });
  try {
    await writeSynced(temporary, `${token}\n`, 0o600);
    // Unlike a rename, a link never replaces; and nobody ever sees a half-written token.
    await link(temporary, file);
    await syncDirectory(directory);
    return token;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return (await readToken(file)) ?? token;
  } finally {
    await rm(temporary, { force: true });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
