/**
 * Not fooled by itself: when most of the world seems to fall at once, it is the prober that cannot see. A breaker between
 * what is measured and what is believed.
 *
 *                 more than half of the control targets fail, or
 *                 most clusters lose most of their monitors at once
 *   trusting ─────────────────────────────────────────────────────────► blind
 *      ▲                                                                  │
 *      │   controls: at least half of them good, asked after the opening  │
 *      │   calm: no mass of withheld verdicts any more (without controls) │
 *      │   operator: somebody says so                                     │
 *      └── longest: it has been blind for so long ◄───────────────────────┘
 *
 * Trusting: every verdict passes. Blind: no monitor goes from up to down, nor from unseen to down; such verdicts are
 * withheld, those of the moments before are taken back, and going up is free. Closing says from which moment on failures
 * are believed again: what failed by a probe that began later takes effect at once, what failed before it (by a prober that
 * could not see) with its next failure. `docs/breaker.md` has the reasons.
 *
 * All times are steady, in ms.
 */
import type { MonitorId } from '../desired/model.ts';
import { createMonitorClusters } from './breaker-clusters.ts';
import { type Controls, createControls } from './breaker-controls.ts';
import { cover, isFallen } from './breaker-cover.ts';
import { createFalls, type Fall, type Falls } from './breaker-falls.ts';
import type {
  Breaker,
  BreakerCause,
  BreakerOptions,
  BreakerRelief,
  BreakerStep,
  BreakerView,
  Ruling,
} from './breaker-terms.ts';
import type { MonitorHealth } from './monitor-health.ts';

/** For so many windows after a closing that believed the failures, more of them are no news. */
const REST_WINDOWS = 6;

type Blindness = { readonly cause: BreakerCause; readonly since: number; calmSince: number | undefined };

type State = {
  readonly options: BreakerOptions;
  readonly controls: Controls;
  readonly falls: Falls;
  readonly moved: Set<MonitorId>;
  blindness: Blindness | 'none';
  /** Failures by probes that began earlier are not believed of monitors that are withheld. */
  believedFrom: number;
  /** Until then a mass of falls opens nothing. */
  restUntil: number;
  /** Whether failing controls open it: not again for a failure that was closed over. */
  controlsMay: 'open' | 'nothing';
};

/** A trusting breaker that knows no monitor. */
export function createBreaker(options: BreakerOptions): Breaker {
  const state: State = {
    options,
    controls: createControls(options.controls),
    falls: createFalls(options, createMonitorClusters(options.model)),
    moved: new Set(),
    blindness: 'none',
    believedFrom: Number.NEGATIVE_INFINITY,
    restUntil: Number.NEGATIVE_INFINITY,
    controlsMay: 'open',
  };
  return {
    judge: (step, now) => judge(state, step, now),
    regained: (id, measured, now) => regained(state, id, measured, now),
    cover(id, measured) {
      const fall = state.falls.withheld(id);
      return fall === undefined ? measured : cover(fall.known, measured, options.windowMs / 1000);
    },
    moved() {
      const moved = new Set(state.moved);
      state.moved.clear();
      return moved;
    },
    watch: (monitors) => state.falls.keep(monitors),
    control(result, begun, now) {
      state.controls.take(result, begun);
      heedControls(state, now);
    },
    advance: (now) => advance(state, now),
    nextAt: () => nextAt(state),
    close(now) {
      const { blindness } = state;
      if (blindness === 'none') letThrough(state, Number.NEGATIVE_INFINITY);
      else close(state, 'operator', now);
      return blindness === 'none' ? 'trusting' : 'closed';
    },
    view: (now) => viewOf(state, now),
  };
}

function judge(state: State, step: BreakerStep, now: number): Ruling {
  const { falls, moved } = state;
  const { monitor, shown, measured } = step;
  const { id } = monitor;
  const withheld = falls.withheld(id);
  if (withheld !== undefined) return judgeWithheld(state, withheld, step, now);
  if (!isFallen(measured.state)) {
    if (measured.state !== shown.state) falls.stand(id, measured.state);
    return 'pass';
  }
  const failedAt = failedAtOf(step, Number.NEGATIVE_INFINITY);
  if (isFallen(shown.state)) {
    falls.follow(id, failedAt);
    return 'pass';
  }
  const fall: Fall = { id, known: shown, failedAt, at: now };
  if (state.blindness !== 'none') {
    falls.withhold(fall);
    return 'withhold';
  }
  falls.fall(fall, monitor.intervalMs);
  if (now < state.restUntil || !falls.areMass()) return 'pass';
  open(state, 'mass-flip', now);
  moved.delete(id);
  return 'withhold';
}

