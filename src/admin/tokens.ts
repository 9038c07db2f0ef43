import { createHash, timingSafeEqual } from 'node:crypto';
import { MAX_TOKEN } from './limits.ts';

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

/** Knows tokens, which may become others. */
export type TokenVerifier = {
  /** Whose token it is, or undefined. Takes the same time for every wrong token. One token has one caller, the same object. */
  readonly verify: (token: string) => Caller | undefined;
  /** Whether the token that a caller was known by is none any more, or may do other things. */
  readonly isGone: (caller: Caller) => boolean;
  /** Has somebody told when tokens are gone. */
  readonly onGone: (tell: () => void) => void;
};

/** A verifier whose tokens are replaced. */
export type TokenBook = TokenVerifier & {
  /** From now on these are the tokens, and no others. One that stays as it is keeps its caller. */
  readonly replace: (entries: readonly TokenEntry[]) => void;
};

type Known = { readonly key: string; readonly caller: Caller; readonly hash: Buffer };

/** The entry of a token that is known in plain. The token is not judged: make it by chance and long. */
export function tokenEntry(name: string, scope: Scope, token: string): TokenEntry {
  return { name, scope, sha256: tokenDigest(token).toString('hex') };
}

/** Makes the verifier. With no entries every token is wrong. */
export function createTokenVerifier(entries: readonly TokenEntry[]): TokenBook {
  let known = entries.map(toKnown);
  const gone = new WeakSet<Caller>();
  const listeners: (() => void)[] = [];
  return {
    verify(token) {
      if (token.length > MAX_TOKEN) return undefined;
      const hash = tokenDigest(token);
      let caller: Caller | undefined;
      // All are compared, so that the time tells nothing about which one came near.
      for (const entry of known) if (timingSafeEqual(entry.hash, hash)) caller = entry.caller;
      return caller;
    },
    isGone: (caller) => gone.has(caller),
    onGone: (tell) => void listeners.push(tell),
    replace(next) {
      const before = new Map(known.map((entry) => [entry.key, entry]));
      known = next.map(toKnown).map((entry) => before.get(entry.key) ?? entry);
      for (const { key } of known) before.delete(key);
      for (const { caller } of before.values()) gone.add(caller);
      if (before.size > 0) for (const tell of listeners) tell();
    },
  };
}

function toKnown(entry: TokenEntry): Known {
  const { name, scope, monitors, sha256 } = entry;
  const caller = Object.freeze({ name, scope, ...(monitors === undefined ? {} : { monitors }) });
  return { key: tokenKey(entry), caller, hash: Buffer.from(sha256, 'hex') };
}

/** Equal for entries that let the same token do the same, however they are written. */
export function tokenKey({ name, scope, monitors, sha256 }: TokenEntry): string {
  return JSON.stringify([sha256, name, scope, monitors]);
}

/** The SHA-256 of a token. */
export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
