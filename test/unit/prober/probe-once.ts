import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import type { Monitor } from '../../../src/core/desired/model.ts';
import type { ProbeResult } from '../../../src/core/health/monitor-health.ts';
import { createProber, type ProberOptions } from '../../../src/prober/prober.ts';

/** A monitor of `http://shop.gslb.example/healthz` at the given address and port. */
export function monitorOf(given: Partial<Monitor> & Pick<Monitor, 'address' | 'port'>): Monitor {
  return {
    id: `${given.protocol ?? 'http'} ${given.address}:${given.port}`,
    protocol: 'http',
    host: 'shop.gslb.example',
    path: '/healthz',
    expect: { kind: 'status', ranges: [[200, 399]] },
    intervalMs: 60_000,
    timeoutMs: 5000,
    rise: 2,
    fall: 3,
    ...given,
  };
}

/** Has a prober of its own make the first probe of the monitor. */
export async function probeOnce(monitor: Monitor, options: Partial<ProberOptions> = {}): Promise<ProbeResult> {
  const prober = createProber({ clock: SYSTEM_CLOCK, ...options });
  const results: ProbeResult[] = [];
  prober.watch([monitor]);
  prober.start((result) => results.push(result));
  await prober.firstRound();
  await prober.close();
  if (results.length !== 1 || results[0] === undefined) throw new Error(`${results.length} results of one probe`);
  return results[0];
}

/** `success`, or the code of the failure. */
export function verdictOf(result: ProbeResult): string {
  return result.outcome.kind === 'success' ? 'success' : result.outcome.failure;
}
