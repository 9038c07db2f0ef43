/** Counts that go round at 2^32, read again and again, and what is left of what they counted. */
export type Tally = {
  /** As each count was read last. */
  readonly seen: Uint32Array;
  /** Of each count, in counted things. */
  readonly left: Float64Array;
};

/** What is left below this is nothing. */
const NEGLIGIBLE = 1e-6;

/** Room for so many counts, all at 0. */
export function createTally(length: number): Tally {
  return { seen: new Uint32Array(length), left: new Float64Array(length) };
}

/** Adds what one count counted since it was read last, each worth so much. Returns how many that were. */
export function gather({ seen, left }: Tally, index: number, count: number, worth: number): number {
  const fresh = (count - seen[index]!) >>> 0;
  // Memory that nobody wrote to takes none: what stays 0 is not touched.
  if (fresh === 0) return 0;
  seen[index] = count;
  left[index]! += fresh * worth;
  return fresh;
}

/** Leaves this part (0–1) of everything. */
export function fade({ left }: Tally, kept: number): void {
  for (let index = 0; index < left.length; index++) {
    const value = left[index]!;
    if (value !== 0) left[index] = faded(value, kept);
  }
}

/** What is left of a number of which this part (0–1) is kept. */
export function faded(value: number, kept: number): number {
  return value > NEGLIGIBLE ? value * kept : 0;
}
