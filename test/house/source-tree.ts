import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One source file: its path from the root with `/`, its text and what it imports. */
export type SourceFile = {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** Paths from the root for own files; the bare specifier for packages and `node:` modules. */
  readonly imports: readonly string[];
};

/** All `.ts` files below a folder of the checkout, sorted. */
export function sourceFiles(folder: string): readonly SourceFile[] {
  const found = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .toSorted();
  return found.map((name) => {
    const full = join(ROOT, folder, name);
    const text = readFileSync(full, 'utf8');
    return { path: relative(ROOT, full), text, lines: text.split('\n').length - 1, imports: importsOf(text, full) };
  });
}

function importsOf(text: string, file: string): readonly string[] {
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
  );
  return [...found].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    return specifier.startsWith('.') ? relative(ROOT, resolve(dirname(file), specifier)) : specifier;
  });
}

/** The text without comments, so that words in prose are no code. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '');
}
