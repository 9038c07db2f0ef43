/** How far a coarse clock may be behind, in ms. */
const COARSE_CLOCK_MS = 100;

/**
 * Ms since the epoch, up to `COARSE_CLOCK_MS` behind. For threads that answer without allocating: `Date.now` makes a
 * number on the heap each time, `performance.now` none, but it does not follow the system's clock where that is set.
 */
export function createCoarseClock(): () => number {
  let at = Number.NEGATIVE_INFINITY;
  let now = 0;
  return () => {
    const elapsed = performance.now();
    if (elapsed - at >= COARSE_CLOCK_MS) {
      at = elapsed;
      now = Date.now();
    }
    return now;
  };
}
