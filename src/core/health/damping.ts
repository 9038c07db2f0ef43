/**
 * Flap damping: each fall that comes before it was calm for the longest hold doubles how long it must be good before it is
 * answered again.
 *
 *     falls 0 ── falls ─► 1 ── falls again ─► 2 ── falls again ─► 3 …    hold-down: rise × interval × 2^(falls − 1),
 *                         ▲                   │                   │      at most the longest hold
 *                         └── falls after ────┴───────────────────┘
 *                             it was in service for longer than the longest hold
 *
 * Calm is time in service. Time from fall to fall would not do: a hold of the longest length would outlast it, and one that
 * still flaps would be forgiven each time it was held to the end. A fall while it is held counts, too: it is no calmer for
 * that. One that a failover delay rode out does not: nobody was moved by it.
 */
import type { Monitor } from '../desired/model.ts';

/** The falls that are remembered of a monitor. */
export type Flaps = {
  readonly falls: number;
  /** Since when it is in service without a fall, in steady ms; undefined while it is not. */
  readonly calmSince: number | undefined;
};

/** Never fell, and is not in service. */
export const NO_FLAPS: Flaps = Object.freeze({ falls: 0, calmSince: undefined });

/** It goes into service. */
export function calmed({ falls }: Flaps, now: number): Flaps {
  return Object.freeze({ falls, calmSince: now });
}

/** It fell, from service or while it was held. */
export function fallen({ falls, calmSince }: Flaps, longestMs: number, now: number): Flaps {
  const isCalm = calmSince !== undefined && now - calmSince > longestMs;
  return Object.freeze({ falls: isCalm ? 1 : falls + 1, calmSince: undefined });
}

/** How long it is held after its verdict is good again, in ms: what the hold-down has over `rise` × interval, which is over. */
export function dampingMs({ falls }: Flaps, { rise, intervalMs, judgement }: Monitor): number {
  const longestMs = judgement?.flapDampingMs ?? 0;
  if (longestMs === 0 || falls < 2) return 0;
  const base = rise * intervalMs;
  return Math.max(0, Math.min(longestMs, base * 2 ** (falls - 1)) - base);
}
