/**
 * A part of a YAML stream that can be parsed alone. `head`: all before the items of a list, with an empty list of them;
 * then come its items, each as a list of one; then `list`: all around the items. `doubt`: the stream cannot be cut here.
 */
export type YamlPiece = {
  readonly kind: 'document' | 'head' | 'item' | 'list' | 'doubt';
  readonly text: string;
  /** The line that the text begins on, from 1. */
  readonly from: number;
  /** The line of its first node. */
  readonly line: number;
};

const [LINE_FEED, SPACE, PERCENT, DASH, DOT] = [10, 32, 37, 45, 46];
/** To some readers a line break, to others none. */
const LONE_RETURN = /\r(?!\n)/;
const ITEMS = /items:(?:[ \t]+(?:#.*)?)?\r?$/my;
const MARK = /(?:---|\.\.\.)(?=[ \t\r\n]|$)/y;
/** A document mark with no content on its line. */
const BARE_MARK = /(?:---|\.\.\.)(?:[ \t]+(?:#.*)?)?\r?$/my;
const NOTHING = /[ \t]*(?:#.*)?\r?$/my;
const ENTRY = / *-(?=[ \t\r\n]|$)/y;

/**
 * Cuts a YAML stream at its document marks and between the items of a block list under the root's key `items`. That needs
 * no parser: in block style, a line that is not indented deeper ends all that was begun before it (YAML 1.2.2 §8.1, §8.2),
 * and a document mark ends even texts (§9.1.2). Where a cut is wrong all the same, as within brackets that someone did
 * not indent, the piece cannot be parsed: they are left open. No piece is longer than `longest` characters.
 */
export function* splitYaml(parts: Iterable<string>, longest: number): Generator<YamlPiece, void> {
  const cutter = createCutter();
  for (const part of parts) {
    if (LONE_RETURN.test(part)) yield cutter.doubt();
    yield* cutter.read(part);
    if (cutter.held() > longest) yield cutter.doubt();
  }
  yield* cutter.end();
}

/** What the cutter is in the middle of: a document, the line `items:`, or items with that indentation. */
type Place = { readonly kind: 'document' | 'items' } | { readonly kind: 'list'; readonly indent: number };

function createCutter() {
  let text = '';
  /** Offsets of the piece that is read and of the line that is looked at; their lines. */
  let [start, at, from, line] = [0, 0, 1, 1];
  let place: Place = { kind: 'document' };
  /** The line of the document's first node. */
  let first: number | undefined;
  /** What stands before the items of the document's list, if it has one, and where its line `items:` begins. */
  let head: string | undefined;
  let itemsAt = 0;

  function* endDocument(): Generator<YamlPiece, void> {
    const last = text.slice(start, at);
    const node = first ?? from;
    if (place.kind === 'list') yield { kind: 'item', text: last, from, line: from };
    if (head !== undefined) yield { kind: 'list', text: place.kind === 'list' ? head : head + last, from, line: node };
    else if (first !== undefined) yield { kind: 'document', text: last, from, line: node };
    [place, head, first] = [{ kind: 'document' }, undefined, undefined];
  }
  function* readMark(next: number): Generator<YamlPiece, void> {
    yield* endDocument();
    const isBare = matches(BARE_MARK, text, at);
    [start, from, first] = isBare ? [next, line + 1, undefined] : [at, line, line];
  }
  function* readItems(): Generator<YamlPiece, void> {
    if (matches(NOTHING, text, at)) return;
    place = matches(ENTRY, text, at) ? { kind: 'list', indent: indentOf(text, at) } : { kind: 'document' };
    if (place.kind !== 'list') return;
    head = `${text.slice(start, itemsAt)}items: []\n`;
    yield { kind: 'head', text: head, from, line: first ?? from };
    [start, from] = [at, line];
  }
  function* readInList(indent: number): Generator<YamlPiece, void> {
    const own = indentOf(text, at);
    if (own > indent || matches(NOTHING, text, at)) return;
    yield { kind: 'item', text: text.slice(start, at), from, line: from };
    [start, from] = [at, line];
    if (own < indent || !matches(ENTRY, text, at)) place = { kind: 'document' };
  }
  function* readInDocument(): Generator<YamlPiece, void> {
    if (first === undefined && !matches(NOTHING, text, at)) {
      first = line;
      if (text.charCodeAt(at) === PERCENT) yield { kind: 'doubt', text: '', from, line };
    }
    if (head !== undefined || !matches(ITEMS, text, at)) return;
    [place, itemsAt] = [{ kind: 'items' }, at];
  }
  const readLine = (next: number): Generator<YamlPiece, void> => {
    const code = text.charCodeAt(at);
    if ((code === DASH || code === DOT) && matches(MARK, text, at)) return readMark(next);
    if (place.kind === 'items') return readItems();
    return place.kind === 'list' ? readInList(place.indent) : readInDocument();
  };

  return {
    *read(part: string): Generator<YamlPiece, void> {
      text = text.slice(start) + part;
      [at, itemsAt, start] = [at - start, itemsAt - start, 0];
      while (at < text.length) {
        const next = text.indexOf('\n', at) + 1 || text.length;
        const code = text.charCodeAt(at);
        // Most lines are this one: within an item, or without content.
        const isWithin = place.kind === 'list' && place.indent === 0 && (code === SPACE || code === LINE_FEED);
        if (!isWithin) yield* readLine(next);
        at = next;
        line++;
      }
    },
    end: endDocument,
    held: () => text.length - start,
    doubt: (): YamlPiece => ({ kind: 'doubt', text: '', from, line: from }),
  };
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function indentOf(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === SPACE) end++;
  return end - at;
}
