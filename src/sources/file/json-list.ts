import { messageOf } from '../../core/error-message.ts';
import { hasKeyTwice } from './json-keys.ts';
import { itemLines, usedItemLines } from './json-lines.ts';
import { MAX_EXACT_OCTETS, MAX_OBJECT_CHARACTERS } from './limits.ts';
import { field, isSameType, type ListType, listTypeOf, typedItem } from './manifest-list.ts';
import type { ManifestText } from './manifest-text.ts';
import { DOUBTFUL, type ObjectSink, READ, type Reading } from './object-sink.ts';

/** Where the first item begins, on a line of its own, as `kubectl get -o json` prints it. */
const FIRST_ITEM = /"items": ?\[\n([ \t]+)(?=\{)/;
/** Longest text before the first item, in characters. */
const MAX_HEAD = 64 * 2 ** 10;

/**
 * Reads a list that is laid out as `kubectl get -o json` does: each item begins and ends on a line of its own, all with
 * the same indentation. So a part of the file is enough to parse the items in it, whatever the file's size. Where each
 * part of the items is a list, and the text around all of them is one with no items, the whole is JSON: a text that is
 * laid out otherwise is doubtful, never misread. Of a file over `MAX_EXACT_OCTETS` only what is used is parsed, and it is
 * not checked that no key comes twice in one object: the last of them counts, as in every reader of JSON.
 */
export function readJsonList(text: ManifestText, sink: ObjectSink): Reading {
  const list = createJsonList(sink, text.octets > MAX_EXACT_OCTETS ? 'used' : 'all');
  for (const part of text.parts()) {
    const reading = list.read(part);
    if (reading.kind !== 'read') return reading;
  }
  return list.end();
}

function createJsonList(sink: ObjectSink, extent: 'all' | 'used') {
  let rest = '';
  let line = 1;
  let head: string | undefined;
  let indent = '';
  let type: ListType = 'none';

  const begin = (): Reading => {
    const first = FIRST_ITEM.exec(rest);
    if (first === null) return rest.length > MAX_HEAD ? DOUBTFUL : READ;
    [, indent = ''] = first;
    const start = first.index + first[0].length - indent.length;
    head = rest.slice(0, start);
    // One brace closes it: these are the items of the whole.
    const known = typeOf(`${head}]}`);
    if (known === undefined) return DOUBTFUL;
    // The kind of a list may follow its items.
    type = known === 'none' ? 'plain' : known;
    line += linesIn(head);
    rest = rest.slice(start);
    return READ;
  };
  const takeItems = (items: string): Reading => {
    const linesOf = extent === 'used' && type === 'plain' ? usedItemLines : itemLines;
    const { text, starts, lines } = linesOf(items, indent, line);
    try {
      const values: unknown = JSON.parse(`[${text}]`);
      if (!Array.isArray(values) || values.length !== starts.length) return DOUBTFUL;
      if (extent === 'all' && hasKeyTwice(items, values)) return DOUBTFUL;
      for (const [index, value] of values.entries())
        if (value !== null) sink.take(typedItem(type, value), starts[index]!);
    } catch (error) {
      return { kind: 'broken', line: brokenItem(items, indent, line), reason: messageOf(error) };
    }
    line += lines;
    return READ;
  };

  return {
    /** Reads on: the text that follows what was read before. */
    read(part: string): Reading {
      rest += part;
      if (head === undefined) {
        const reading = begin();
        if (head === undefined || reading.kind !== 'read') return reading;
      }
      const closing = `\n${indent}},\n`;
      const end = rest.lastIndexOf(closing);
      if (end < 0) return rest.length > MAX_OBJECT_CHARACTERS ? DOUBTFUL : READ;
      const items = rest.slice(0, end + closing.length - 2);
      rest = rest.slice(end + closing.length);
      return takeItems(items);
    },
    /** Nothing follows. */
    end(): Reading {
      const closing = `\n${indent}}\n`;
      const end = rest.lastIndexOf(closing);
      if (head === undefined || end < 0) return DOUBTFUL;
      const tail = rest.slice(end + closing.length);
      const reading = takeItems(rest.slice(0, end + closing.length - 1));
      if (reading.kind !== 'read') return reading;
      const whole = typeOf(head + tail);
      return whole !== undefined && isSameType(whole, type) ? READ : DOUBTFUL;
    },
  };
}

/** The type of an object with the empty list `items`; undefined where the text is no such object. */
function typeOf(text: string): ListType | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const items = field(value, 'items');
    const isEmpty = Array.isArray(items) && items.length === 0;
    return !isEmpty || hasKeyTwice(text, value) ? undefined : listTypeOf(value);
  } catch {
    return undefined;
  }
}

/** The line of the first item that is no JSON. */
function brokenItem(items: string, indent: string, firstLine: number): number {
  let line = firstLine;
  for (const item of items.split(`\n${indent}},\n`)) {
    try {
      JSON.parse(item.endsWith('}') && item.lastIndexOf(`\n${indent}}`) >= 0 ? item : `${item}}`);
    } catch {
      return line;
    }
    line += linesIn(item) + 2;
  }
  return firstLine;
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
