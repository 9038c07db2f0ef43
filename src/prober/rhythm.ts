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
  /** The interval in force, in ms. */
  intervalMs: number;
  /** The next slot without its jitter, in ms. */
  slot: number;
  /** The next slot with its jitter, in ms; later where it was put off. */
  due: number;
  /** When the first slot was due that was put off, or left out, and not made up for yet. */
  overdueSince: number | undefined;
};

/** What chance says: the part of the interval, from (0, 1], until the next slot, and its jitter, from [0, 1). */
export type Chance = { readonly fraction: number; readonly jitter: number };

/** Sets the first slot after a probe at `now`. `fraction` from (0, 1] of the interval is the monitor's phase. */
export function beginRhythm(rhythm: Rhythm, now: number, fraction: number, jitter: number): void {
  setSlot(rhythm, now + rhythm.intervalMs * fraction, jitter);
}

/**
 * Another interval from now on: the next slot is at that fraction of it from now, with the monitor's phase from then on. So
 * those that get a longer one together are spread over it, and wait for as much more, once, as their old one was. By a shorter
 * interval nobody is looked at later: a slot that comes sooner stays where it is.
 */
export function changeRhythm(rhythm: Rhythm, wantedMs: number, now: number, { fraction, jitter }: Chance): void {
  const intervalMs = keptInterval(wantedMs);
  const isFaster = intervalMs < rhythm.intervalMs;
  const slot = now + intervalMs * fraction;
  rhythm.intervalMs = intervalMs;
  if (isFaster && slot >= rhythm.due) return;
  setSlot(rhythm, slot, jitter);
  // Nobody waits any more for what was due by the other pace.
  rhythm.overdueSince = undefined;
}

/** A slot at that very time, before the next one; the monitor's phase follows from the fraction, as after a first probe. */
export function callAt(rhythm: Rhythm, at: number, fraction: number): void {
  if (rhythm.due <= at) return;
  rhythm.slot = at - rhythm.intervalMs * (1 - fraction);
  rhythm.due = at;
}

/** Goes on to the first slot of the phase that is not over yet; returns by how many, those in between included. */
export function continueRhythm(rhythm: Rhythm, now: number, jitter: number): number {
  const interval = rhythm.intervalMs;
  const slots = Math.max(1, Math.floor((now - rhythm.slot) / interval) + 1);
  setSlot(rhythm, rhythm.slot + slots * interval, jitter);
  return slots;
}

/** How late the slot is, in ms. */
export function lateness({ due }: Rhythm, now: number): number {
  return now - due;
}

/** When the probe that starts now was first due: it stands for all that was put off or left out before it. */
export function takeFirstDue(rhythm: Rhythm): number {
  const firstDue = rhythm.overdueSince ?? rhythm.due;
  rhythm.overdueSince = undefined;
  return firstDue;
}

/**
 * Puts a late slot off by as much as it is late. So what was missed in a pause comes mirrored, at the rate at which it would
 * have come. False, and nothing is put off, where the next slot comes before that: it takes its place. Either way it is overdue.
 */
export function putOff(rhythm: Rhythm, now: number): boolean {
  const due = now + lateness(rhythm, now);
  rhythm.overdueSince ??= rhythm.due;
  if (due >= rhythm.slot + rhythm.intervalMs) return false;
  rhythm.due = due;
  return true;
}

/** Probes a second of these monitors on their own intervals. */
export function rateOf(monitors: readonly Monitor[]): number {
  return monitors.reduce((sum, monitor) => sum + 1000 / keptInterval(monitor.intervalMs), 0);
}

/** `jitter` is from [0, 1); one half is no shift at all. */
function setSlot(rhythm: Rhythm, slot: number, jitter: number): void {
  rhythm.slot = slot;
  rhythm.due = slot + Math.min(JITTER_SHARE * rhythm.intervalMs, MAX_JITTER_MS) * (2 * jitter - 1);
}

/** The interval that is kept where this one is asked for, in ms. */
export function keptInterval(intervalMs: number): number {
  return Math.max(MIN_INTERVAL_MS, intervalMs);
}
