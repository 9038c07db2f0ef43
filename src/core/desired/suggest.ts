/** Words longer than this, in characters, get no suggestion: the work grows with the square of the length. */
const MAX_WORD = 64;
/** Candidates looked at; later ones are not. */
const MAX_CANDIDATES = 1000;

/**
 * The candidate that was probably meant by a mistyped word: the one with the smallest edit distance, at most a third of
 * the word's length and at most 3. Undefined where none is near. Among equals the alphabetically first.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_WORD) return undefined;
  const lower = word.toLowerCase();
  let bound = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  let best: string | undefined;
  let seen = 0;
  for (const candidate of candidates) {
    seen += 1;
    if (seen > MAX_CANDIDATES) break;
    if (Math.abs(candidate.length - word.length) > bound) continue;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance > bound || (distance === bound && best !== undefined && best <= candidate)) continue;
    best = candidate;
    bound = distance;
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), one each. */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
