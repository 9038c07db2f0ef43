/**
 * What stands before a password in a URL that has a path's characters in it, where they should have been encoded: the user and a
 * colon (RFC 3986 §3.2.1). A colon and a number are a port. It goes over no `/`, so that two never look at the same characters.
 */
const BEFORE_PASSWORD = /(?<=\/\/)(?!\[)[^\s/?#:@]{0,255}:(?!\d{0,5}(?:[\s/?#"']|$))/g;
const END_OF_URL = /[\s"'<>]/g;
/** Longest password of a URL that is known by a path's characters in it, in characters. */
const MAX_PASSWORD = 1_000;

/**
 * A text with `written` in the place of users and passwords of URLs, to the last `@` that may end them. No pattern does that in
 * good time: it would look for the `@` anew behind each `//`. Here the next `@` and the end of a URL are found once; the time is
 * linear in the text's length.
 */
export function withoutPasswords(text: string, written: string): string {
  let rest = '';
  let from = 0;
  let nextAt = -1;
  let urlEnd = -1;
  BEFORE_PASSWORD.lastIndex = 0;
  for (let found = BEFORE_PASSWORD.exec(text); found !== null; found = BEFORE_PASSWORD.exec(text)) {
    const begin = found.index + found[0].length;
    if (nextAt < begin) nextAt = text.indexOf('@', begin);
    if (nextAt < 0) break;
    if (urlEnd < begin) urlEnd = endOfUrl(text, begin);
    const last = Math.min(begin + MAX_PASSWORD, urlEnd);
    if (nextAt > last) continue;
    const end = text.lastIndexOf('@', last);
    rest += text.slice(from, found.index) + written;
    from = end;
    BEFORE_PASSWORD.lastIndex = end;
  }
  return rest + text.slice(from);
}

function endOfUrl(text: string, begin: number): number {
  END_OF_URL.lastIndex = begin;
  return END_OF_URL.exec(text)?.index ?? text.length;
}
