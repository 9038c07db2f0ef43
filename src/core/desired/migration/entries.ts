import { MAX_VALUE } from '../annotations/limits.ts';
import type { AnnotationList } from '../gateway-api/metadata.ts';
import { compareText } from '../order.ts';
import { quote } from '../quote.ts';
import { nearest } from '../suggest.ts';
import type { ForeignKey, Say, Vocabulary } from './vocabulary.ts';

/** Most keys that nobody knows named in one finding. */
const MAX_NAMED = 4;

/** A foreign annotation that its vocabulary knows: its key without prefix. */
export type ForeignEntry = {
  readonly key: string;
  /** Undefined where it is no text, or longer than any value is read. */
  readonly text: string | undefined;
  readonly meaning: ForeignKey;
};

/** An object's annotations under one vocabulary's prefix, in the order of its table; and the keys that it does not know. */
export function foreignEntries(
  annotations: AnnotationList,
  { prefix, keys }: Vocabulary,
): { readonly entries: readonly ForeignEntry[]; readonly unlisted: readonly string[] } {
  const entries: (ForeignEntry & { readonly rank: number })[] = [];
  const unlisted: string[] = [];
  for (const [name, value] of new Map(annotations)) {
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    const rank = rankOf(key, keys);
    const meaning = keys[rank];
    if (meaning === undefined) unlisted.push(key);
    else
      entries.push({ key, text: value !== undefined && value.length <= MAX_VALUE ? value : undefined, meaning, rank });
  }
  return {
    entries: entries.toSorted((a, b) => a.rank - b.rank || compareText(a.key, b.key)),
    unlisted: unlisted.toSorted(compareText),
  };
}

/** A key's row: its own, else the one of its family; -1 where there is none. */
function rankOf(key: string, keys: readonly ForeignKey[]): number {
  const own = keys.findIndex((one) => one.key === key && !one.key.endsWith('*'));
  if (own >= 0) return own;
  return keys.findIndex((one) => one.key.endsWith('*') && key.startsWith(one.key.slice(0, -1)));
}

/** Reports the keys that the system does not have, all of an object in one finding. */
export function sayUnlisted({ system, prefix, keys, unlisted }: Vocabulary, found: readonly string[], say: Say): void {
  if (unlisted === 'foreign') return;
  const named = found.slice(0, MAX_NAMED).map((key) => quote(prefix + key));
  const more = found.length > MAX_NAMED ? ` and ${found.length - MAX_NAMED} more` : '';
  const meant = nearest(
    found[0] ?? '',
    keys.map(({ key }) => key),
  );
  const suggestion = meant === undefined ? undefined : `did you mean ${prefix}${meant}?`;
  say('annotation-untranslated', `${named.join(', ')}${more} not known of ${system}`, suggestion);
}
