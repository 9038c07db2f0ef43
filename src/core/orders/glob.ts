/** Patterns in which each `*` stands for any characters, or none. */

/** Whether a pattern stands for a text. Linear in both lengths: the first place for each piece is the right one. */
export function globFits(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** The same for names: upper and lower case are the same, and a dot at the end of either is none. */
export function fitsName(pattern: string, name: string): boolean {
  return globFits(asName(pattern), asName(name));
}

function asName(text: string): string {
  const lower = text.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}
