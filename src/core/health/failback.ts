/**
 * How traffic returns to a monitor that is good again, and what holds it back meanwhile.
 *
 *     down ── verdict up ─► held ── the later of `failback` and the damping is over ─► in service
 *      ▲  │                  │  └── an operator releases it ────────────────────────►
 *      │  └── verdict up, nothing to wait for ──────────────────────────────────────►
 *      └── verdict down ─────┘
 *
 * A failure while it is held changes nothing but the moment: it goes into service when nothing speaks against it.
 */
import type { Monitor } from '../desired/model.ts';
import { dampingMs, type Flaps } from './damping.ts';
import type { StateReason } from './monitor-health.ts';

/** What holds a monitor; `ms` from when its verdict is good again: 0 for nothing, Infinity for an operator. */
export type Hold = { readonly ms: number; readonly why: StateReason };

/** What holds it when its verdict is good again: the longest of what is asked. */
export function holdOf(flaps: Flaps, monitor: Monitor): Hold {
  const failback = monitor.judgement?.failback ?? 'auto';
  if (failback === 'manual') return { ms: Number.POSITIVE_INFINITY, why: 'operator' };
  const delayMs = failback === 'auto' ? 0 : failback;
  const damping = dampingMs(flaps, monitor);
  return damping > delayMs ? { ms: damping, why: 'flapping' } : { ms: delayMs, why: 'failback' };
}
