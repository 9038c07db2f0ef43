/** A reading of time that never goes back. */
export type SteadyTime = {
  /** Milliseconds since some start. */
  now(): number;
  /** The same, by one who knows from elsewhere (a timer that fired) that it is `moment` at least. */
  atLeast(moment: number): number;
};

/**
 * Makes a time that only goes on of a reading in ms that may be set back, as a wall clock is: by an hour, say, for which
 * nothing must pause. The step is taken out and time goes on from where it was. A step ahead cannot be told from time that
 * went by; where that would do harm, `read` must be a clock that nobody sets.
 */
export function createSteadyTime(read: () => number): SteadyTime {
  let offset = 0;
  let last = read();
  const atLeast = (moment: number): number => {
    const floor = Math.max(last, moment);
    const shown = read() + offset;
    if (shown < floor) offset += floor - shown;
    last = Math.max(shown, floor);
    return last;
  };
  return { now: () => atLeast(last), atLeast };
}
