/**
 * What is believed of a monitor that is a number: good on one side of a threshold, bad (`down` or `degraded`) beyond it.
 *
 *                     first number decides
 *     unseen ──────────────────────────────► good ◄───────────── bad
 *        ▲                                    │   `for` numbers    ▲
 *        │                                    └───in a row─────────┘
 *        └── `MIN_MISSES` questions in a row without a number
 *
 * A question without a number says nothing about what is measured, so it never makes anything bad; and as one lost answer
 * must not move clients, what was seen last stands for a while.
 */
import type { GaugeSpec, MonitorId } from '../desired/model.ts';
import type { Moment, MonitorHealth } from './monitor-health.ts';
import { UNSEEN } from './told.ts';

/** Fewest questions in a row without a number after which nothing is believed any more. */
const MIN_MISSES = 3;

/**
 * Why a question gave no number: stable codes. `refused`: the server does not take the expression. `not-one`: there is no
 * value, or several. `not-a-number`: the value is none. `credentials`: a file that it takes to ask was never read.
 */
export type GaugeFailure =
  | 'timeout'
  | 'unreachable'
  | 'redirect'
  | 'status'
  | 'too-large'
  | 'malformed'
  | 'refused'
  | 'not-one'
  | 'not-a-number'
  | 'credentials';

/** What one question gave. `at` is when it ended, in ms since the epoch. */
export type GaugeReading = {
  readonly monitor: MonitorId;
  readonly at: number;
  readonly outcome:
    | { readonly kind: 'value'; readonly value: number }
    | { readonly kind: 'failure'; readonly failure: GaugeFailure; readonly detail: string };
};

/** How a gauge stands. */
export type GaugeStanding = {
  readonly health: MonitorHealth;
  /** Questions in a row without a number. */
  readonly misses: number;
  readonly last: GaugeReading | undefined;
};

/** Nothing was read. */
export const NEVER_READ: GaugeStanding = Object.freeze({ health: UNSEEN, misses: 0, last: undefined });

/** After one more question. What is believed is the very same where nothing of it is different. */
export function gauged(before: GaugeStanding, reading: GaugeReading, spec: GaugeSpec, now: Moment): GaugeStanding {
  const { outcome } = reading;
  if (outcome.kind === 'failure') {
    const misses = before.misses + 1;
    return Object.freeze({ health: misses < MIN_MISSES ? before.health : UNSEEN, misses, last: reading });
  }
  const state = isBeyond(outcome.value, spec) ? spec.means : 'up';
  return Object.freeze({ health: counted(before.health, state, spec, now), misses: 0, last: reading });
}

function isBeyond(value: number, { above, below }: GaugeSpec): boolean {
  return above === undefined ? below !== undefined && value < below : value > above;
}

function counted(before: MonitorHealth, seen: MonitorHealth['state'], spec: GaugeSpec, now: Moment): MonitorHealth {
  const { state, since } = before;
  if (state === seen) return before.contrary === 0 ? before : Object.freeze({ ...UNSEEN, state, since });
  const contrary = before.contrary + 1;
  const lacking = spec.runs - contrary;
  if (state === 'unseen' || lacking <= 0) return Object.freeze({ ...UNSEEN, state: seen, since: now.wall });
  return Object.freeze({ state, since, contrary, secondsToChange: (lacking * spec.intervalMs) / 1000 });
}
