import { type Finding, finding } from '../core/desired/finding.ts';
import { tellChanges } from '../core/desired/finding-changes.ts';
import type { Log } from '../core/log-events.ts';
import type { Clock } from '../core/ports.ts';
import { TOKEN_CHECK_MS, TOKEN_FILE_LIMIT } from './limits.ts';
import { plainTokens, readTokens, tokenNames } from './token-file.ts';
import { createTokenVerifier, type TokenEntry, type TokenVerifier, tokenKey } from './tokens.ts';

/**
 * Follows a file, of at most `maxBytes` octets, by a clock in ms since the epoch. `parse` throws where it can make nothing of
 * the text; `onLook` is told after each look at a file that is new, or failed: the problem, or undefined where there is none.
 * A file that turns unreadable keeps its last value, which is undefined where it never had one.
 */
type FollowFile = (options: {
  readonly file: string;
  readonly maxBytes: number;
  readonly now: () => number;
  parse(text: string): readonly TokenEntry[];
  onLook(problem: string | undefined): void;
}) => { value(): Promise<readonly TokenEntry[] | undefined> };

/** Where tokens come from, and who hears of it. */
export type FollowedTokensOptions = {
  readonly file: string;
  /** Tokens that do not stand in the file. */
  readonly others: readonly TokenEntry[];
  readonly follow: FollowFile;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Log;
  /** All findings about the file, whenever they change. */
  readonly onFindings: (findings: readonly Finding[]) => void;
};

/** The tokens of a file as it is now. */
export type FollowedTokens = {
  readonly tokens: TokenVerifier;
  /** Follows the file no more. */
  readonly close: () => void;
};

/** Where the configuration has the file. */
const TOKENS_KEY = 'admin.tokens.file';

/** What a director would find in a token file; nothing is followed. What keeps it from starting is an error that names the key. */
export async function lookAtTokens({
  file,
  follow,
  clock,
}: Pick<FollowedTokensOptions, 'file' | 'follow'> & {
  readonly clock: Pick<Clock, 'now'>;
}): Promise<readonly Finding[]> {
  let problem = '';
  const onLook = (found = ''): void => {
    problem = found;
  };
  const now = (): number => clock.now();
  const entries = await follow({ file, maxBytes: TOKEN_FILE_LIMIT, now, parse: readTokens, onLook }).value();
  if (entries !== undefined) return plainTokens(file, entries);
  const message = `${TOKENS_KEY}: ${problem}`;
  return [
    finding(
      'admin-tokens-unreadable',
      { file },
      message,
      'Correct the file, or the key: no director starts with it as it is.',
    ),
  ];
}

/**
 * Reads a token file, and again when it changes: the tokens in it are those that count, from the next request on. One that
 * cannot be used is a finding, and the last good one stays; the first failure may be half of a change, so that only the
 * second one in a row counts. Rejects where there is nothing to begin with, with an error that quotes no token.
 */
export async function followTokens(options: FollowedTokensOptions): Promise<FollowedTokens> {
  const { file, others, follow, clock, log } = options;
  let failures = 0;
  let problem = '';
  const followed = follow({
    file,
    maxBytes: TOKEN_FILE_LIMIT,
    now: () => clock.now(),
    parse: readTokens,
    onLook(found) {
      failures = found === undefined ? 0 : failures + 1;
      problem = found ?? '';
    },
  });
  const tell = tellChanges(options.onFindings);
  const first = await followed.value();
  // The system's own errors name the file already.
  if (first === undefined) throw new Error(`${TOKENS_KEY}: ${problem.includes(file) ? '' : `${file}: `}${problem}`);
  let entries = first;
  const book = createTokenVerifier([...others, ...entries]);
  const tellAll = (): void =>
    tell([...plainTokens(file, entries), ...(failures > 1 ? [unreadable(file, problem)] : [])]);

  async function look(): Promise<void> {
    const found = await followed.value();
    if (state === 'closed') return;
    if (found !== undefined && found !== entries) {
      const [added, gone] = [namesBeside(found, entries), namesBeside(entries, found)];
      entries = found;
      book.replace([...others, ...entries]);
      if (added + gone !== '') log('admin-tokens-read', { file, tokens: entries.length, added, gone });
    }
    tellAll();
    cancel = clock.after(TOKEN_CHECK_MS, () => void look());
  }

  let state: 'following' | 'closed' = 'following';
  tellAll();
  let cancel = clock.after(TOKEN_CHECK_MS, () => void look());
  return {
    tokens: book,
    close() {
      state = 'closed';
      cancel();
    },
  };
}

function unreadable(file: string, problem: string): Finding {
  return finding('admin-tokens-unreadable', { file }, `${problem}.`, 'The tokens that were read before stay in force.');
}

/** The names of entries that are not among the others just as they are. */
function namesBeside(entries: readonly TokenEntry[], others: readonly TokenEntry[]): string {
  const known = new Set(others.map(tokenKey));
  return tokenNames(entries.filter((entry) => !known.has(tokenKey(entry))).map(({ name }) => name));
}
