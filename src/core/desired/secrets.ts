import { isSecretParameter, secretKind } from './secret-names.ts';
import { withoutPasswords } from './secret-urls.ts';
import { valueAfter } from './secret-values.ts';

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Secrets that are known by their looks. */
const LOOKS = [
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----|$)/g,
  // A JSON web token: three parts, of which the first begins with `{"`.
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  // Tokens of forges and chats, which say what they are.
  /\b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-)[\w-]{16,}/g,
  /(?<=\b(?:bearer|basic) {1,8})(?!(?:authentication|authorization|credentials?|certificates?|constraints)\b)[\w.~+/-]{8,}=*/gi,
  // User and password of a URL (RFC 3986 §3.2.1), to the last `@` before the path.
  /(?<=\/\/)[^\s/?#]{1,1000}(?=@)/g,
] as const;

/** Names and what may be one; encoded for a URL, its delimiters part them as well (`%22`, `%26`, `%3A`, `%3D`, `%3F`). */
const NAMES = /(?:[\w.-]|%(?!2[26]|3[adf])[\da-f]{2})+/gi;
/** What stands before the name of a parameter. */
const BEFORE_PARAMETER = /(?:[?&;#]|%26|%3f)$/i;
/** What makes a key out of the word `key`. */
const BEFORE_KEY = /\b(?:api|access|secret|private|signing|encryption|auth) $/i;

/**
 * A text without what looks like a secret in it: by its own looks, or by the name before it, as in JSON (also in a string of JSON),
 * headers, queries, forms and assignments. It leaves out too much before too little; the time is linear in the text's length.
 */
export function withoutSecrets(text: string): string {
  const rest = LOOKS.reduce((left, look) => left.replace(look, REDACTED), text);
  return withoutNamed(withoutPasswords(rest, REDACTED));
}

function withoutNamed(text: string): string {
  let written = '';
  let from = 0;
  for (const { 0: name, index } of text.matchAll(NAMES)) {
    if (index < from) continue;
    const before = text.slice(Math.max(0, index - 12), index);
    const isParameter = BEFORE_PARAMETER.test(before);
    const kind = secretKind(name);
    const isSecret = kind !== 'none' || (isParameter && isSecretParameter(name));
    if (!isSecret && !(name.toLowerCase() === 'key' && BEFORE_KEY.test(before))) continue;
    const value = valueAfter(text, index + name.length, { name, index, kind, isParameter });
    if (value === undefined || text.startsWith(REDACTED, value.start)) continue;
    written += text.slice(from, value.start) + REDACTED;
    from = value.end;
  }
  return written + text.slice(from);
}
