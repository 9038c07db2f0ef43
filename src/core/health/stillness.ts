/**
 * For how long a monitor has stood still: in one state, with nothing on the way to another. It is told as a level, one more
 * each time that this time has doubled, and only of monitors of which some hostname asks for it: its TTL rises with it.
 *
 *     0 ── 1 h ─► 1 ── 2 h ─► 2 ── 4 h ─► 3 ── 8 h ─► 4 ── 16 h ─► 5 ── 32 h ─► 6 ── 64 h ─► 7
 *     ▲                                                                                       │
 *     └── another state, a result against it, a failover delay, a slow start, no results ─────┘
 *
 * Up, degraded and down stand still; unseen and held never do. Time is steady time. Nothing is kept over a restart.
 */
import type { Model, MonitorId } from '../desired/model.ts';
import type { MonitorHealth } from './monitor-health.ts';

/** Highest level of stillness: three bits hold it. */
export const MAX_STILLNESS = 7;
/** How long a monitor must stand still for the first level, in ms. */
const FIRST_STILLNESS_MS = 3_600_000;
/** Stillness counts from whole multiples of this on, in ms: so levels rise together, not thousands of them one by one. */
const STILLNESS_STEP_MS = 60_000;

/** What is told of a monitor: its state alone, or for how long it stood still as well. */
export type Telling = 'state' | 'stillness';

/** From when on it counts where something was on the way at this moment; both in steady ms. */
export function stillFrom(now: number): number {
  return Math.ceil(now / STILLNESS_STEP_MS) * STILLNESS_STEP_MS;
}

/** The level, 0–7, after standing still for so many ms; below 0 it has not begun to count. */
export function stillness(stillMs: number): number {
  let level = 0;
  while (level < MAX_STILLNESS && stillMs >= FIRST_STILLNESS_MS * 2 ** level) level += 1;
  return level;
}

/** After how many ms of standing still another level is told, where it is `stillMs` now; Infinity for never. */
export function nextStillnessMs(stillMs: number): number {
  const level = stillness(stillMs);
  return level < MAX_STILLNESS ? FIRST_STILLNESS_MS * 2 ** level : Number.POSITIVE_INFINITY;
}

/** What is believed with the stillness left out: something is on the way that its own results do not tell. */
export function unsettled(health: MonitorHealth): MonitorHealth {
  const { stillness: left, ...rest } = health;
  return left === undefined ? health : rest;
}

/** The stillness of what is made of others: that of the one who moved last. Hundreds of thousands may ask: no lists here. */
export function stillnessOfAll(members: readonly MonitorHealth[]): number {
  let least = members.length === 0 ? 0 : MAX_STILLNESS;
  for (const member of members) {
    least = Math.min(least, member.stillness ?? 0);
    if (least === 0) return 0;
  }
  return least;
}

/** The monitors of which a hostname asks for stillness, and what they are made of. Walks all hostnames, and asks them nothing else. */
export function askedForStillness({
  hostnames,
  calculated = [],
}: Pick<Model, 'hostnames' | 'calculated'>): ReadonlySet<MonitorId> {
  const asked = new Set<MonitorId>();
  for (const { policy, endpoints } of hostnames) {
    if (policy.stableTtl === undefined) continue;
    for (const { monitor } of endpoints) asked.add(monitor);
  }
  if (asked.size === 0) return asked;
  // Members come before those that they are members of.
  for (const { id, members } of calculated.toReversed()) {
    if (asked.has(id)) for (const member of members) asked.add(member);
  }
  return asked;
}
