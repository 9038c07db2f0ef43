import type { Monitor } from '../core/desired/model.ts';
import type { ProbeFailure, ProbeResult } from '../core/health/monitor-health.ts';

/** Longest text that a probe result carries about its failure, in characters. */
export const MAX_DETAIL = 200;

/** What a probe is doing: named in the result where the time ran out. */
type ProbePhase = 'connecting' | 'handshaking' | 'waiting for the response';

/** What a probe found out on the way. It is part of the result even where the probe never ends. */
export type Trace = { phase: ProbePhase; certificateDaysLeft?: number };

/** One probe under way: when it has to stop, what it may ask and what it leaves behind. */
export type Flight = {
  /** Aborted when the time is up or the result is no longer wanted. All sockets must be closed then. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly trace: Trace;
};

/** Success, or the stable code of the failure with a short text. */
export type ProbeOutcome = ProbeResult['outcome'];

/**
 * Makes one probe of a monitor. It may reject: `failureOf` finds the code. It leaves no socket open when it settles or
 * when the flight's signal is aborted.
 */
export type ProbeFunction = (monitor: Monitor, flight: Flight) => Promise<ProbeOutcome>;

/** The outcome of a probe that found what it expected. */
export const SUCCESS: ProbeOutcome = Object.freeze({ kind: 'success' });

/** An outcome of failure. The detail may be hostile text: it is made one short printable line. */
export function failed(failure: ProbeFailure, detail: string): ProbeOutcome {
  const line = detail.slice(0, 4 * MAX_DETAIL).replaceAll(/[\p{C}\s]+/gu, ' ');
  return Object.freeze({ kind: 'failure', failure, detail: line.trim().slice(0, MAX_DETAIL) });
}
