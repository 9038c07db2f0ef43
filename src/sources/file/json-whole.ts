import { hasKeyTwice } from './json-keys.ts';
import { field, listTypeOf, typedItem } from './manifest-list.ts';
import { type ManifestText, wholeText } from './manifest-text.ts';
import { DOUBTFUL, type ObjectSink, READ, type Reading } from './object-sink.ts';

const [QUOTE, BACKSLASH, LINE_FEED, COMMA, COLON] = [34, 92, 10, 44, 58];

/** Reads JSON of any layout in one piece: one object, or a list. What is not quite JSON is doubtful. */
export function readJsonWhole(text: ManifestText, sink: ObjectSink): Reading {
  const whole = wholeText(text);
  try {
    const value: unknown = JSON.parse(whole);
    if (hasKeyTwice(whole, value)) return DOUBTFUL;
    const type = listTypeOf(value);
    const items = field(value, 'items');
    if (type === 'none' || !Array.isArray(items)) {
      sink.take(value, lineOf(whole, whole.search(/\S/)));
      return READ;
    }
    const lines = itemLines(whole);
    for (const [index, item] of items.entries()) {
      if (item !== null) sink.take(typedItem(type, item), lines[index] ?? 1);
    }
    return READ;
  } catch {
    return DOUBTFUL;
  }
}

/** The lines on which the values of the list `items` begin. The text is JSON: an object that has it. */
function itemLines(text: string): readonly number[] {
  const lines: number[] = [];
  let [depth, line] = [0, 1];
  /** The last text at depth 1, which is a key where a colon follows. */
  let word = '';
  let key = '';
  let next: 'value' | 'other' = 'other';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED) line++;
    if (code <= 0x20) continue;
    const isClosing = code === 0x5d || code === 0x7d;
    if (next === 'value' && depth === 2 && key === 'items' && !isClosing) lines.push(line);
    if (code === COLON && depth === 1) key = word;
    if (code === 0x5b || code === 0x7b) depth++;
    if (isClosing) depth--;
    next = code === 0x5b || code === COMMA ? 'value' : 'other';
    if (code !== QUOTE) continue;
    const end = endOfText(text, at);
    if (depth === 1) word = text.slice(at + 1, end);
    at = end;
  }
  return lines;
}

/** The closing quote of the text that is opened at an offset. */
function endOfText(text: string, opening: number): number {
  let at = opening + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
