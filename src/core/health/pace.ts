import type { MonitorId } from '../desired/model.ts';

/**
 * A monitor is probed more or less often from now on. `idle`: nobody asks for it, and it is probed every so many ms. `own`:
 * on its own interval again; the next probe is at once because somebody asks, or within the interval.
 */
export type PaceChange = { readonly monitor: MonitorId } & (
  | { readonly pace: 'idle'; readonly intervalMs: number }
  | { readonly pace: 'own'; readonly next: 'at-once' | 'within-interval' }
);
