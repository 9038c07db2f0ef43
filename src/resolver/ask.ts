import { Resolver } from 'node:dns/promises';
import { LOOKUP_TIMEOUT_MS, TRIES, TRY_TIMEOUT_MS } from './limits.ts';

/** What came of one question. An answer without records says that there are none. TTLs are in seconds. */
export type FamilyAnswer =
  | { readonly kind: 'answer'; readonly records: readonly { readonly address: string; readonly ttl: number }[] }
  | { readonly kind: 'failure'; readonly problem: string };

/** Both address families of a name. */
export type NameAnswer = { readonly v4: FamilyAnswer; readonly v6: FamilyAnswer };

/** Asks for the addresses of a name. Never rejects, and ends soon after `signal`. */
export type AskName = (name: string, signal: AbortSignal) => Promise<NameAnswer>;

/** What the question needs: servers as `address` or `address:port`; none for those of the system. */
export type AskOptions = { readonly servers: readonly string[] };

/** Codes that are an answer: the name, or such a record of it, does not exist. */
const NEGATIVE = new Set(['ENODATA', 'ENOTFOUND']);

/** Asks recursive DNS servers. The hosts file is not read, and search domains are not tried. */
export function createAskName({ servers }: AskOptions): AskName {
  return async (name, signal) => {
    // One for each lookup: it can be cancelled alone, and the system's servers are those of this moment.
    const resolver = new Resolver({ timeout: TRY_TIMEOUT_MS, tries: TRIES });
    if (servers.length > 0) resolver.setServers([...servers]);
    const cancel = (): void => resolver.cancel();
    const timer = setTimeout(cancel, LOOKUP_TIMEOUT_MS);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const [v4, v6] = await Promise.all([
        answerOf(resolver.resolve4(name, { ttl: true })),
        answerOf(resolver.resolve6(name, { ttl: true })),
      ]);
      return { v4, v6 };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  };
}

async function answerOf(asked: Promise<readonly { address: string; ttl: number }[]>): Promise<FamilyAnswer> {
  try {
    return { kind: 'answer', records: await asked };
  } catch (error) {
    const code = codeOf(error);
    return NEGATIVE.has(code)
      ? { kind: 'answer', records: [] }
      : { kind: 'failure', problem: PROBLEMS.get(code) ?? code };
  }
}

const PROBLEMS: ReadonlyMap<string, string> = new Map([
  ['ETIMEOUT', 'no DNS server answered in time'],
  ['ECANCELLED', 'no DNS server answered in time'],
  ['ECONNREFUSED', 'no DNS server takes questions'],
  ['ESERVFAIL', 'the DNS server failed (SERVFAIL)'],
  ['EREFUSED', 'the DNS server refused'],
]);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
