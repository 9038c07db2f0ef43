import type { Monitor } from '../core/desired/model.ts';

/** Largest share of the interval by which a slot is shifted to either side. */
export const JITTER_SHARE = 0.05;
/** Largest shift of a slot to either side, in ms. */
export const MAX_JITTER_MS = 250;
/** Shortest interval that is kept, in ms, whatever a monitor asks for. */
const MIN_INTERVAL_MS = 100;

/**
 * When a monitor is probed. Slot k is at phase + k × interval and each has a jitter of its own, so that jitters never
 * add up: starts are at most interval + 2 × jitter apart, and the interval on the mean.
 */
export type Rhythm = {
  readonly monitor: Monitor;
  /** The next slot without its jitter, in ms. */
  slot: number;
  /** The next slot with its jitter, in ms. */
  due: number;
};

/** Sets the first slot after a probe at `now`. `fraction` from (0, 1] of the interval is the monitor's phase. */
export function beginRhythm(rhythm: Rhythm, now: number, fraction: number, jitter: number): void {
  setSlot(rhythm, now + intervalOf(rhythm.monitor) * fraction, jitter);
}

/** Goes on to the first slot of the phase that is not over yet; those in between are left out. */
export function continueRhythm(rhythm: Rhythm, now: number, jitter: number): void {
  const interval = intervalOf(rhythm.monitor);
  const slots = Math.max(1, Math.floor((now - rhythm.slot) / interval) + 1);
  setSlot(rhythm, rhythm.slot + slots * interval, jitter);
}

/** How late the slot is, in ms. */
export function lateness({ due }: Rhythm, now: number): number {
  return now - due;
}

/**
 * Puts a late slot off by as much as it is late. So what was missed in a pause comes mirrored, at the rate at which it would
 * have come. False, and nothing is put off, where the next slot comes before that: it takes its place.
 */
export function putOff(rhythm: Rhythm, now: number): boolean {
  const due = now + lateness(rhythm, now);
  if (due >= rhythm.slot + intervalOf(rhythm.monitor)) return false;
  rhythm.due = due;
  return true;
}

/** Probes a second of these monitors on their intervals. */
export function rateOf(monitors: readonly Monitor[]): number {
  return monitors.reduce((sum, monitor) => sum + 1000 / intervalOf(monitor), 0);
}

/** `jitter` is from [0, 1); one half is no shift at all. */
function setSlot(rhythm: Rhythm, slot: number, jitter: number): void {
  rhythm.slot = slot;
  rhythm.due = slot + Math.min(JITTER_SHARE * intervalOf(rhythm.monitor), MAX_JITTER_MS) * (2 * jitter - 1);
}

function intervalOf(monitor: Monitor): number {
  return Math.max(MIN_INTERVAL_MS, monitor.intervalMs);
}