/** One more failure of a monitor whose verdict is withheld, or time that went by. */
function judgeWithheld(state: State, fall: Fall, step: BreakerStep, now: number): Ruling {
  fall.failedAt = failedAtOf(step, fall.failedAt);
  if (state.blindness !== 'none' || fall.failedAt < state.believedFrom) return 'withhold';
  // No news that could be a mass, but it is taken back with the rest when control targets fail again.
  state.falls.fall({ ...fall, at: now }, step.monitor.intervalMs);
  return 'pass';
}

function regained(state: State, id: MonitorId, measured: MonitorHealth, now: number): MonitorHealth | undefined {
  const fall = state.falls.withheld(id);
  if (fall === undefined) return undefined;
  const { known } = fall;
  // Held back after a fall that never was: then it is not held back. Who was unseen is known by one good result.
  const isSeenGood = known.state === 'unseen' && measured.last?.outcome.kind === 'success';
  if (measured.state === 'down' && !isSeenGood) return undefined;
  state.falls.stand(id, known.state);
  advance(state, now);
  return known;
}

/** When the probe of a failure began; a success takes back all failures before it; a step of time changes nothing. */
function failedAtOf({ measured, begun }: BreakerStep, before: number): number {
  if (begun === 'none') return before;
  return measured.last?.outcome.kind === 'failure' ? begun : Number.NEGATIVE_INFINITY;
}

function heedControls(state: State, now: number): void {
  const { controls, blindness } = state;
  if (!controls.areFailing()) state.controlsMay = 'open';
  if (blindness === 'none') {
    if (controls.areFailing() && state.controlsMay === 'open') open(state, 'controls', now);
  } else if (controls.areGoodSince(blindness.since)) close(state, 'controls', now);
}

function open(state: State, cause: BreakerCause, now: number): void {
  const { falls, moved, controls, options } = state;
  state.blindness = { cause, since: now, calmSince: undefined };
  state.believedFrom = Number.POSITIVE_INFINITY;
  for (const { id } of falls.withholdAll(now)) moved.add(id);
  options.onTurn?.({ state: 'blind', cause, controls: controls.view() });
}

function close(state: State, relief: BreakerRelief, now: number): void {
  const { falls, controls, blindness, options } = state;
  if (blindness === 'none') return;
  const sound = { controls: controls.soundSince() ?? now, calm: blindness.calmSince ?? now };
  state.blindness = 'none';
  if (relief !== 'calm') state.restUntil = now + REST_WINDOWS * options.windowMs;
  if (controls.areFailing()) state.controlsMay = 'nothing';
  options.onTurn?.({ state: 'trusting', relief, withheld: falls.count() });
  letThrough(state, relief === 'controls' || relief === 'calm' ? sound[relief] : Number.NEGATIVE_INFINITY);
}

/** From now on failures by probes that began at `from` or later are believed. */
function letThrough(state: State, from: number): void {
  const { falls, moved } = state;
  state.believedFrom = from;
  for (const { id, failedAt } of falls.allWithheld()) {
    if (failedAt < from) continue;
    falls.release(id);
    moved.add(id);
  }
}

function advance(state: State, now: number): void {
  const { blindness, falls, controls, options } = state;
  if (blindness === 'none') return;
  if (now >= blindness.since + options.longestMs) {
    close(state, 'longest', now);
  } else if (controls.size === 0) {
    blindness.calmSince = falls.areFew() ? (blindness.calmSince ?? now) : undefined;
    if (blindness.calmSince !== undefined && now >= blindness.calmSince + options.windowMs) close(state, 'calm', now);
  }
}

function nextAt({ blindness, options }: State): number {
  if (blindness === 'none') return Number.POSITIVE_INFINITY;
  const { since, calmSince } = blindness;
  return Math.min(since + options.longestMs, (calmSince ?? Number.POSITIVE_INFINITY) + options.windowMs);
}

function viewOf({ blindness, falls, controls, options }: State, now: number): BreakerView {
  const shown = { withheld: falls.count(), controls: controls.view() };
  if (blindness === 'none') return Object.freeze({ state: 'trusting', ...shown });
  const { cause, since } = blindness;
  const leftMs = Math.max(0, since + options.longestMs - now);
  return Object.freeze({ state: 'blind', cause, forMs: now - since, leftMs, ...shown });
}
