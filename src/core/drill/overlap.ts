/** How many drills run at once. */
import type { Drill, DrillSpec } from './drill.ts';

/** From when to when, the end not included, in ms since the epoch. */
export type Span = { readonly from: number; readonly until: number };

/** Most drills that run at once at some time of a drill that is asked for now, itself included. */
export function peakWith({ startAt = 0, lengthMs }: DrillSpec, drills: readonly Drill[], now: number): number {
  const begin = Math.max(startAt, now);
  const own: Span = { from: begin, until: begin + lengthMs };
  const others = drills.flatMap((drill) => spanOf(drill, now) ?? []).filter((one) => meet(one, own));
  // The most are there when one of them begins.
  const moments = [own.from, ...others.map(({ from }) => from).filter((from) => from >= own.from)];
  const counts = moments.map((moment) => others.filter(({ from, until }) => from <= moment && moment < until).length);
  return Math.max(...counts) + 1;
}

/** How many run besides one that is about to begin, by the times that they were given: what begins when another one ends does not meet it. */
export function othersRunning({ spec }: Drill, drills: readonly Drill[], now: number): number {
  const isMet = (other: Drill): boolean => other.state === 'running' && now < (spanOf(other, now)?.until ?? now);
  return drills.filter((other) => other.spec.name !== spec.name && isMet(other)).length;
}

/** So much later than planned, in ms, a drill may begin or end and count as in time: it is looked at each second. */
const LATE_MS = 2_000;

/**
 * When a drill runs, or will: by the time that it was given, or from when it really began. One that runs on because the clock was
 * set is there now. One that is being rolled back does nothing any more: what it left may last, and is as any other failure.
 */
export function spanOf({ spec, at, state, timeline }: Drill, now: number): Span | undefined {
  if (state === 'over' || state === 'rolling-back') return undefined;
  const given = Math.max(spec.startAt ?? 0, at);
  const begun = timeline.find(({ kind }) => kind === 'begun')?.at ?? given;
  const from = begun - given > LATE_MS ? begun : given;
  const until = from + spec.lengthMs;
  return { from, until: state === 'running' && now >= until + LATE_MS ? now + 1 : until };
}

function meet(one: Span, other: Span): boolean {
  return one.from < other.until && other.from < one.until;
}
