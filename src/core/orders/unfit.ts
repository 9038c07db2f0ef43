/** Patterns of a scope that nothing fits: mostly they are mistyped. */
import type { Model } from '../desired/model.ts';
import { nearest } from '../desired/suggest.ts';
import { asName, nameTestOf } from './glob.ts';
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
  const found: UnfitPattern[] = [];
  for (const { list, pattern, names } of patternsOf(selections, namesOf)) {
    if (names.all.some(nameTestOf([pattern]))) continue;
    const guess = meantBy(pattern, names);
    found.push(Object.freeze({ list, pattern, ...(guess === undefined ? {} : { meant: guess }) }));
    // Each costs a walk over all names.
    if (found.length === MAX_UNFIT) break;
  }
  return found;
}

function patternsOf(selections: readonly (readonly [string, Selection])[], namesOf: (list: keyof Selection) => Names) {
  return selections.flatMap(([prefix, selection]) =>
    LISTS.flatMap((list) =>
      (selection[list] ?? []).map((pattern) => ({ list: `${prefix}${list}`, pattern, names: namesOf(list) })),
    ),
  );
}

/** In words. */
export function unfitText({ list, pattern, meant }: UnfitPattern): string {
  const guess = meant === undefined ? '' : `: did you mean "${meant}"?`;
  return `Nothing that there is now fits "${pattern}" (\`${list}\`)${guess || '.'}`;
}

const LISTS = ['clusters', 'gateways', 'hostnames', 'teams'] as const satisfies readonly (keyof Selection)[];

/** What is called something. `all`: the names as `asName` writes them; `words`: what some of them are made of. */
type Names = {
  readonly written: readonly string[];
  readonly all: readonly string[];
  readonly words: () => Set<string>;
};

const namesOfModel = new WeakMap<Model, Map<keyof Selection, Names>>();

/** The names of each kind, found when somebody asks for them, once for a model. */
function createNames(model: Model): (list: keyof Selection) => Names {
  const { clusters, hostnames, teams = [] } = model;
  const known = namesOfModel.get(model) ?? new Map<keyof Selection, Names>();
  namesOfModel.set(model, known);
  const find: Readonly<Record<keyof Selection, () => readonly string[]>> = {
    clusters: () => clusters.map(({ name }) => name),
    gateways: () => [...new Set(hostnames.flatMap(({ endpoints }) => endpoints.map(({ gateway }) => gateway)))],
    hostnames: () => hostnames.map(({ name }) => name),
    teams: () => teams.map(({ name }) => name),
  };
  return (list) => {
    const names = known.get(list) ?? createNamesOf(find[list]());
    known.set(list, names);
    return names;
  };
}

function createNamesOf(written: readonly string[]): Names {
  let words: Set<string> | undefined;
  return {
    written,
    all: written.map(asName),
    words() {
      words ??= new Set(written.slice(0, MAX_NAMES).flatMap((name) => name.toLowerCase().match(WORDS) ?? []));
      return words;
    },
  };
}

/** The nearest name; of a pattern, the pattern with its unknown words replaced by the nearest ones. */
function meantBy(pattern: string, names: Names): string | undefined {
  if (!pattern.includes('*')) return nearest(pattern, names.written);
  const words = names.words();
  const guess = pattern
    .toLowerCase()
    .replaceAll(WORDS, (word) => (words.has(word) ? word : (nearest(word, words) ?? word)));
  return names.all.some(nameTestOf([guess])) ? guess : undefined;
}

/** Names whose words are looked at for a suggestion; those behind them are not. */
const MAX_NAMES = 5_000;
/** The words of names: what stands between dots, slashes and stars. */
const WORDS = /[^./*]+/g;
