/** Strings, and what structures are made of. Numbers and words are of no interest, nor is white space. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/**
 * The first key that stands twice in one object of a JSON text, however it is written; undefined where none does. The text
 * must be JSON. RFC 8259 §4: what software makes of such an object is unpredictable; JSON.parse takes the last one silently.
 */
export function doubleKey(text: string): string | undefined {
  /** The keys of the objects around, the innermost last; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let string = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const keys = open.at(-1);
      const key = String(JSON.parse(string));
      if (keys?.has(key) === true) return key;
      keys?.add(key);
    } else if (token !== ',') string = token;
  }
  return undefined;
}
