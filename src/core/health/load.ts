/**
 * How many of its clients a cluster takes, by how full it is: `ratio` is its load by its capacity. Each report leads on by one
 * arrow at most.
 *
 *           ratio > 1: share / ratio, at once                ratio > 1 still, and it does not fall any more
 *     all ───────────────────────────────────────► shed ─────────────────────────────────────────────► share / ratio
 *      ▲                                            │  ▲
 *      │ all of it again                            │  │ ratio from `IDLE` to 1: stays
 *      │                                            ▼  │
 *      └──────────────────────────────────────── returning: a step, when the last one is seen in the load
 *                                                (ratio < `IDLE`)
 *
 * What keeps it from swinging: the load that comes right after a change was measured before it and says nothing of it; a load
 * that still falls after a cut has that cut to thank for it, so only what comes on top of it is cut anew; and no step back
 * is larger than what would fill the cluster to the middle between `IDLE` and 1.
 */
import { ALL_BUCKETS } from './slow-start.ts';

/** The least share that a cluster keeps, in `ALL_BUCKETS`: a sixteenth. It tells when there is room again. */
export const LEAST_SHARE = 16;
/** Largest step of a share back to all, in `ALL_BUCKETS`: a sixteenth. */
export const LARGEST_STEP = 16;
/** Below this ratio a cluster has room for more. */
const IDLE = 0.85;
/** The ratio that steps back are made for. */
const AIM = 0.925;
/** A ratio that changes by less than this part of itself from report to report is settled. */
const SETTLED = 0.03;
/** Most reports that a step back waits for a ratio that does not settle. */
const PATIENCE = 8;

/** A share and what is remembered of how it came about. */
export type LoadControl = {
  /** Of the clients, in whole `ALL_BUCKETS`: from `LEAST_SHARE` to all. */
  readonly share: number;
  /** As it was reported last. */
  readonly ratio: number;
  /** The ratio that the last change was a cut for; 0 where it was none. */
  readonly answered: number;
  /** Reports since the last change, at most `PATIENCE`. */
  readonly waited: number;
};

/** All clients, and nothing reported. */
export const UNLOADED: LoadControl = Object.freeze({ share: ALL_BUCKETS, ratio: 0, answered: 0, waited: PATIENCE });

/** After one more report; `ratio` is finite and not below 0. */
export function controlled(before: LoadControl, ratio: number): LoadControl {
  const share = ratio > 1 ? lowered(before, ratio) : ratio < IDLE ? raised(before, ratio) : before.share;
  if (share === before.share) {
    return Object.freeze({ ...before, ratio, waited: Math.min(PATIENCE, before.waited + 1) });
  }
  return Object.freeze({ share, ratio, answered: share < before.share ? ratio : 0, waited: 0 });
}

/** One step back to all, where nothing is known of the load. What was remembered is forgotten. */
export function returned({ share }: LoadControl): LoadControl {
  return Object.freeze({ ...UNLOADED, share: Math.min(ALL_BUCKETS, share + LARGEST_STEP) });
}

/** Whether the next report may well bring another share: it is over its capacity, or has room for those whom it sheds. */
export function isMoving({ share, ratio }: LoadControl): boolean {
  return ratio > 1 ? share > LEAST_SHARE : ratio < IDLE && share < ALL_BUCKETS;
}

function lowered({ share, ratio: last, answered, waited }: LoadControl, ratio: number): number {
  const isAnswered = answered > 0 && (waited === 0 || ratio < last * (1 - SETTLED));
  const excess = isAnswered ? Math.max(1, ratio / answered) : ratio;
  return Math.max(LEAST_SHARE, Math.floor(share / excess));
}

function raised({ share, ratio: last, waited }: LoadControl, ratio: number): number {
  if (share === ALL_BUCKETS || waited === 0) return share;
  const isSettled = Math.abs(ratio - last) <= SETTLED * last;
  if (!isSettled && waited < PATIENCE) return share;
  const wanted = Math.floor(share * (AIM / ratio - 1));
  return Math.min(ALL_BUCKETS, share + Math.max(1, Math.min(LARGEST_STEP, wanted)));
}
