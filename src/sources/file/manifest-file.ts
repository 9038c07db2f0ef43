import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { messageOf } from '../../core/error-message.ts';
import { MAX_ALIASES } from './limits.ts';
import { field, listTypeOf, typedItem } from './manifest-list.ts';

/** One object of a manifest and the line it starts on, from 1. */
type ManifestObject = { readonly line: number; readonly value: unknown };

/** What a manifest file holds, or why and where it cannot be read. Plain data: it crosses threads. */
export type Manifest =
  | { readonly kind: 'read'; readonly objects: readonly ManifestObject[] }
  | { readonly kind: 'broken'; readonly line: number; readonly reason: string };

/**
 * The objects of a manifest as `kubectl get -o yaml` prints them: one or several documents, lists unfolded, empty
 * documents left out. JSON is YAML, too. Never throws.
 */
export function readManifest(text: string): Manifest {
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  try {
    // The parser looks for duplicate keys in quadratic time, and complex keys take it cubic time: both are off.
    const parsed = parseAllDocuments(text, {
      lineCounter: lines,
      logLevel: 'error',
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: true,
      resolveKnownTags: false,
    });
    // The library returns an empty stream where there is no document at all.
    const documents: readonly Document[] = Array.isArray(parsed) ? parsed : [];
    for (const { errors, contents } of documents) {
      const [error] = errors;
      if (error !== undefined) return { kind: 'broken', line: lineOf(error.pos[0]), reason: error.message };
      const twice = duplicateKey(contents);
      if (twice !== undefined) {
        return { kind: 'broken', line: lineOf(twice.range?.[0] ?? 0), reason: 'Map keys must be unique' };
      }
    }
    return { kind: 'read', objects: documents.flatMap((document) => objectsOf(document, lineOf)) };
  } catch (error) {
    // Nesting that is too deep is a RangeError, an alias bomb a ReferenceError.
    return { kind: 'broken', line: 1, reason: messageOf(error) };
  }
}

/** The first key that its mapping already has, in linear time. */
function duplicateKey(root: Node | null): Node | undefined {
  const open: (Node | null)[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const seen = new Set<unknown>();
    for (const { key, value } of isMap<Node, Node | null>(node) ? node.items : []) {
      const name = isScalar(key) ? key.value : key;
      if (seen.has(name)) return key;
      seen.add(name);
      open.push(value);
    }
    if (isSeq<Node | null>(node)) for (const item of node.items) open.push(item);
  }
  return undefined;
}

function objectsOf(document: Document, lineOf: (offset: number) => number): readonly ManifestObject[] {
  const { contents } = document;
  if (contents === null) return [];
  const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
  const nodes = isMap(contents) ? contents.get('items', true) : undefined;
  const type = listTypeOf(value);
  const list = field(value, 'items');
  const items = type !== 'none' && Array.isArray(list) ? list.map((item) => typedItem(type, item)) : undefined;
  const objects: readonly unknown[] = items ?? [value];
  return objects.flatMap((object, index) => {
    const node = items !== undefined && isSeq<Node | null>(nodes) ? nodes.items[index] : contents;
    return object === null ? [] : [{ value: object, line: lineOf((node ?? contents).range?.[0] ?? 0) }];
  });
}
