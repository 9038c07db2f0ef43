import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { withoutSecrets } from '../core/desired/secrets.ts';
import { describeValue, type Path } from './problem.ts';

/** Most aliases of one anchor, multiplied by what each stands for: against alias bombs. */
const MAX_ALIASES = 100;

/** Deepest nesting of mappings and lists. */
const MAX_DEPTH = 32;

/** A parsed file: its plain value, and where each part of it stands. */
export type ConfigDocument = {
  readonly value: unknown;
  /** The line of the deepest part of the path that exists, from 1. */
  lineOf(path: Path): number | undefined;
};

/** A problem of the file itself, with its line. */
export type SyntaxProblem = { readonly line?: number; readonly expected: string; readonly found: string };

/** Parses the text of the file. Keys given twice are problems, too. */
export function parseConfigDocument(text: string): ConfigDocument | { readonly problems: readonly SyntaxProblem[] } {
  try {
    return parseText(text);
  } catch (error) {
    // The parser recurses, so that deep nesting ends in a RangeError; alias bombs end in a ReferenceError.
    return { problems: [{ expected: 'a readable YAML file', found: error instanceof Error ? error.message : 'none' }] };
  }
}

function parseText(text: string): ConfigDocument | { readonly problems: readonly SyntaxProblem[] } {
  const lines = new LineCounter();
  // The parser looks for duplicate keys in quadratic time, and its complex keys take cubic time: both are off.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    // At 'silent' the parser would also keep quiet about a second document.
    logLevel: 'error',
    resolveKnownTags: false,
  });
  const lineAt = (node: { range?: readonly number[] | null | undefined } | null): number | undefined =>
    node?.range?.[0] === undefined ? undefined : lines.linePos(node.range[0]).line;
  const problems: SyntaxProblem[] = document.errors.map(({ message, pos }) => {
    return { line: lines.linePos(pos[0]).line, expected: 'valid YAML', found: lowerFirst(withoutSecrets(message)) };
  });
  const complain = (node: Node, expected: string, found: string): void => {
    const line = lineAt(node);
    problems.push({ ...(line === undefined ? {} : { line }), expected, found });
  };
  if (document.contents !== null) checkNodes(document.contents, complain);
  if (problems.length > 0) return { problems };
  const root = document.contents;
  return {
    value: withoutNulls(document.toJS({ maxAliasCount: MAX_ALIASES })),
    lineOf: (path) => {
      let node: Node | null | undefined = root;
      let line: number | undefined;
      for (const step of path) {
        if (isAlias(node)) node = node.resolve(document);
        const part = partOf(node, step);
        if (part === undefined) break;
        line = lineAt(part.start) ?? line;
        node = part.node;
      }
      return line ?? lineAt(root);
    },
  };
}

/** One step down: the node there, and where it starts to a reader's eye. */
function partOf(node: Node | null | undefined, step: string | number): { start: Node; node: Node | null } | undefined {
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find(({ key }) => keyText(key) === step);
    return pair && { start: pair.key, node: pair.value };
  }
  const item = isSeq<Node | null>(node) && typeof step === 'number' ? node.items[step] : undefined;
  return item ? { start: item, node: item } : undefined;
}

/** Finds duplicate keys in linear time, and nesting that is too deep. */
function checkNodes(root: Node, complain: (node: Node, expected: string, found: string) => void): void {
  const open: { readonly node: Node; readonly depth: number }[] = [{ node: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (depth > MAX_DEPTH) {
      complain(node, `at most ${MAX_DEPTH} levels of nesting`, 'more');
      return;
    }
    const seen = new Set<string>();
    for (const { key, value } of isMap<Node, Node | null>(node) ? node.items : []) {
      const name = keyText(key);
      if (seen.has(name)) complain(key, 'each key once', `${describeValue(name)} again`);
      seen.add(name);
      if (value !== null) open.push({ node: value, depth: depth + 1 });
    }
    for (const item of isSeq<Node | null>(node) ? node.items : []) {
      if (item !== null) open.push({ node: item, depth: depth + 1 });
    }
  }
}

function keyText(key: Node): string {
  return isScalar(key) ? String(key.value) : '';
}

/** A key without a value is as good as absent: people comment out what stood below it. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]));
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
