/** Patterns of a scope that nothing fits: mostly they are mistyped. */
import type { Model } from '../desired/model.ts';
import { nearest } from '../desired/suggest.ts';
import { fitsName } from './glob.ts';
import type { Scope, Selection } from './scope.ts';

/** A pattern that fits no name that there is now, and in which list it stands. `meant`: what it is probably mistyped for. */
export type UnfitPattern = { readonly list: string; readonly pattern: string; readonly meant?: string };

/** Most patterns that are told of one scope. */
const MAX_UNFIT = 10;

/**
 * The patterns of a scope, those of its exception included, that fit nothing which the model has. A cluster that serves
 * nothing is there all the same.
 */
export function unfitIn(scope: Scope, model: Model): readonly UnfitPattern[] {
  const namesOf = createNames(model);
  const { except, ...meant } = scope;
  const selections: readonly (readonly [string, Selection])[] = [
    ['', meant],
    ['except.', except ?? {}],
  ];
  const found = selections.flatMap(([prefix, selection]) =>
    LISTS.flatMap((list) =>
      (selection[list] ?? [])
        .filter((pattern) => !namesOf(list).some((name) => fitsName(pattern, name)))
        .map((pattern) => ({ list: `${prefix}${list}`, pattern, names: namesOf(list) })),
    ),
  );
  return found.slice(0, MAX_UNFIT).map(({ list, pattern, names }) => {
    const guess = meantBy(pattern, names);
    return Object.freeze({ list, pattern, ...(guess === undefined ? {} : { meant: guess }) });
  });
}

/** In words. */
export function unfitText({ list, pattern, meant }: UnfitPattern): string {
  const guess = meant === undefined ? '' : `: did you mean "${meant}"?`;
  return `Nothing that there is now fits "${pattern}" (\`${list}\`)${guess || '.'}`;
}

const LISTS = ['clusters', 'gateways', 'hostnames', 'teams'] as const satisfies readonly (keyof Selection)[];

/** The names of each kind, found when somebody asks for them. */
function createNames({ clusters, hostnames, teams = [] }: Model): (list: keyof Selection) => readonly string[] {
  const known = new Map<keyof Selection, readonly string[]>();
  const find: Readonly<Record<keyof Selection, () => readonly string[]>> = {
    clusters: () => clusters.map(({ name }) => name),
    gateways: () => [...new Set(hostnames.flatMap(({ endpoints }) => endpoints.map(({ gateway }) => gateway)))],
    hostnames: () => hostnames.map(({ name }) => name),
    teams: () => teams.map(({ name }) => name),
  };
  return (list) => {
    const names = known.get(list) ?? find[list]();
    known.set(list, names);
    return names;
  };
}

/** The nearest name; of a pattern, the pattern with its unknown words replaced by the nearest ones. */
function meantBy(pattern: string, names: readonly string[]): string | undefined {
  if (!pattern.includes('*')) return nearest(pattern, names);
  const words = new Set(names.slice(0, MAX_NAMES).flatMap((name) => name.toLowerCase().match(WORDS) ?? []));
  const guess = pattern
    .toLowerCase()
    .replaceAll(WORDS, (word) => (words.has(word) ? word : (nearest(word, words) ?? word)));
  return names.some((name) => fitsName(guess, name)) ? guess : undefined;
}

/** Names whose words are looked at for a suggestion; those behind them are not. */
const MAX_NAMES = 5_000;
/** The words of names: what stands between dots, slashes and stars. */
const WORDS = /[^./*]+/g;
