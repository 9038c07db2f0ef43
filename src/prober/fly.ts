import type { Monitor } from '../core/desired/model.ts';
import type { ProbeResult } from '../core/health/monitor-health.ts';
import type { Clock } from '../core/ports.ts';
import { failureOf } from './failure.ts';
import { type Flight, failed, type ProbeFunction, type ProbeOutcome, type Trace } from './probe.ts';

/**
 * Makes one probe and settles when it ended, its time was up, or `landing` was aborted by somebody else: `abandoned`.
 * Never rejects. The time counts from here to the end of the response, whatever the server does in between.
 */
export async function fly(
  monitor: Monitor,
  probe: ProbeFunction,
  clock: Clock,
  landing: AbortController,
): Promise<ProbeResult | 'abandoned'> {
  const { signal } = landing;
  const startedAt = clock.now();
  const trace: Trace = { phase: 'connecting' };
  const cancel = clock.after(monitor.timeoutMs, () => landing.abort('timeout'));
  const outcome = await Promise.race([
    attempt(monitor, probe, { signal, now: () => clock.now(), trace }),
    timeUp(signal, monitor, trace),
  ]);
  cancel();
  if (signal.reason === 'abandoned') return 'abandoned';
  const at = clock.now();
  // A probe that settled in the same moment keeps its sockets no longer than one that did not.
  landing.abort('landed');
  const { certificateDaysLeft } = trace;
  return Object.freeze({
    monitor: monitor.id,
    at,
    durationMs: Math.max(0, at - startedAt),
    ...(certificateDaysLeft === undefined ? {} : { certificateDaysLeft }),
    outcome,
  });
}

async function attempt(monitor: Monitor, probe: ProbeFunction, flight: Flight): Promise<ProbeOutcome> {
  try {
    return await probe(monitor, flight);
  } catch (error) {
    return failureOf(error);
  }
}

function timeUp(signal: AbortSignal, monitor: Monitor, trace: Trace): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const late = (): void => resolve(failed('timeout', `${monitor.timeoutMs} ms were over while ${trace.phase}`));
    signal.addEventListener('abort', late, { once: true });
  });
}
