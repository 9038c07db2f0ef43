import type { SecureContext } from 'node:tls';
import type { Monitor } from '../core/desired/model.ts';
import type { ProbeFailure, ProbeResult } from '../core/health/monitor-health.ts';
import type { HeadersFor } from './request-headers.ts';
import type { Trace } from './trace.ts';

/** Longest text that a probe result carries about its failure, in characters. */
export const MAX_DETAIL = 200;

/** One probe under way: when it has to stop, what it may ask and what it leaves behind. */
export type Flight = {
  /** Aborted when the time is up or the result is no longer wanted. All sockets must be closed then. */
  readonly signal: AbortSignal;
  readonly trace: Trace;
};

/** What probes are made with. */
export type ProbeMeans = {
  /** Whom TLS probes believe. */
  readonly secureContext: () => Promise<SecureContext>;
  /** What a request to a host sends beside the probe's own headers; see `HeadersFor`. */
  readonly headersFor: HeadersFor;
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
