import type { Monitor } from '../core/desired/model.ts';
import type { ProbeResult } from '../core/health/monitor-health.ts';
import type { Clock } from '../core/ports.ts';
import { failureOf } from './failure.ts';
import { type Flight, failed, type ProbeFunction, type ProbeOutcome } from './probe.ts';
import { createTrace, daysUntil, type SeenCertificate, sightOf, type Trace } from './trace.ts';

/** What came of a flight: the result, and the certificate that was seen on it. */
export type Landed = { readonly result: ProbeResult; readonly certificate: SeenCertificate | undefined };

/**
 * Makes one probe and settles when it ended, its time was up, or `landing` was aborted by somebody else: `abandoned`.
 * Never rejects. The time counts from here to the end of the response, whatever the server does in between.
 */
export async function fly(
  monitor: Monitor,
  probe: ProbeFunction,
  clock: Clock,
  landing: AbortController,
): Promise<Landed | 'abandoned'> {
  const { signal } = landing;
  // How long it took is no matter of the wall clock, which may be set meanwhile.
  const steady = (): number => clock.steady?.() ?? clock.now();
  const startedAt = steady();
  const trace = createTrace(steady);
  const cancel = clock.after(monitor.timeoutMs, () => landing.abort('timeout'));
  const outcome = await Promise.race([attempt(monitor, probe, { signal, trace }), timeUp(signal, monitor, trace)]);
  cancel();
  if (signal.reason === 'abandoned') return 'abandoned';
  const at = clock.now();
  const phases = trace.phases();
  const { certificate } = trace;
  const sight = sightOf(trace);
  // A probe that settled in the same moment keeps its sockets no longer than one that did not.
  landing.abort('landed');
  const result = Object.freeze({
    monitor: monitor.id,
    at,
    durationMs: Math.max(0, Math.round(steady() - startedAt)),
    ...(certificate === undefined ? {} : { certificateDaysLeft: daysUntil(certificate.endsAt, at) }),
    ...(phases === undefined ? {} : { phases }),
    ...(sight === undefined ? {} : { sight }),
    outcome,
  });
  return { result, certificate };
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
    const late = (): void => resolve(failed('timeout', `${monitor.timeoutMs} ms were over while ${trace.phase()}`));
    signal.addEventListener('abort', late, { once: true });
  });
}
