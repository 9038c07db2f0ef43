import type { Monitor, MonitorId } from '../desired/model.ts';
import type { WatchedModel } from './breaker-clusters.ts';
import type { ControlView } from './breaker-controls.ts';
import type { MonitorHealth, ProbeResult } from './monitor-health.ts';

/** When the breaker opens and closes. */
export type BreakerSettings = {
  /** More than this share (0–1) of a cluster's monitors is most of them, and so for clusters. 1: never. */
  readonly share: number;
  /** Falls within this time of each other are at once, in ms; for monitors with a longer interval, within that. */
  readonly windowMs: number;
  /** Fewer monitors than this are no mass. */
  readonly atLeast: number;
  /** After so long what is measured is believed, whatever it is, in ms. */
  readonly longestMs: number;
};

/** What the breaker needs. */
export type BreakerOptions = BreakerSettings & {
  /** Ids of the control targets' monitors. */
  readonly controls: readonly MonitorId[];
  /** The model in force: its endpoints tell which clusters a monitor speaks for. */
  readonly model: () => WatchedModel;
  /** Told when it opened or closed, before anything is made of it. */
  readonly onTurn?: ((turn: BreakerTurn) => void) | undefined;
};

/** Why it opened. */
export type BreakerCause = 'mass-flip' | 'controls';

/** Why it closed. */
export type BreakerRelief = 'controls' | 'calm' | 'operator' | 'longest';

/** A breaker that never opens. */
export const UNBROKEN: BreakerOptions = Object.freeze({
  share: 1,
  windowMs: 1,
  atLeast: Number.POSITIVE_INFINITY,
  longestMs: 0,
  controls: [],
  model: () => ({ hostnames: [] }),
});

/** It opened, or it closed with so many verdicts withheld. */
export type BreakerTurn =
  | { readonly state: 'blind'; readonly cause: BreakerCause; readonly controls: readonly ControlView[] }
  | { readonly state: 'trusting'; readonly relief: BreakerRelief; readonly withheld: number };

/** The breaker for people. `forMs`: how long it has been so; `leftMs`: until it closes by itself at the latest. */
export type BreakerView = {
  readonly withheld: number;
  readonly controls: readonly ControlView[];
} & (
  | { readonly state: 'trusting' }
  | { readonly state: 'blind'; readonly cause: BreakerCause; readonly forMs: number; readonly leftMs: number }
);

/** When the probe behind a step began, in steady ms; `none`: time alone made the step. */
export type Begun = number | 'none';

/** One step of a monitor: what was shown of it, and what is measured now. */
export type BreakerStep = {
  readonly monitor: Pick<Monitor, 'id' | 'intervalMs'>;
  readonly shown: MonitorHealth;
  readonly measured: MonitorHealth;
  readonly begun: Begun;
};

/** What becomes of a step: what is measured is believed, or not yet. */
export type Ruling = 'pass' | 'withhold';

/** See `breaker.ts`. Whoever keeps the beliefs asks it for each step, and shows what `cover` makes of what is measured. */
export type Breaker = {
  judge(step: BreakerStep, now: number): Ruling;
  /**
   * What a monitor was before its fall, where that is withheld and the last result takes it back: the fall never was, and
   * what a return costs (a hold, a slow start) is not due. Asked before the step is judged; it is withheld no more then.
   */
  regained(id: MonitorId, measured: MonitorHealth, now: number): MonitorHealth | undefined;
  /** What is shown of a monitor of which this is measured: the same, unless it is withheld. */
  cover(id: MonitorId, measured: MonitorHealth): MonitorHealth;
  /** The monitors of which something else is shown since this was asked last, because it opened or closed. */
  moved(): ReadonlySet<MonitorId>;
  /** Forgets the monitors that are not watched any more. */
  watch(monitors: { has(id: MonitorId): boolean }): void;
  /** One more result of a control target. */
  control(result: ProbeResult, begun: number, now: number): void;
  /** Does what is due. */
  advance(now: number): void;
  /** When something is due; Infinity: nothing. */
  nextAt(): number;
  /** An operator says that the measurement is right, also of what still waits for a result. `trusting`: it was closed. */
  close(now: number): 'closed' | 'trusting';
  view(now: number): BreakerView;
};
