import type { MonitorId } from '../desired/model.ts';

/**
 * Why a probe failed: stable codes. `alpn`: the server does not speak HTTP/2 over TLS. `header`, `body`, `answer`: what was
 * expected is not there. `forbidden`: the address is none that may be probed, and was not. `drill`: it was made a failure.
 */
export type ProbeFailure =
  | 'timeout'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'tls'
  | 'certificate-name'
  | 'certificate-expired'
  | 'certificate-untrusted'
  | 'alpn'
  | 'status'
  | 'header'
  | 'body'
  | 'answer'
  | 'protocol'
  | 'forbidden'
  | 'drill'
  | 'internal';

/**
 * How long the phases of a probe took that came to their end, in ms by a steady clock. Those that a protocol does not have
 * are absent. `firstByteMs` runs from the request to the first octet of the response; over HTTP/2 to its header.
 */
export type ProbePhases = {
  readonly connectMs?: number;
  readonly tlsMs?: number;
  readonly firstByteMs?: number;
};

/** What a probe saw of the server beside its verdict; nothing is judged by it. What was not seen is absent. */
export type ProbeSight = {
  /** Of the HTTP response. */
  readonly status?: number;
  /** As OpenSSL names it: `TLSv1.3`. */
  readonly tlsVersion?: string;
  /** End of the server's certificate, in ms since the epoch. */
  readonly certificateEndsAt?: number;
};

/** What one probe found. `at` is when it ended, in ms since the epoch. */
export type ProbeResult = {
  readonly monitor: MonitorId;
  readonly at: number;
  readonly durationMs: number;
  /** Whole days until the server's certificate ends, where one was seen; below 0 it has ended. */
  readonly certificateDaysLeft?: number;
  readonly phases?: ProbePhases;
  readonly sight?: ProbeSight;
  readonly outcome:
    | { readonly kind: 'success' }
    | { readonly kind: 'failure'; readonly failure: ProbeFailure; readonly detail: string };
};

/**
 * What is believed of a monitor. `unseen`: not probed yet: nothing is known, which is not the same as down. `degraded`: up,
 * but slow or with a certificate that ends soon. `held`: measured good again and kept from traffic for a while.
 */
export type MonitorState = 'unseen' | 'up' | 'degraded' | 'held' | 'down';

/** All states of a monitor. */
export const MONITOR_STATES = ['up', 'degraded', 'held', 'down', 'unseen'] as const satisfies readonly MonitorState[];

/**
 * Why a state is what it is, where that is not plain. Held by `failback` (a delay), `operator` (who is waited for) or
 * `flapping`; degraded by `latency` or `certificate`; `failover-delay`: it fell, and is still taken as up for a while.
 */
export type StateReason = 'failback' | 'operator' | 'flapping' | 'latency' | 'certificate' | 'failover-delay';

/** The load that a cluster has, and its capacity, in the same unit. */
type LoadFigures = { readonly rate: number; readonly capacity: number };

/** What is believed of one monitor. */
export type MonitorHealth = {
  readonly state: MonitorState;
  /** When the state began, in ms since the epoch; 0 while unseen. */
  readonly since: number;
  /** Results that speak against the state; only those in a row, where nothing else is asked. */
  readonly contrary: number;
  /**
   * Seconds until who is answered may change at the earliest, as was known when this was written: results that still lack,
   * times the interval; at a time that is set, the largest power of two below what is left.
   */
  readonly secondsToChange: number;
  readonly reason?: StateReason;
  /** How many of `ALL_BUCKETS` of the clients it may get, from 1; absent: all. */
  readonly admits?: number;
  /** The level, 1–7, of how long it has stood still (`stillness.ts`); absent: 0, or nobody asks for it. */
  readonly stillness?: number;
  /** Absent: fresh. `stale`: no result for several intervals; the state is what was believed then. */
  readonly freshness?: 'stale';
  /** Absent: it is probed on its own interval. `idle`: less often, as nobody asks for its hostnames. */
  readonly pace?: 'idle';
  readonly last?: ProbeResult;
  /** Of a monitor that tells a load, which is `up` where that is known: what `admits` follows from. */
  readonly load?: LoadFigures;
  /** What is measured instead, where the breaker does not let it take effect: all the rest is as it was before. */
  readonly withheld?: MonitorHealth;
};

/** Now: by the steady time that judgement goes by, and as people tell it; both in ms. */
export type Moment = {
  /** Whole, since some start; never goes back. */
  readonly steady: number;
  /** Since the epoch. */
  readonly wall: number;
};
