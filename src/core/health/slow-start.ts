/**
 * Slow start: one that recovered gets a sixteenth of its clients at first, and one more with each step, so that its caches
 * and pools are warm before everybody is there.
 *
 *     recovered ─► 1/16 ── duration / 15 ─► 2/16 ── … ─► 16/16: the ramp is over
 *         ▲                                   │
 *         └───────── falls, recovers ─────────┘
 *
 * Only after it was down, not when it is seen for the first time: then nobody was moved away from it.
 */

/** Of how many equal parts of the clients a share is a number. As many as steering deals to clusters. */
export const ALL_BUCKETS = 256;

const STEPS = 16;

/** How many of `ALL_BUCKETS` it admits, `sinceMs` after the ramp of `durationMs` began. */
export function admitted(sinceMs: number, durationMs: number): number {
  return (ALL_BUCKETS / STEPS) * (1 + stepAt(sinceMs, durationMs));
}

/** When its next step is, in whole ms after the ramp began; Infinity where it is over. */
export function nextStepMs(sinceMs: number, durationMs: number): number {
  const next = stepAt(sinceMs, durationMs) + 1;
  return next < STEPS ? Math.ceil((next * durationMs) / (STEPS - 1)) : Number.POSITIVE_INFINITY;
}

/** Steps that were made, 0 to `STEPS` − 1. */
function stepAt(sinceMs: number, durationMs: number): number {
  return Math.max(0, Math.min(STEPS - 1, Math.floor((sinceMs * (STEPS - 1)) / durationMs)));
}
