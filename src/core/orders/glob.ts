/** Patterns in which each `*` stands for any characters, or none. */

/** Whether something stands for a text. */
export type TextTest = (text: string) => boolean;

/** Whether a pattern stands for a text. Linear in both lengths: the first place for each piece is the right one. */
export function globFits(pattern: string, text: string): boolean {
  return globOf(pattern)(text);
}

/** The same for names: upper and lower case are the same, and a dot at the end of either is none. */
export function fitsName(pattern: string, name: string): boolean {
  return globFits(asName(pattern), asName(name));
}

/** Whether any of some patterns stands for a name that is as `asName` writes it. The patterns are taken apart once. */
export function nameTestOf(patterns: readonly string[]): TextTest {
  const own = patterns.map(asName);
  const plain = new Set(own.filter((pattern) => !pattern.includes('*')));
  const globs = own.filter((pattern) => pattern.includes('*')).map(globOf);
  const fitsAny: TextTest = (name) => globs.some((fits) => fits(name));
  if (plain.size === 0) return globs.length === 1 ? globs[0]! : fitsAny;
  return (name) => plain.has(name) || fitsAny(name);
}

/** A name in lower case, without a dot at its end. */
export function asName(text: string): string {
  const lower = text.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** A pattern taken apart. Both ends are compared first: they are the quickest to say no. */
function globOf(pattern: string): TextTest {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => pattern === text;
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const piece of rest) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return end >= at;
  };
}
