import { groupOf } from '../../core/desired/gateway-api/metadata.ts';

const SPACE = 32;
/** Keys of `metadata` that are not read. */
const UNUSED_METADATA = [
  'creationTimestamp:',
  'finalizers:',
  'generation:',
  'managedFields:',
  'ownerReferences:',
  'resourceVersion:',
  'selfLink:',
  'uid:',
];
const KIND = /kind: (\w+)[ \t]*\r?$/my;
const KEY = /([\w-]+):(?=[ \t\r\n]|$)/y;
const ENTRY = /-(?=[ \t\r\n]|$)/y;
const NOTHING = /(?:#.*)?\r?$/my;

/** A line that begins a key: its column below the object's keys, and the key of the object that it is or stands under. */
type KeyLine = { readonly text: string; readonly at: number; readonly depth: number; readonly key: string };

/**
 * An object in block style without what is not used of it: most of a Route is its rules and its status. `indent` is the
 * column of its keys. In block style a line with that indentation begins a key, whatever the lines around it hold, and so
 * does one two columns deeper under `metadata` or `spec` (YAML 1.2.2 §8.2.2). What is used is known once the kind is.
 */
export function usedLines(text: string, indent: number): string {
  let used = '';
  let kept = 0;
  /** The column of the key that is left out with all that stands deeper. */
  let leftOut: number | undefined;
  let kind: string | undefined;
  let key = '';
  for (let at = 0; at < text.length; at = text.indexOf('\n', at) + 1 || text.length) {
    let word = at === 0 ? indent : at;
    while (text.charCodeAt(word) === SPACE) word++;
    const column = at === 0 ? indent : word - at;
    if (leftOut !== undefined) {
      const isWithin =
        column > leftOut || match(NOTHING, text, word) || (column === leftOut && match(ENTRY, text, word));
      if (isWithin) continue;
      leftOut = undefined;
      kept = at;
    }
    if (column > indent + 2) continue;
    if (column === indent) {
      key = match(KEY, text, word)?.[1] ?? '';
      kind = match(KIND, text, word)?.[1] ?? kind;
    }
    if (!isUnused({ text, at: word, depth: column - indent, key }, kind)) continue;
    used += text.slice(kept, at);
    leftOut = column;
  }
  return leftOut === undefined ? used + text.slice(kept) : used;
}

function isUnused({ text, at, depth, key }: KeyLine, kind: string | undefined): boolean {
  if (depth === 2) {
    if (key === 'metadata') return UNUSED_METADATA.some((each) => text.startsWith(each, at));
    return key === 'spec' && kind?.endsWith('Route') === true && text.startsWith('rules:', at);
  }
  if (depth !== 0 || kind === undefined || key === '') return false;
  if (groupOf(kind) !== undefined) return key === 'status' && kind !== 'Gateway';
  return !kind.endsWith('List') && key !== 'apiVersion' && key !== 'kind';
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
