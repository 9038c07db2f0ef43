import { type Annotated, LEVELS, type Setting, type SettingKey, type SettingValues } from './annotations/setting.ts';
import type { Claim } from './claim.ts';
import type { FindingCode, Origin } from './finding.ts';
import type { ClusterSpec } from './model.ts';
import { compareText } from './order.ts';
import { quote } from './quote.ts';

/** A setting and the object that made it. */
export type Statement<T> = Setting<T> & { readonly by: Annotated };

/** Reports something about the hostname at hand. */
export type Say = (code: FindingCode, origin: Origin, message: string, suggestion?: string) => void;

/** For a second look at a setting that was reported before. */
export const SILENT: Say = () => undefined;

/** What one cluster says on one hostname: `sources` are ordered by precedence, then by id. */
export type Voice = {
  readonly cluster: ClusterSpec;
  readonly claims: readonly Claim[];
  readonly sources: readonly Annotated[];
};

/** Most objects named in one message. */
const MAX_NAMED = 8;

/** The objects with settings behind some claims of one cluster, the most specific first. */
export function sourcesOf(claims: readonly Claim[]): readonly Annotated[] {
  const sources = new Set<Annotated>();
  for (const { route, front } of claims) {
    if (route !== undefined) sources.add(route);
    for (const source of front.sources) sources.add(source);
  }
  return [...sources].toSorted((a, b) => {
    return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || compareText(a.id, b.id);
  });
}

/**
 * A setting within one cluster: Route over ListenerSet over Gateway over the cluster's configuration. Where objects of the
 * same level disagree, the first by `namespace/name` wins, and it is said.
 */
export function choose<K extends SettingKey>(
  key: K,
  sources: readonly Annotated[],
  say: Say,
): Statement<SettingValues[K]> | undefined {
  let statements: Statement<SettingValues[K]>[] | undefined;
  for (const by of sources) {
    const setting = settingOf(by.settings, key);
    if (setting === undefined) continue;
    if (statements === undefined) statements = [{ ...setting, by }];
    else if (by.level === statements[0]?.by.level) statements.push({ ...setting, by });
  }
  if (statements !== undefined && statements.length > 1) sayConflict(key, statements, statements[0], say);
  return statements?.[0];
}

/**
 * A setting that belongs to the hostname. What is set beats the default; among the clusters that set it most win; on a
 * tie the value of the alphabetically first cluster. `voices` are ordered by cluster name.
 */
export function elect<K extends SettingKey>(
  key: K,
  voices: readonly Voice[],
  say: Say,
): Statement<SettingValues[K]> | undefined {
  const statements: Statement<SettingValues[K]>[] = [];
  for (const { sources } of voices) {
    const statement = choose(key, sources, say);
    if (statement !== undefined) statements.push(statement);
  }
  if (statements.length < 2) return statements[0];
  const votes = new Map<string, { readonly first: Statement<SettingValues[K]>; count: number }>();
  for (const statement of statements) {
    const vote = votes.get(identity(statement)) ?? { first: statement, count: 0 };
    votes.set(identity(statement), vote);
    vote.count += 1;
  }
  // The sort is stable and the map keeps the order of the clusters: that breaks the ties.
  const winner = [...votes.values()].toSorted((a, b) => b.count - a.count)[0]?.first;
  sayConflict(key, statements, winner, say);
  return winner;
}

function sayConflict(
  key: SettingKey,
  statements: readonly Statement<unknown>[],
  winner: Statement<unknown> | undefined,
  say: Say,
): void {
  if (winner === undefined) return;
  const loser = statements.find((one) => one.text !== winner.text && identity(one) !== identity(winner));
  if (loser === undefined) return;
  const named = statements.slice(0, MAX_NAMED).map(({ by, text }) => `${quote(text)} by ${nameOf(by)}`);
  const more = statements.length > MAX_NAMED ? ` and ${statements.length - MAX_NAMED} more` : '';
  const message = `${key} is ${named.join(', ')}${more}; ${quote(winner.text)} of ${nameOf(winner.by)} holds`;
  say('policy-conflict', loser.by.origin, message, 'give them the same value');
}

/** An object with its cluster: objects of two clusters often have the same name. */
function nameOf({ cluster, level, origin }: Annotated): string {
  return level === 'cluster' ? `the configuration of ${cluster}` : `${origin.object ?? level} in ${cluster}`;
}

/** Values are plain data that parsers build in one order of keys: equal values have equal JSON. */
function identity(statement: Statement<unknown>): string {
  return JSON.stringify(statement.value);
}

function settingOf<K extends SettingKey>(
  settings: { readonly [P in K]?: Setting<SettingValues[P]> },
  key: K,
): Setting<SettingValues[K]> | undefined {
  return settings[key];
}
