import { quote } from '../core/desired/quote.ts';

/** Something that keeps the configuration from being used. */
export type ConfigProblem = {
  /** `clusters[1].location.lat`; the name of an environment variable; '' for the file as a whole. */
  readonly path: string;
  /** The file as the user named it, or `environment`. */
  readonly file: string;
  /** Counts from 1; absent where no line is to blame. */
  readonly line?: number;
  readonly expected: string;
  readonly found: string;
  /** A whole phrase, like `did you mean "location"?`. */
  readonly suggestion?: string;
};

/** Keys and list indexes from the root of the file. */
export type Path = readonly (string | number)[];

/** What was expected and found at one place. */
type Complaint = { readonly expected: string; readonly found: string; readonly suggestion?: string };

/** Takes problems at a path of the file. */
export type Complain = (path: Path, complaint: Complaint) => void;

/** One readable line: `azimuth.yaml:12: clusters[1].location.lat: expected …, found "north"`. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  const path = problem.path === '' ? '' : `${problem.path}: `;
  const suggestion = problem.suggestion === undefined ? '' : `; ${problem.suggestion}`;
  return `${place}: ${path}expected ${problem.expected}, found ${problem.found}${suggestion}`;
}

/** `clusters[1].location.lat`; a key that is no plain word is quoted. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${quote(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** A value of the file for a message, in a few words. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  return JSON.stringify(value) ?? 'nothing';
}
