import { normalizeName } from './domain-name.ts';

/** One word of a zone-file line. `text` keeps its escapes; a quoted word stands for octets, never for a name. */
export type ZoneToken = { readonly text: string; readonly quoted: boolean };

/**
 * Splits one line of master-file text (RFC 1035 §5.1) into words; a comment after `;` is dropped. The error is a phrase
 * that says what is wrong.
 */
export function tokenizeZoneLine(line: string): readonly ZoneToken[] | { readonly error: string } {
  const tokens: ZoneToken[] = [];
  for (let at = 0; at < line.length; ) {
    const character = line[at];
    if (character === ';') break;
    if (character === ' ' || character === '\t') {
      at++;
      continue;
    }
    if (character === '(' || character === ')') return { error: 'parentheses are not used: a record is one line' };
    if (character === '\n' || character === '\r') return { error: 'a record is one line' };
    const quoted = character === '"';
    const end = quoted ? endOfQuoted(line, at + 1) : endOfPlain(line, at);
    if (end === undefined) return { error: 'a quoted string has no closing quote' };
    tokens.push({ text: line.slice(quoted ? at + 1 : at, end), quoted });
    at = quoted ? end + 1 : end;
  }
  return tokens;
}

/** Index of the closing quote. */
function endOfQuoted(line: string, start: number): number | undefined {
  for (let at = start; at < line.length; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === '"') return at;
  }
  return undefined;
}

function endOfPlain(line: string, start: number): number {
  let at = start;
  for (; at < line.length && !/[ \t\r\n;"()]/.test(line.charAt(at)); at++) if (line[at] === '\\') at++;
  return Math.min(at, line.length);
}

/**
 * The octets of a character string: `\DDD` is one octet, a backslash before anything else is dropped, and text outside
 * ASCII counts as UTF-8. Undefined where a `\DDD` is over 255 or cut off.
 */
export function characterString(text: string): Uint8Array | undefined {
  const octets: number[] = [];
  for (let at = 0; at < text.length; ) {
    const escaped = text[at] === '\\';
    const digits = escaped ? /^\d+/.exec(text.slice(at + 1, at + 4))?.[0] : undefined;
    if (digits !== undefined) {
      if (digits.length < 3 || Number(digits) > 255) return undefined;
      octets.push(Number(digits));
      at += 4;
      continue;
    }
    const code = text.codePointAt(escaped ? at + 1 : at);
    if (code === undefined) return undefined;
    octets.push(...utf8(code));
    at += (escaped ? 1 : 0) + (code > 0xffff ? 2 : 1);
  }
  return Uint8Array.from(octets);
}

/** UTF-8 of one code point (RFC 3629 §3). */
function utf8(code: number): readonly number[] {
  const tail = (shift: number): number => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), tail(0)];
  if (code < 0x10000) return [0xe0 | (code >> 12), tail(6), tail(0)];
  return [0xf0 | (code >> 18), tail(12), tail(6), tail(0)];
}

/** The normalized name of a word in a zone, or undefined where it is none. */
export function absoluteName(text: string, apex: string): string | undefined {
  if (text === '@') return apex;
  if (text === '.') return '';
  if (text === '') return undefined;
  return normalizeName(endsInDot(text) ? text : `${text}.${apex}`);
}

/** A dot behind an odd number of backslashes belongs to a label. */
function endsInDot(text: string): boolean {
  const backslashes = /(\\*)\.$/.exec(text)?.[1];
  return backslashes !== undefined && backslashes.length % 2 === 0;
}
