/** A reading of time that never goes back. */
export type SteadyTime = {
  /** Milliseconds since some start. */
  now(): number;
  /** The same, by one who knows from elsewhere (a timer that fired) that it is `moment` at least. */
  atLeast(moment: number): number;
};

/**
 * Lays a steady time over a wall clock. When the wall clock is set back by an hour, probes must not pause for an hour:
 * the step is taken out and time goes on from where it was.
 */
export function createSteadyTime(wall: () => number): SteadyTime {
  let offset = 0;
  let last = wall();
  const atLeast = (moment: number): number => {
    const floor = Math.max(last, moment);
    const read = wall() + offset;
    if (read < floor) offset += floor - read;
    last = Math.max(read, floor);
    return last;
  };
  return { now: () => atLeast(last), atLeast };
}
