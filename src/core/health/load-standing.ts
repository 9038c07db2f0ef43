/**
 * What is known of the load of a cluster, and the share that follows from it (`load.ts`) and from time.
 *
 *               report                      `expires` without a report, or
 *     never ──────────────► known            `MIN_MISSES` questions without a number
 *     all                   by `load.ts` ────────────────────────────────────► lost
 *                             ▲                                                 │ a step each `BLIND_STEP_MS`
 *                             └──────────────── report ─────────────────────────┤
 *                                                                               ▼
 *                                                                              all
 *
 * A cluster whose load nobody knows sheds nobody for long: who measures may be gone while the cluster has room. It is in steps
 * so that one that is still full is not run over. Time is steady time. Nothing is kept over a restart.
 */
import { controlled, isMoving, type LoadControl, returned, UNLOADED } from './load.ts';
import type { Moment, MonitorHealth } from './monitor-health.ts';
import { outlook } from './outlook.ts';
import { ALL_BUCKETS } from './slow-start.ts';
import { UNSEEN } from './told.ts';

/** Fewest questions in a row without a number after which a load is not known any more. */
const MIN_MISSES = 3;
/** From one step back to the next while the load is not known, in ms. */
const BLIND_STEP_MS = 10_000;

/** A load as it was reported. */
export type LoadReport = {
  /** In the unit of the capacity; finite and not below 0. */
  readonly rate: number;
  /** Whose token it came with; empty: it was asked for. */
  readonly by: string;
  /** How long it counts, in ms; Infinity where questions without a number end it. */
  readonly expiresMs: number;
};

/** How the load of a cluster stands. */
export type LoadStanding = {
  readonly freshness: 'never' | 'known' | 'lost';
  /** What steering and people read of it. */
  readonly health: MonitorHealth;
  readonly control: LoadControl;
  /** The last report, and when it came, in ms since the epoch and in steady ms. */
  readonly last: (LoadReport & { readonly at: number; readonly steady: number }) | undefined;
  /** Questions in a row without a number. */
  readonly misses: number;
  /** When time alone changes something, in steady ms; Infinity for never. */
  readonly dueAt: number;
};

/** Nothing was reported. */
export const NO_LOAD: LoadStanding = Object.freeze({
  freshness: 'never',
  health: UNSEEN,
  control: UNLOADED,
  last: undefined,
  misses: 0,
  dueAt: Number.POSITIVE_INFINITY,
});

/** After a report. Without a capacity nothing can be said of it: it counts as no load at all. */
export function reported(
  before: LoadStanding,
  report: LoadReport,
  capacity: number | undefined,
  now: Moment,
): LoadStanding {
  const control = controlled(before.control, capacity === undefined ? 0 : report.rate / capacity);
  const since = before.freshness === 'known' ? before.health.since : now.wall;
  // Who pushes has no interval that we know: the next report is as far off as the last one was.
  const gapMs = before.last === undefined ? report.expiresMs : now.steady - before.last.steady;
  const seconds = isMoving(control) ? outlook(gapMs) : Number.POSITIVE_INFINITY;
  const health = { ...UNSEEN, state: 'up', since, secondsToChange: seconds } as const;
  return Object.freeze({
    freshness: 'known',
    health: Object.freeze({
      ...health,
      ...admitting(control),
      ...(capacity === undefined ? {} : { load: Object.freeze({ rate: report.rate, capacity }) }),
    }),
    control,
    last: Object.freeze({ ...report, at: now.wall, steady: now.steady }),
    misses: 0,
    dueAt: now.steady + report.expiresMs,
  });
}

/** After a question without a number. */
export function missed(before: LoadStanding, now: Moment): LoadStanding {
  const misses = before.misses + 1;
  if (before.freshness !== 'known' || misses < MIN_MISSES) return Object.freeze({ ...before, misses });
  return lost({ ...before, misses }, before.control, now.steady + BLIND_STEP_MS);
}

/** After the time until now. `before` itself where nothing is over. */
export function elapsed(before: LoadStanding, now: Moment): LoadStanding {
  if (before.dueAt > now.steady) return before;
  if (before.freshness === 'known') return elapsed(lost(before, before.control, before.dueAt + BLIND_STEP_MS), now);
  // As many steps as came due: at most as many as there are.
  let { control, dueAt } = before;
  while (dueAt <= now.steady && control.share < ALL_BUCKETS) {
    control = returned(control);
    dueAt += BLIND_STEP_MS;
  }
  return lost(before, control, dueAt);
}

function lost(before: LoadStanding, control: LoadControl, nextAt: number): LoadStanding {
  const isBack = control.share === ALL_BUCKETS;
  const health = { ...UNSEEN, secondsToChange: isBack ? Number.POSITIVE_INFINITY : outlook(BLIND_STEP_MS) };
  return Object.freeze({
    ...before,
    freshness: 'lost',
    health: Object.freeze({ ...health, ...admitting(control) }),
    control,
    dueAt: isBack ? Number.POSITIVE_INFINITY : nextAt,
  });
}

function admitting({ share }: LoadControl): { readonly admits?: number } {
  return share === ALL_BUCKETS ? {} : { admits: share };
}
