/**
 * What the control targets say of the prober's own sight. Of each one:
 *
 *                 first result is good                     good
 *        ┌────────────────────────────► good ◄───────────────────────┐
 *      unseen                            │ ▲ good                    │
 *        │                       failure ▼ │            failure      │
 *        │                              doubtful ───────────────► failing ┐ failure
 *        └───────────────────────────────────────────────────────►     ◄──┘
 *                 first result is a failure
 *
 * Blind: more than half of them fail. Sound: at least half of them are good. In between nothing is said.
 */
import type { MonitorId } from '../desired/model.ts';
import type { ProbeFailure, ProbeResult } from './monitor-health.ts';

/** How one control target fares. */
export type ControlState = 'unseen' | 'good' | 'doubtful' | 'failing';

/** One control target, for people. */
export type ControlView = { readonly target: MonitorId; readonly state: ControlState; readonly last?: ProbeResult };

/** All control targets. Times are steady, in ms. */
export type Controls = {
  readonly size: number;
  /** One more result of a probe that began at `begun`. Those of others are passed over; so is what is no evidence. */
  take(result: ProbeResult, begun: number): void;
  areFailing(): boolean;
  /** Whether at least half of them are good by probes that began no earlier than this. False where there are none. */
  areGoodSince(moment: number): boolean;
  /** Since when at least half of them have been good without a break; undefined: they are not. */
  soundSince(): number | undefined;
  view(): readonly ControlView[];
};

/** Failures that are an answer: the target was reached, and what it thinks of our question does not matter. */
const ANSWERS: ReadonlySet<ProbeFailure> = new Set([
  'status',
  'header',
  'body',
  'answer',
  'certificate-name',
  'certificate-expired',
]);

/** Failures that say nothing of the way there: a fault of the prober's own means, or nothing was sent. */
const NO_EVIDENCE: ReadonlySet<ProbeFailure> = new Set(['internal', 'forbidden']);

type Control = { state: ControlState; begun: number; last?: ProbeResult };

/** Control targets by the ids of their monitors, all unseen. */
export function createControls(targets: readonly MonitorId[]): Controls {
  const controls = new Map<MonitorId, Control>(targets.map((id) => [id, { state: 'unseen', begun: 0 }]));
  let soundSince: number | undefined;

  const half = controls.size / 2;
  const count = (state: ControlState, since = Number.NEGATIVE_INFINITY): number =>
    controls.values().reduce((sum, each) => sum + Number(each.state === state && each.begun >= since), 0);
  const areGoodSince = (moment: number): boolean => controls.size > 0 && count('good', moment) >= half;

  return {
    size: controls.size,
    take(result, begun) {
      const control = controls.get(result.monitor);
      const seen = sightOf(result);
      if (control === undefined || seen === 'nothing') return;
      control.state = seen === 'good' ? 'good' : control.state === 'good' ? 'doubtful' : 'failing';
      control.begun = begun;
      control.last = result;
      soundSince = areGoodSince(Number.NEGATIVE_INFINITY) ? (soundSince ?? begun) : undefined;
    },
    areFailing: () => count('failing') > half,
    areGoodSince,
    soundSince: () => soundSince,
    view: () =>
      [...controls].map(([target, { state, last }]) => ({ target, state, ...(last === undefined ? {} : { last }) })),
  };
}

function sightOf({ outcome }: ProbeResult): 'good' | 'failure' | 'nothing' {
  if (outcome.kind === 'success' || ANSWERS.has(outcome.failure)) return 'good';
  return NO_EVIDENCE.has(outcome.failure) ? 'nothing' : 'failure';
}
