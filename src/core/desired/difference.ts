/** What two lists of the same kind of thing have apart. */
export type Difference<T> = { readonly removed: readonly T[]; readonly added: readonly T[] };

/** What is only in one of two lists, by identity. Lists that begin and end alike cost little. */
export function differenceOf<T>(before: readonly T[], after: readonly T[]): Difference<T> {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before[from] === after[from]) from += 1;
  let tail = 0;
  while (tail < shorter - from && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const old = new Set(before.slice(from, before.length - tail));
  const added = after.slice(from, after.length - tail).filter((one) => !old.delete(one));
  return { removed: [...old], added };
}
