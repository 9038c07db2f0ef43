/**
 * What one probe result does to what is believed of its monitor.
 *
 *                      first result succeeds
 *        ┌──────────────────────────────────────────► up ──┐ success: contrary = 0
 *        │                                            ▲ │  │ failure: contrary + 1
 *     unseen                     `rise` successes     │ │ ◄┘
 *        │                       in a row             │ │ `fall` failures
 *        │                                            │ ▼ in a row
 *        └──────────────────────────────────────────► down ┐ failure: contrary = 0
 *                      first result fails               ◄──┘ success: contrary + 1
 *
 * Results of one monitor come one after the other, so their order counts and not the wall clock, which may be set back.
 * A failure of the prober itself (`internal`) says nothing about the target and changes nothing.
 */
import type { Monitor } from '../desired/model.ts';
import type { MonitorHealth, MonitorState, ProbeResult } from './monitor-health.ts';

/** A monitor without any result yet. */
export const UNSEEN: MonitorHealth = Object.freeze({
  state: 'unseen',
  since: 0,
  contrary: 0,
  secondsToChange: Number.POSITIVE_INFINITY,
});

/**
 * What a change of health can touch. `answers`: the state or the time to its next change differs, and with it who is
 * answered or the TTL. `detail`: only what is shown to people (last result, counts).
 */
export type HealthChange = 'nothing' | 'detail' | 'answers';

/** What is believed after one more result. Returns `before` itself where the result is no evidence. */
export function judge(before: MonitorHealth, result: ProbeResult, monitor: Monitor): MonitorHealth {
  if (result.outcome.kind === 'failure' && result.outcome.failure === 'internal') return before;
  const seen = result.outcome.kind === 'success' ? 'up' : 'down';
  if (before.state === 'unseen') return entered(seen, result);
  if (before.state === seen) return settled(before, result);

  const contrary = before.contrary + 1;
  const lacking = thresholdOf(before.state, monitor) - contrary;
  if (lacking <= 0) return entered(seen, result);
  const secondsToChange = (lacking * monitor.intervalMs) / 1000;
  return Object.freeze({ state: before.state, since: before.since, contrary, secondsToChange, last: result });
}

/** How much of a difference lies between two beliefs about one monitor. */
export function changeBetween(before: MonitorHealth, after: MonitorHealth): HealthChange {
  if (before === after) return 'nothing';
  const same = before.state === after.state && before.secondsToChange === after.secondsToChange;
  return same ? 'detail' : 'answers';
}

function entered(state: MonitorState, result: ProbeResult): MonitorHealth {
  return Object.freeze({ ...UNSEEN, state, since: result.at, last: result });
}

function settled(before: MonitorHealth, result: ProbeResult): MonitorHealth {
  return Object.freeze({ ...UNSEEN, state: before.state, since: before.since, last: result });
}

function thresholdOf(state: 'up' | 'down', monitor: Monitor): number {
  return state === 'up' ? monitor.fall : monitor.rise;
}
