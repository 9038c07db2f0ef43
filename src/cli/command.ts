import type { ParseArgsOptionsConfig } from 'node:util';

/** Exit codes of every command; documented in `docs/cli.md`. */
export const EXIT = {
  /** All went well. */
  ok: 0,
  /** The command did its work and the news is bad: findings, a name not found, a director that does not answer. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
} as const;

/** What a command was given. `options` holds strings and flags by long name; a list where one may come several times. */
export type Invocation = {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
};

/** One command of the CLI. */
export type Command = {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** What the first argument can be, where it is one of a few words. */
  readonly words?: readonly string[];
  /** Those of them behind which a file can stand. */
  readonly fileAfter?: readonly string[];
  /** What the values of options can be, where they are one of a few words; by the option's long name. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
  /** How many arguments it takes that are no options; absent: it says so itself. */
  readonly most?: number;
  readonly options: ParseArgsOptionsConfig;
  run(invocation: Invocation): Promise<number>;
};

/** The value of a string option, or undefined where it was not given. */
export function textOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** All values of a string option that may come several times. */
export function textOptions(invocation: Invocation, name: string): readonly string[] {
  const values = invocation.options[name];
  return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
}

/** Something wrong with the call: printed without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What such a word is about is missing, or there is too much of it. */
export function wrongSubject({ name, usage, fileAfter = [] }: Command, word: string): UsageError {
  const needs = fileAfter.includes(word) ? 'one NAME or FILE' : 'one NAME';
  const what = word === 'list' || word === 'verify' ? 'takes nothing more' : `needs ${needs}`;
  return new UsageError(`${name} ${word} ${what}.\nUsage: ${usage}`);
}
