/** How a drill goes on; the chart is in `drill.ts`. */
import type { Now } from '../rollout/progress.ts';
import { type Drill, type DrillEnd, noted, rampOf } from './drill.ts';

/** A drill with what a restart forgets, in steady ms: when its state or step began, and when it began to do something. */
export type DrillProgress = { readonly drill: Drill; readonly from: number; readonly begunAt: number };

/**
 * What is seen of a drill. `abort`: why it must not go on, or not begin, in words. `isBack`: nothing of it is left.
 */
export type DrillSight = { readonly abort: string | undefined; readonly isBack: boolean };

/** A drill that was asked for now. */
export function planned(drill: Drill, { steady }: Now): DrillProgress {
  return Object.freeze({ drill, from: steady, begunAt: steady });
}

/** What time and what is seen make of a drill: the very same where nothing changes. */
export function advanced(progress: DrillProgress, sight: () => DrillSight, now: Now): DrillProgress {
  const { drill } = progress;
  switch (drill.state) {
    case 'planned':
      if (now.wall < (drill.spec.startAt ?? 0)) return progress;
      return begin(progress, sight(), now);
    case 'running':
      return run(progress, sight, now);
    case 'rolling-back':
      return sight().isBack
        ? moved(progress, { state: 'over' }, now, 'rolled-back', 'nothing of it is left')
        : progress;
    case 'over':
      return progress;
    default:
      return drill.state satisfies never;
  }
}

/** Ends a drill: everything that it did is taken away with this. One that is ending, or over, stays what it is. */
export function ended(progress: DrillProgress, end: DrillEnd, now: Now): DrillProgress {
  const { state } = progress.drill;
  if (state === 'rolling-back' || state === 'over') return progress;
  return rolledBack(progress, end, now, state === 'planned' ? 'over' : 'rolling-back');
}

/**
 * A drill as it is taken over from an earlier run of the director, at a time at which nothing of it is in force. What ran is
 * rolled back; so is what should have begun by now, which perhaps it had.
 */
export function takenOver(drill: Drill, now: Now): DrillProgress {
  const progress = planned(drill, now);
  const isAhead = drill.state === 'planned' && (drill.spec.startAt ?? 0) > now.wall;
  if (isAhead || drill.state === 'rolling-back' || drill.state === 'over') return progress;
  return rolledBack(progress, INTERRUPTED, now, 'rolling-back');
}

const INTERRUPTED: DrillEnd = Object.freeze({ kind: 'interrupted', why: 'the director was started anew' });

/** When time alone brings it on, in steady ms; Infinity for never. */
export function dueAt({ drill, from, begunAt }: DrillProgress, now: Now): number {
  const { spec, state, step } = drill;
  if (state === 'planned') return now.steady + Math.max(0, (spec.startAt ?? 0) - now.wall);
  if (state !== 'running') return Number.POSITIVE_INFINITY;
  const { steps, everyMs } = rampOf(spec);
  // The length counts from the beginning, whatever step it is at.
  const overAt = begunAt + spec.lengthMs;
  return step + 1 < steps.length ? Math.min(overAt, from + everyMs) : overAt;
}

/** One that must not begin is over without having done anything. */
function begin(progress: DrillProgress, { abort }: DrillSight, now: Now): DrillProgress {
  if (abort !== undefined) return ended(progress, { kind: 'aborted', why: `not begun: ${abort}` }, now);
  const first = rampOf(progress.drill.spec).steps[0] ?? 100;
  const begun = moved(progress, { state: 'running', step: 0 }, now, 'begun', `${first} %`);
  return Object.freeze({ ...begun, begunAt: now.steady });
}

/** Time is looked at first: what is over needs no other reason to end. */
function run(progress: DrillProgress, sight: () => DrillSight, now: Now): DrillProgress {
  const { drill, begunAt } = progress;
  if (now.steady >= begunAt + drill.spec.lengthMs) {
    return ended(progress, { kind: 'completed', why: 'its time is over' }, now);
  }
  const { abort } = sight();
  if (abort !== undefined) return ended(progress, { kind: 'aborted', why: abort }, now);
  if (now.steady < dueAt(progress, now)) return progress;
  const step = drill.step + 1;
  return moved(progress, { state: 'running', step }, now, 'step', `${rampOf(drill.spec).steps[step]} %`);
}

function rolledBack(progress: DrillProgress, end: DrillEnd, now: Now, state: 'rolling-back' | 'over'): DrillProgress {
  return moved(progress, { state, end: Object.freeze(end) }, now, 'ended', `${end.kind}: ${end.why}`);
}

function moved(
  { drill, begunAt }: DrillProgress,
  to: Pick<Drill, 'state'> & Partial<Pick<Drill, 'step' | 'end'>>,
  { steady, wall }: Now,
  kind: 'begun' | 'step' | 'ended' | 'rolled-back',
  detail: string,
): DrillProgress {
  const next = Object.freeze({ ...drill, ...to, since: wall });
  return Object.freeze({ drill: noted(next, { at: wall, kind, detail }), from: steady, begunAt });
}
