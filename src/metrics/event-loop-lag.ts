/** From one look at the event loop to the next, in ms. */
const LAG_LOOK_MS = 100;
/** Most looks that one stall stands for: one of a minute; a longer one is told once. */
const MAX_LOOKS_OF_A_STALL = 600;

/** Upper bounds of the buckets of the lag, in seconds. */
export const LAG_BUCKETS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Tells how late a timer of ours is, in ms, each `LAG_LOOK_MS`. A stall is told of once for each look that was due in it, late by
 * what was left of it then: else a second in which nothing went on would be one observation among six hundred of a minute.
 * Returns what ends it. It keeps no process alive.
 */
export function watchEventLoop(onLag: (ms: number) => void): () => void {
  let dueAt = performance.now() + LAG_LOOK_MS;
  const look = (): void => {
    const now = performance.now();
    const late = Math.max(0, now - dueAt);
    for (const lag of lagsOf(late)) onLag(lag);
    dueAt = now + LAG_LOOK_MS;
    timer = setTimeout(look, LAG_LOOK_MS).unref();
  };
  let timer = setTimeout(look, LAG_LOOK_MS).unref();
  return () => clearTimeout(timer);
}

/** How late each look was that was due until now, in ms; the first of them is late by `ms`. */
export function lagsOf(ms: number): readonly number[] {
  const looks = Math.min(MAX_LOOKS_OF_A_STALL, 1 + Math.floor(ms / LAG_LOOK_MS));
  return Array.from({ length: looks }, (_, look) => ms - look * LAG_LOOK_MS);
}
