import { COUNTED_ADDRESSES } from './limits.ts';

/** How much is allowed. */
export type AllowanceOptions = {
  /** Most of one key in each window. */
  readonly most: number;
  /** Length of a window, in ms. */
  readonly windowMs: number;
  /** Ms on a clock that nobody sets: by the clock of the wall, one that is set back would lock everybody out. */
  readonly steady: () => number;
};

/** Counts by key, and tells what is too much. */
export type Allowance = {
  /** Counts one more: 0 where it is allowed, else in how many seconds the next one is, 1 or more. */
  readonly take: (key: string) => number;
};

type Window = { readonly from: number; count: number };

/**
 * So many of each key in each window, which begins with the first one. Remembers `COUNTED_ADDRESSES` keys; the one that was
 * not used for longest is forgotten.
 */
export function createAllowance({ most, windowMs, steady }: AllowanceOptions): Allowance {
  /** The longest unused first. */
  const windows = new Map<string, Window>();
  return {
    take(key) {
      const now = steady();
      const known = windows.get(key);
      const age = known === undefined ? windowMs : now - known.from;
      // Before its beginning there is no window either.
      const window = known !== undefined && age >= 0 && age < windowMs ? known : { from: now, count: 0 };
      window.count += 1;
      windows.delete(key);
      windows.set(key, window);
      if (windows.size > COUNTED_ADDRESSES) forgetFirst(windows);
      return window.count <= most ? 0 : Math.ceil((window.from + windowMs - now) / 1000);
    },
  };
}

function forgetFirst(windows: Map<string, Window>): void {
  for (const [key] of windows) {
    windows.delete(key);
    return;
  }
}
