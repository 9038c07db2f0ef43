const BACKSLASH = 92;

/**
 * Whether a JSON text may have a key twice in one of its objects, of which `JSON.parse` keeps the last and says nothing:
 * there are more keys in the text than in its value. Also true where white space stands before a colon.
 */
export function hasKeyTwice(text: string, value: unknown): boolean {
  return keysInText(text) !== keysIn(value);
}

/** A quote before a colon ends a key; within a text it has a backslash before it. */
function keysInText(text: string): number {
  let count = 0;
  for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) {
    if (text.charCodeAt(at - 1) !== BACKSLASH) count++;
  }
  return count;
}

/** All keys of all objects in a value; deep nesting is a RangeError. */
function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += keysIn(item);
    return count;
  }
  for (const inner of Object.values(value)) count += 1 + keysIn(inner);
  return count;
}
