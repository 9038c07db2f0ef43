import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Finding } from '../core/desired/finding.ts';
import { deepFreeze } from '../core/desired/freeze.ts';
import { messageOf } from '../core/error-message.ts';
import { assemble } from './assemble.ts';
import type { Config } from './config.ts';
import { parseConfigDocument } from './document.ts';
import { readEnvironment } from './environment.ts';
import { type Complain, type ConfigProblem, formatPath } from './problem.ts';

export { type ConfigProblem, formatProblem } from './problem.ts';

/** Largest configuration file in octets. */
export const MAX_CONFIG_OCTETS = 2 ** 20;

/** Most problems that are named: a file with more is not a configuration. */
const MAX_PROBLEMS = 100;

/** The configuration with what is worth knowing of it, or everything that keeps it from being used. */
export type LoadedConfig =
  | { readonly kind: 'ok'; readonly config: Config; readonly findings: readonly Finding[] }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

/**
 * Reads, checks and completes the configuration; never rejects. Paths in the file count from its folder. All problems
 * are found at once, in the order of their lines.
 */
export async function loadConfig(file: string, env: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  const environment = readEnvironment(env);
  const invalid = (problems: readonly ConfigProblem[]): LoadedConfig => {
    const all = [...problems, ...environment.problems];
    return { kind: 'invalid', problems: all.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
  };
  const text = await readText(file);
  if (typeof text !== 'string') return invalid([{ file, path: '', ...text }]);
  const document = parseConfigDocument(text);
  if ('problems' in document) {
    return invalid(document.problems.slice(0, MAX_PROBLEMS).map((problem) => ({ file, path: '', ...problem })));
  }

  const problems: ConfigProblem[] = [];
  const lineOf = (path: readonly (string | number)[]): { line?: number } => {
    const line = document.lineOf(path);
    return line === undefined ? {} : { line };
  };
  const complain: Complain = (path, complaint) => {
    if (problems.length >= MAX_PROBLEMS) return;
    problems.push({ file, path: formatPath(path), ...lineOf(path), ...complaint });
  };
  const assembled = assemble(document.value, {
    file,
    directory: dirname(resolve(file)),
    overrides: environment.overrides,
    complain,
    originOf: (path) => ({ file, ...lineOf(path) }),
  });
  if (assembled === undefined || problems.length + environment.problems.length > 0) return invalid(problems);
  return deepFreeze({ kind: 'ok', ...assembled });
}

async function readText(file: string): Promise<string | { readonly expected: string; readonly found: string }> {
  const expected = `a readable file of at most ${MAX_CONFIG_OCTETS} octets`;
  try {
    await using handle = await open(file);
    const status = await handle.stat();
    if (!status.isFile()) return { expected, found: 'something that is no file' };
    if (status.size > MAX_CONFIG_OCTETS) return { expected, found: `one of ${status.size} octets` };
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    return { expected, found: messageOf(error) };
  }
}
