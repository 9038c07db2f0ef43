import { vi } from 'vitest';

/** Longest that a check may take to hold, in ms: this is a bound for what hangs, not a measure of what is slow. */
const PATIENCE_MS = 20_000;
/** From one look to the next, in ms. */
const LOOK_MS = 20;

/** Resolves as soon as `check` no longer throws; rejects with its last error when `timeout` ms are over. */
export async function eventually(
  check: () => unknown,
  { timeout = PATIENCE_MS, interval = LOOK_MS }: { readonly timeout?: number; readonly interval?: number } = {},
): Promise<void> {
  await vi.waitFor(check, { timeout, interval });
}
