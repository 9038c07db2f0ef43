import type { MonitorId } from '../desired/model.ts';

/** Why a probe failed: stable codes. */
export type ProbeFailure =
  | 'timeout'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'tls'
  | 'certificate-name'
  | 'certificate-expired'
  | 'certificate-untrusted'
  | 'status'
  | 'body'
  | 'protocol'
  | 'internal';

/** What one probe found. `at` is when it ended, in ms since the epoch. */
export type ProbeResult = {
  readonly monitor: MonitorId;
  readonly at: number;
  readonly durationMs: number;
  /** Whole days until the server's certificate ends, where one was seen; below 0 it has ended. */
  readonly certificateDaysLeft?: number;
  readonly outcome:
    | { readonly kind: 'success' }
    | { readonly kind: 'failure'; readonly failure: ProbeFailure; readonly detail: string };
};

/** `unseen`: not probed yet: nothing is known, which is not the same as down. */
export type MonitorState = 'unseen' | 'up' | 'down';

/** What is believed of one monitor. */
export type MonitorHealth = {
  readonly state: MonitorState;
  /** When the state began, in ms since the epoch; 0 while unseen. */
  readonly since: number;
  /** Results in a row that speak against the state. */
  readonly contrary: number;
  /** Results in a row that still lack for a change, times the interval, in seconds. */
  readonly secondsToChange: number;
  readonly last?: ProbeResult;
};
