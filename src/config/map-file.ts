import type { MapRule } from '../core/desired/maps/client-map.ts';
import { type ComplainOfMap, parseRules } from '../core/desired/maps/parse.ts';
import { parseConfigDocument } from './document.ts';
import { formatPath } from './problem.ts';
import { isMapping } from './shape.ts';

/** Something that keeps a map file from being used; lines count from 1. */
type MapFileProblem = { readonly line?: number; readonly message: string; readonly suggestion?: string };

/** The rules of a map file, good only where there is no problem. */
export type MapFile = { readonly rules: readonly MapRule[]; readonly problems: readonly MapFileProblem[] };

/** Reads the text of a map file: YAML with `rules`. `clusters` is undefined where others may come. Never throws. */
export function readMapFile(text: string, clusters: readonly string[] | undefined): MapFile {
  const document = parseConfigDocument(text);
  if ('problems' in document) {
    const problems = document.problems.map(({ expected, found, ...line }) => ({
      ...line,
      message: said(expected, found),
    }));
    return { rules: [], problems };
  }
  const problems: MapFileProblem[] = [];
  const complain: ComplainOfMap = (at, { expected, found, ...suggestion }) => {
    const path = ['rules', ...at];
    const line = document.lineOf(path);
    const where = line === undefined ? {} : { line };
    problems.push({ ...where, message: `${formatPath(path)}: ${said(expected, found)}`, ...suggestion });
  };
  const { value } = document;
  return { rules: parseRules(isMapping(value) ? value['rules'] : undefined, { clusters, complain }), problems };
}

function said(expected: string, found: string): string {
  return `expected ${expected}, found ${found}`;
}
