import { AT_ONCE } from '../desired/judgement.ts';
import type { Model, MonitorId } from '../desired/model.ts';

/**
 * How long monitors that a drill failed may be taken as bad after its end, in ms: until they are found good again, and for as long as
 * they may be held then. Infinity where an operator has to say so.
 */
export function mendingMs(failed: ReadonlySet<MonitorId>, { monitors }: Pick<Model, 'monitors'>): number {
  let longest = 0;
  for (const { id, rise, intervalMs, timeoutMs, judgement = AT_ONCE } of monitors) {
    if (!failed.has(id)) continue;
    const { failback, flapDampingMs } = judgement;
    const held = failback === 'manual' ? Number.POSITIVE_INFINITY : failback === 'auto' ? 0 : failback;
    // The first probe comes up to an interval later.
    longest = Math.max(longest, (rise + 1) * (intervalMs + timeoutMs) + Math.max(held, flapDampingMs));
  }
  return longest;
}
