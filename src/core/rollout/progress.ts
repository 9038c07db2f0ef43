/**
 * How a canary goes on by itself: by time, and by what must be up (its guard). What orders do is in the chart of `rollout.ts`.
 *
 *                dwell over, good                          dwell over, good
 *     running ───────────────────► running, next step … ───────────────────► promoted
 *      │   ▲                                behind the last step
 *  bad │   │ good: the dwell begins anew
 *      ▼   │
 *     held ──────────────────────────────────────────► rolled-back
 *                bad for `rollbackAfter`                 ▲
 *     paused ────────────────────────────────────────────┘
 *
 * The time of the dwell counts while the guard is good. `unknown` lets no step pass and holds nothing; when it ends the dwell
 * begins anew. It neither begins nor ends the time for which something is bad: only `good` ends that.
 */
import type { Canary, Rollout } from './rollout.ts';

/** How what must be up fares. `unknown`: something was not seen yet. `bad` says in words what is not up. */
export type Guard =
  | { readonly kind: 'good' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'bad'; readonly what: string };

/** A rollout with what a restart forgets, in steady ms: when its dwell began, and since when something is not up. */
export type Progress = {
  readonly rollout: Rollout;
  readonly dwellFrom: number;
  readonly badSince: number | undefined;
  /** How its guard fared when it was looked at last. */
  readonly guard: Guard['kind'];
};

/** A moment on both clocks, in ms: `wall` since the epoch is for showing alone. */
export type Now = { readonly steady: number; readonly wall: number };

/** A rollout that begins its dwell now. */
export function dwelling(rollout: Rollout, { steady }: Now): Progress {
  return Object.freeze({ rollout, dwellFrom: steady, badSince: undefined, guard: 'unknown' });
}

/** What the guard and time make of a rollout: the very same where nothing changes. */
export function advanced(before: Progress, guard: Guard, now: Now): Progress {
  const { plan } = before.rollout.spec;
  if (plan.kind !== 'canary') return before;
  const progress = noted(before, guard, now);
  const { state } = progress.rollout;
  if (state === 'running') return advancedRun(progress, plan, guard, now);
  if (state === 'held' && guard.kind === 'good') {
    return moved(progress, { state: 'running', why: 'all is up again' }, now);
  }
  return state === 'held' || state === 'paused' ? rolledBack(progress, plan, guard, now) : progress;
}

/** When time alone brings it on, in steady ms; Infinity for never. */
export function dueAt({ rollout, dwellFrom, badSince }: Progress, guard: Guard): number {
  const { spec, state } = rollout;
  if (spec.plan.kind !== 'canary') return Number.POSITIVE_INFINITY;
  if (state === 'running') return guard.kind === 'good' ? dwellFrom + spec.plan.dwellMs : Number.POSITIVE_INFINITY;
  const mayFall = guard.kind === 'bad' && (state === 'held' || state === 'paused');
  return mayFall && badSince !== undefined ? badSince + spec.plan.rollbackAfterMs : Number.POSITIVE_INFINITY;
}

/** Since when it is bad: what is not known is neither the beginning of it nor the end. Time unseen is no part of a dwell. */
function noted(before: Progress, { kind }: Guard, { steady }: Now): Progress {
  const badSince = kind === 'good' ? undefined : kind === 'bad' ? (before.badSince ?? steady) : before.badSince;
  const dwellFrom = kind === 'good' && before.guard === 'unknown' ? steady : before.dwellFrom;
  const isSame = before.guard === kind && before.badSince === badSince && before.dwellFrom === dwellFrom;
  return isSame ? before : Object.freeze({ rollout: before.rollout, dwellFrom, badSince, guard: kind });
}

function advancedRun(progress: Progress, plan: Canary, guard: Guard, now: Now): Progress {
  if (guard.kind === 'bad') return moved(progress, { state: 'held', why: guard.what }, now);
  if (guard.kind === 'unknown' || now.steady < progress.dwellFrom + plan.dwellMs) return progress;
  const step = progress.rollout.step + 1;
  const why = 'all was up for the dwell of the step';
  if (step >= plan.steps.length) return moved(progress, { state: 'promoted', why }, now);
  return moved(progress, { state: 'running', step, why }, now);
}

function rolledBack(progress: Progress, plan: Canary, guard: Guard, now: Now): Progress {
  const { badSince } = progress;
  if (guard.kind !== 'bad' || badSince === undefined || now.steady < badSince + plan.rollbackAfterMs) return progress;
  return moved(progress, { state: 'rolled-back', why: `too long: ${guard.what}` }, now);
}

function moved(
  { rollout, badSince, guard }: Progress,
  to: Pick<Rollout, 'state' | 'why'> & { readonly step?: number },
  { steady, wall }: Now,
): Progress {
  const next = Object.freeze({ ...rollout, ...to, since: wall });
  return Object.freeze({ rollout: next, dwellFrom: steady, badSince, guard });
}
