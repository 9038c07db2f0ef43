import type { SecretKind } from './secret-names.ts';

/** The name of a secret in a text. */
export type SecretName = {
  readonly name: string;
  /** Where it begins. */
  readonly index: number;
  readonly kind: SecretKind;
  /** Of a URL's query or fragment, or of a form: its value ends at the next one. */
  readonly isParameter: boolean;
};

type Span = { readonly start: number; readonly end: number };

/** What may be between a name and its value: the quote that closes the name, a bracket, and what assigns. */
const SEPARATOR = /(\\*["'`])?\]?[ \t]{0,8}(=>|:=|==?|:(?!\/\/)|%3[ad](?:%22)?)[ \t]{0,8}/iy;
const OPENING_QUOTE = /(\\*)(["'`])/y;
const BACKSLASHES = /\\+/y;
/** How many there are: of a name in quotes it is JSON's, else a word. */
const COUNT = { quoted: /-?[\d.]+(?=[\s,}\]]|$)/y, bare: /-?[\d.]+(?=[,;)]?(?:\s|$))/y } as const;
const LITERAL = /(?:null|undefined|true|false)(?![^\s,;)}\]"'\\])/y;
const ENCODED = /(?:[^\s"'`&%]|%(?!2[26])[\da-f]{2})+/iy;
const PARAMETER = /[^\s"'`<>&#]+/y;
const WORD = /\S+/y;
const ITEM = /[^\s,}\]]+/y;
const LINE = /[^\r\n]+/y;
/** A header whose value has spaces, or the scheme before a credential (RFC 9110 §11.4). */
const WHOLE_LINE = /(?:authorization|cookies?)$/i;
const SCHEME = /(?:basic|bearer|digest|negotiate|token|apikey|aws4-hmac-sha256)\b/iy;
/** With these a message goes on about a secret: `token: expected 20 to 512 letters`; a line's number before its colon does as well. */
const MESSAGE =
  /(?:(?<=:)\d+:(?= (?:\S+: )?expected\b)|\d+ to \d|(?:a|an|and|are|as|at|by|can|cannot|could|does|empty|expected|expired|failed|for|found|has|have|in|invalid|is|it|its|may|missing|must|no|none|not|of|on|one|only|or|remove|required|that|the|this|to|too|unknown|was|were|which|with|wrong)[.,;:!?]?(?=\s|$))/iy;
/** What is before a name that begins a line, a mapping or an item. */
const LINE_START = /(?:^|[\n{[(,"'`])[\s>*-]*$/;

/** Where the value is of the name that ends at `at`; undefined where it has none that is to be hidden. */
export function valueAfter(text: string, at: number, secret: SecretName): Span | undefined {
  const separator = matchAt(SEPARATOR, text, at);
  if (separator === undefined) return undefined;
  const start = at + separator[0].length;
  if (matchAt(LITERAL, text, start) !== undefined) return undefined;
  const count = separator[1] === undefined ? COUNT.bare : COUNT.quoted;
  if (secret.kind === 'list' && matchAt(count, text, start) !== undefined) return undefined;
  const quote = openingQuote(text, start);
  const value = quote === undefined ? { start, end: endOfBare(text, start, secret, separator) } : quoted(text, quote);
  return value.end > value.start ? value : undefined;
}

/** The end of a value without quotes; `start` where there is nothing to hide. */
function endOfBare(text: string, start: number, secret: SecretName, separator: RegExpExecArray): number {
  const [, nameQuote, sign = ''] = separator;
  if (sign.startsWith('%')) return endOf(ENCODED, text, start);
  if (text[start] === '[' || text[start] === '{') return endOfBrackets(text, start);
  if (sign === ':' && matchAt(MESSAGE, text, start) !== undefined) return start;
  if (WHOLE_LINE.test(secret.name)) return endOf(LINE, text, start);
  if (secret.isParameter) return endOf(PARAMETER, text, start);
  if (sign !== ':') return endOf(WORD, text, start);
  if (nameQuote !== undefined) return endOf(ITEM, text, start);
  return endOfLineOrWord(text, start, secret);
}

/**
 * Behind a colon and without quotes: a header's or a YAML key's value has the rest of the line; in the midst of a sentence
 * ("cannot fetch token: ECONNREFUSED …") it is a word.
 */
function endOfLineOrWord(text: string, start: number, { name, index, kind }: SecretName): number {
  if (kind === 'list') return start;
  const isProse =
    /^[a-z]+$/.test(name) && !name.startsWith('pass') && !LINE_START.test(text.slice(Math.max(0, index - 20), index));
  const isWord = isProse && matchAt(SCHEME, text, start) === undefined;
  return endOf(isWord ? WORD : LINE, text, start);
}

/** A quote that opens, with the backslashes before it where it stands in a string itself. */
type Quote = { readonly mark: string; readonly depth: number; readonly begin: number };

function openingQuote(text: string, at: number): Quote | undefined {
  const found = matchAt(OPENING_QUOTE, text, at);
  return found && { mark: found[2] ?? '"', depth: found[1]?.length ?? 0, begin: at + found[0].length };
}

/** What stands between the quotes. */
function quoted(text: string, quote: Quote): Span {
  const closing = closingQuote(text, quote);
  let end = closing;
  for (let slashes = 0; slashes < quote.depth && end > quote.begin && text[end - 1] === '\\'; slashes++) end -= 1;
  return { start: quote.begin, end };
}

/**
 * The closing quote has as many backslashes as the opening one, or more by a multiple of twice one more: those between are
 * the text's own, at any depth of JSON in strings of JSON. One that has fewer closes a string around it. Where none comes, all
 * the rest is the value.
 */
function closingQuote(text: string, { mark, depth, begin }: Quote): number {
  for (let at = text.indexOf(mark, begin); at >= 0; at = text.indexOf(mark, at + 1)) {
    let run = 0;
    while (at - run > begin && text[at - run - 1] === '\\') run += 1;
    if (run < depth || (run - depth) % (2 * (depth + 1)) === 0) return at;
  }
  return text.length;
}

/** A list or a mapping, to the bracket that closes it; strings are passed over. */
function endOfBrackets(text: string, start: number): number {
  let open = 0;
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (sign === '[' || sign === '{') open += 1;
    else if (sign === ']' || sign === '}') open -= 1;
    if (open === 0) return at + 1;
    const quote = sign === '"' || sign === "'" || sign === '\\' ? openingQuote(text, at) : undefined;
    if (quote !== undefined) at = closingQuote(text, quote);
    // None of the run opens a quote: to look at each of them anew would take the square of its length.
    else if (sign === '\\') at = endOf(BACKSLASHES, text, at) - 1;
  }
  return text.length;
}

function endOf(pattern: RegExp, text: string, start: number): number {
  return start + (matchAt(pattern, text, start)?.[0].length ?? 0);
}

/** What a sticky pattern finds right there. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
