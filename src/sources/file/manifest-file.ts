import { type Document, isMap, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { type Finding, finding, type Origin } from '../../core/desired/finding.ts';
import type { SourceObject } from '../../core/desired/picture.ts';
import { MAX_ALIASES } from './limits.ts';

/** What a manifest file holds, or why it cannot be read. */
export type Manifest =
  | { readonly kind: 'read'; readonly objects: readonly SourceObject[] }
  | { readonly kind: 'broken'; readonly finding: Finding };

/**
 * The objects of a manifest as `kubectl get -o yaml` prints them: one or several documents, lists unfolded, empty
 * documents left out. Each object knows the line it starts on. `file` is what findings call the file.
 */
export function readManifest(text: string, file: string): Manifest {
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent' });
    // The library returns an empty stream where there is no document at all.
    const documents: readonly Document[] = Array.isArray(parsed) ? parsed : [];
    for (const { errors } of documents) {
      const [error] = errors;
      if (error !== undefined) return broken(file, error.message, lineOf(error.pos[0]));
    }
    return { kind: 'read', objects: documents.flatMap((document) => objectsOf(document, file, lineOf)) };
  } catch (error) {
    return broken(file, error instanceof Error ? error.message : String(error), 1);
  }
}

function objectsOf(document: Document, file: string, lineOf: (offset: number) => number): readonly SourceObject[] {
  const { contents } = document;
  if (contents === null) return [];
  return unfolded(contents).flatMap((node) => {
    const value: unknown = node.toJS(document, { maxAliasCount: MAX_ALIASES });
    return value === null ? [] : [{ value, origin: originOf(value, file, lineOf(node.range?.[0] ?? 0)) }];
  });
}

/** The items of a `List` (or `GatewayList` and the like), else the node itself. */
function unfolded(node: Node): readonly Node[] {
  if (!isMap(node)) return [node];
  const kind: unknown = node.get('kind');
  const items: unknown = node.get('items', true);
  if (typeof kind !== 'string' || !kind.endsWith('List') || !isSeq<Node>(items)) return [node];
  return items.items;
}

function originOf(value: unknown, file: string, line: number): Origin {
  const kind = textOf(value, 'kind');
  const metadata = field(value, 'metadata');
  const name = textOf(metadata, 'name');
  if (kind === undefined || name === undefined) return { file, line };
  return { file, line, object: `${kind} ${textOf(metadata, 'namespace') ?? 'default'}/${name}` };
}

function textOf(value: unknown, key: string): string | undefined {
  const found = field(value, key);
  return typeof found === 'string' ? found : undefined;
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}

function broken(file: string, message: string, line: number): Manifest {
  // The library's message goes on with the source line and a caret; its first line says what is wrong.
  const reason = (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
  const advice = 'The last good objects of the file stay in use. Check with "azimuth check".';
  return { kind: 'broken', finding: finding('manifest-syntax', { file, line }, `Not valid YAML: ${reason}.`, advice) };
}
