/**
 * How far off a change at a set time is, told in steps. What is told must not be too long, or resolvers keep an answer
 * beyond the change; and not another number with each second, or the answers would be made anew each second. So it is the
 * largest power of two below the time that is left, and told again when that is over.
 */

/** Less is not told apart, in seconds: no TTL is shorter by a change. */
const MIN_OUTLOOK_S = 4;
/** More is not told at all, in seconds: it is over the longest TTL. */
const MAX_OUTLOOK_S = 131_072;

/** Seconds that are told while `leftMs` (whole) are left; Infinity where that is longer than any TTL. */
export function outlook(leftMs: number): number {
  if (leftMs > MAX_OUTLOOK_S * 1000) return Number.POSITIVE_INFINITY;
  let seconds = MAX_OUTLOOK_S / 2;
  while (seconds > MIN_OUTLOOK_S && seconds * 1000 >= leftMs) seconds /= 2;
  return seconds;
}

/** How many ms will be left when something else is told; 0: when the change comes. */
export function nextOutlook(leftMs: number): number {
  const told = outlook(leftMs);
  if (told === Number.POSITIVE_INFINITY) return MAX_OUTLOOK_S * 1000;
  return told > MIN_OUTLOOK_S ? told * 1000 : 0;
}
