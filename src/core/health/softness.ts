/**
 * Soft states: it works, and one would rather have another.
 *
 *     good ── median of the last 5 successful probes above `degraded-latency` ─► slow
 *          ◄───────────── median at most 80 % of it ────────────────────────────
 *
 *     good ── the newest successful probe that saw one: fewer days left than `degraded-certificate-days` ─► ending
 *          ◄── so many days or more ─────────────────────────────────────────────────────────────────────
 *
 * One of the two makes it degraded. Failures say nothing here: how long a refusal or a timeout takes is no latency. Once it is
 * down both are good and the durations forgotten.
 */
import type { Monitor } from '../desired/model.ts';
import type { ProbeResult } from './monitor-health.ts';

/** How many durations the median is one of. */
const DURATIONS = 5;
/** The fraction of the threshold to which the median must come back. */
const RELIEF = 0.8;

/** What makes a monitor degraded, if anything. */
export type Softness = {
  /** Of the last successful probes, in ms, the newest last. */
  readonly durations: readonly number[];
  readonly pace: 'good' | 'slow';
  readonly certificate: 'good' | 'ending';
};

/** Nothing speaks against it. */
export const NO_SOFTNESS: Softness = Object.freeze({ durations: Object.freeze([]), pace: 'good', certificate: 'good' });

/** What one more result adds. Returns `before` itself where that is nothing. */
export function softened(before: Softness, result: ProbeResult, { judgement, timeoutMs }: Monitor): Softness {
  if (judgement === undefined || result.outcome.kind === 'failure') return before;
  const { degradedLatencyMs: limit, degradedCertificateDays: days } = judgement;
  const { durationMs, certificateDaysLeft: left } = result;
  // A wall clock that is set meanwhile makes durations that no probe can have.
  const isTime = durationMs >= 0 && durationMs <= timeoutMs;
  const durations = limit > 0 && isTime ? [...before.durations, durationMs].slice(-DURATIONS) : before.durations;
  const certificate = left === undefined ? before.certificate : left < days ? 'ending' : 'good';
  if (durations === before.durations && certificate === before.certificate) return before;
  return Object.freeze({ durations, pace: paceOf(before.pace, durations, limit), certificate });
}

function paceOf(before: Softness['pace'], durations: readonly number[], limit: number): Softness['pace'] {
  // Of fewer than five one slow probe may be the median.
  if (durations.length < DURATIONS) return before;
  const median = durations.toSorted((a, b) => a - b)[(DURATIONS - 1) / 2]!;
  if (before === 'slow') return median <= limit * RELIEF ? 'good' : 'slow';
  return median > limit ? 'slow' : 'good';
}
