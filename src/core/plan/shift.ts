/** A number, or a fraction (0–1), in each of two worlds. */
export type Shift = { readonly before: number; readonly after: number };

/** A value of two worlds. */
export function shiftOf<T>(of: { readonly before: T; readonly after: T }, value: (one: T) => number): Shift {
  return { before: rounded(value(of.before)), after: rounded(value(of.after)) };
}

/** Sums of fractions are off by some 10⁻¹⁶; a half is to be a half. */
export function rounded(fraction: number): number {
  return Math.round(fraction * PRECISION) / PRECISION;
}

const PRECISION = 1e12;
