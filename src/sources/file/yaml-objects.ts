import { MAX_EXACT_OCTETS, MAX_INLINE_OCTETS, MAX_OBJECT_CHARACTERS } from './limits.ts';
import { readManifest } from './manifest-file.ts';
import { field, isSameType, type ListType, listTypeOf, typedItem } from './manifest-list.ts';
import type { ManifestText } from './manifest-text.ts';
import { DOUBTFUL, type ObjectSink, READ, type Reading } from './object-sink.ts';
import { splitYaml, type YamlPiece } from './yaml-pieces.ts';
import { usedLines } from './yaml-used.ts';
import { yamlValue } from './yaml-value.ts';

/** From the dash of an item to its first line with content. */
const EMPTY_LINES = /^ *-(?:[ \t]*(?:#.*)?\r?\n)*/;

/** Which part of an object is parsed, and what is known of the list whose items come now. */
type Context = { readonly octets: number; readonly extent: 'all' | 'used'; readonly sink: ObjectSink; type: ListType };

/**
 * Reads YAML piece by piece: a document, or an item of a list, is parsed when its last line was read. A piece that the
 * fast reader refuses is read by the exact one; where that refuses it, too, the reading is broken at its line. Of files
 * over `MAX_EXACT_OCTETS` only what is used is parsed.
 */
export function readYaml(text: ManifestText, sink: ObjectSink): Reading {
  const { octets } = text;
  const context: Context = { octets, extent: octets > MAX_EXACT_OCTETS ? 'used' : 'all', sink, type: 'plain' };
  for (const piece of splitYaml(text.parts(), MAX_OBJECT_CHARACTERS)) {
    const reading = readPiece(piece, context);
    if (reading.kind !== 'read') return reading;
  }
  return READ;
}

function readPiece(piece: YamlPiece, context: Context): Reading {
  if (piece.kind === 'document') return readDocument(piece, context);
  if (piece.kind === 'item') return readItem(piece, context);
  if (piece.kind === 'list') return endList(piece, context);
  if (piece.kind === 'doubt') return DOUBTFUL;
  const type = listTypeOf(fastValue(piece.text));
  // The kind of a list may follow its items.
  context.type = type === 'none' ? 'plain' : type;
  return READ;
}

function endList(piece: YamlPiece, { type, sink }: Context): Reading {
  const value = fastValue(piece.text);
  if (isSameType(listTypeOf(value), type)) return READ;
  if (field(value, 'apiVersion') === undefined || field(value, 'kind') !== undefined) return DOUBTFUL;
  // It may be cut short: then its items count as little as in the exact reader.
  sink.restart();
  sink.take(value, piece.line);
  return READ;
}

function readDocument(piece: YamlPiece, context: Context): Reading {
  const value = fastValue(context.extent === 'used' ? usedLines(piece.text, 0) : piece.text);
  // Which lines the items of a list within brackets are on, the exact reader knows, and what follows a mark on its line.
  const isOdd = listTypeOf(value) !== 'none' || piece.text.startsWith('---');
  if (value === undefined || isOdd) return readExactly(piece, context, (object) => object);
  if (value !== null) context.sink.take(value, piece.line);
  return READ;
}

function readItem(piece: YamlPiece, context: Context): Reading {
  const { extent, type, sink } = context;
  const { text } = piece;
  const value = fastValue(extent === 'used' ? usedLines(text, text.indexOf('-') + 2) : text);
  if (!Array.isArray(value) || value.length !== 1) {
    return readExactly(piece, context, (list) => (Array.isArray(list) ? typedItem(type, list[0]) : undefined));
  }
  if (value[0] === null) return READ;
  // The object is on a line below where the line of the dash is empty behind it.
  const above = EMPTY_LINES.exec(text)?.[0].split('\n').length ?? 1;
  sink.take(typedItem(type, value[0]), piece.line + above - 1);
  return READ;
}

/** Undefined for what is not understood with certainty. */
function fastValue(text: string): unknown {
  try {
    return yamlValue(text);
  } catch {
    return undefined;
  }
}

function readExactly(piece: YamlPiece, { octets, sink }: Context, pick: (value: unknown) => unknown): Reading {
  // So little is read as a whole just as fast.
  if (octets <= MAX_INLINE_OCTETS) return DOUBTFUL;
  const { text, from } = piece;
  const manifest = readManifest(text);
  if (manifest.kind === 'broken') return { ...manifest, line: manifest.line + from - 1 };
  for (const { value, line } of manifest.objects) {
    const object = pick(value);
    if (object === undefined) return DOUBTFUL;
    if (object !== null) sink.take(object, line + from - 1);
  }
  return READ;
}
