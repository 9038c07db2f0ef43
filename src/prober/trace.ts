import type { ProbePhases, ProbeSight } from '../core/health/monitor-health.ts';

/** What a probe is doing: named in the result where the time ran out. */
type ProbePhase = 'connecting' | 'handshaking' | 'waiting for the response' | 'reading the response';

/** What a probe found out on the way. It is part of the result even where the probe never ends. */
export type Trace = {
  phase(): ProbePhase;
  /** Ends the phase that it is in and begins another; to enter the same again begins it anew. */
  enter(phase: ProbePhase): void;
  /** Of the phases that have ended; undefined where none has. */
  phases(): ProbePhases | undefined;
  /** The server's certificate, where one was seen. */
  certificate?: SeenCertificate;
  /** Of the HTTP response. */
  status?: number;
  /** As OpenSSL names it. */
  tlsVersion?: string;
};

const DAY_MS = 86_400_000;

/** A server's certificate: its SHA-256 fingerprint, and its end in ms since the epoch. */
export type SeenCertificate = { readonly fingerprint: string; readonly endsAt: number };

/** What a trace holds of the server; undefined where it saw nothing. */
export function sightOf({ status, tlsVersion, certificate }: Trace): ProbeSight | undefined {
  if (status === undefined && tlsVersion === undefined && certificate === undefined) return undefined;
  return Object.freeze({
    ...(status === undefined ? {} : { status }),
    ...(tlsVersion === undefined ? {} : { tlsVersion }),
    ...(certificate === undefined ? {} : { certificateEndsAt: certificate.endsAt }),
  });
}

/** Whole days until then; below 0 after it. */
export function daysUntil(endsAt: number, now: number): number {
  return Math.floor((endsAt - now) / DAY_MS);
}

const TIMED: Readonly<Record<ProbePhase, keyof ProbePhases | undefined>> = {
  connecting: 'connectMs',
  handshaking: 'tlsMs',
  'waiting for the response': 'firstByteMs',
  'reading the response': undefined,
};

/** A trace that is about to connect; a phase that was never entered is not timed. `steady` counts ms, never set back. */
export function createTrace(steady: () => number): Trace {
  let phase: ProbePhase = 'connecting';
  let since: number | undefined;
  let found: { -readonly [K in keyof ProbePhases]: ProbePhases[K] } | undefined;
  return {
    phase: () => phase,
    enter(next) {
      const now = steady();
      const key = TIMED[phase];
      if (next !== phase && key !== undefined && since !== undefined) {
        // Microseconds are enough for people and metrics.
        found = { ...found, [key]: Math.round((now - since) * 1000) / 1000 };
      }
      phase = next;
      since = now;
    },
    phases: () => found && Object.freeze(found),
  };
}
