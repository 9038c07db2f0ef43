const [LINE_FEED, QUOTE, COMMA, K, R, S, OPENING] = [10, 34, 44, 107, 114, 115, 123];
/** A part of an object that may be left out: its first line, and the code of the bracket that ends it. */
type Part = { readonly key: string; readonly bracket: number };
const STATUS: Part = { key: '"status": {\n', bracket: 125 };
const RULES: Part = { key: '"rules": [\n', bracket: 93 };

const KIND = '"kind": "';

/** Items of a JSON list: the text to parse for them, the line that each begins on, and how many lines they have. */
export type ItemLines = { readonly text: string; readonly starts: readonly number[]; readonly lines: number };

/** The lines of items of which each begins with `indent` and a brace. JSON has no line feed within a text. */
export function itemLines(items: string, indent: string, firstLine: number): ItemLines {
  const starts: number[] = [];
  let line = firstLine;
  for (let at = 0; at >= 0; at = nextLine(items, at)) {
    if (isItem(items, at, indent)) starts.push(line);
    line++;
  }
  return { text: items, starts, lines: line - firstLine };
}

/**
 * The same for items that are laid out as `kubectl get -o json` does, without what is not used of them: most of a Route is
 * its status and its rules. They are known by their column, and left out where they come last, up to the first bracket in
 * that column. What is left is parsed, so that nothing is taken apart in the wrong place. Gateways, of which the status
 * counts, and objects that do not say their kind before are left as they are.
 */
export function usedItemLines(items: string, indent: string, firstLine: number): ItemLines {
  const starts: number[] = [];
  const column = /\n([ \t]+)"/.exec(items)?.[1]?.length ?? 0;
  const deeper = 2 * column - indent.length;
  let [line, used, kept] = [firstLine, '', 0];
  let extent: 'whole' | 'used' = 'whole';
  /** The part that is being read, where its line begins, and its column. */
  let part: Part | undefined;
  let [from, margin] = [0, 0];
  const begin = (one: Part, at: number, atColumn: number): void => {
    if (items.charCodeAt(at - 2) === COMMA && items.startsWith(one.key, at + atColumn))
      [part, from, margin] = [one, at, atColumn];
  };
  for (let at = 0; at >= 0; at = nextLine(items, at)) {
    line++;
    if (part !== undefined) {
      const end = at + margin;
      if (items.charCodeAt(end) !== part.bracket || !isBlank(items, end - 1)) continue;
      part = undefined;
      // More follows: all stays.
      if (items.charCodeAt(end + 1) !== LINE_FEED) continue;
      used += items.slice(kept, from - 2);
      kept = end + 1;
    } else if (isItem(items, at, indent)) {
      starts.push(line - 1);
      extent = 'whole';
    } else if (isKey(items, at + column)) {
      const letter = items.charCodeAt(at + column + 1);
      if (letter === K && items.startsWith(KIND, at + column)) {
        extent = items.startsWith('Gateway"', at + column + KIND.length) ? 'whole' : 'used';
      } else if (letter === S && extent === 'used') begin(STATUS, at, column);
    } else if (extent === 'used' && isKey(items, at + deeper)) {
      if (items.charCodeAt(at + deeper + 1) === R) begin(RULES, at, deeper);
    }
  }
  return { text: used + items.slice(kept), starts, lines: line - firstLine };
}

/** Where the next line begins; -1 after the last. */
function nextLine(text: string, at: number): number {
  return text.indexOf('\n', at) + 1 || -1;
}

function isItem(items: string, at: number, indent: string): boolean {
  return items.charCodeAt(at + indent.length) === OPENING && items.startsWith(indent, at);
}

function isKey(items: string, at: number): boolean {
  return items.charCodeAt(at) === QUOTE && isBlank(items, at - 1);
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}
