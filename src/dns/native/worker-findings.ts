import { type Finding, finding } from '../../core/desired/finding.ts';
import type { DnsListener } from '../../core/dns-ports.ts';

/** What is to be known of workers that do not run: one finding for each address that has any. */
export function workerFindings(listeners: readonly DnsListener[]): readonly Finding[] {
  return listeners.flatMap(({ address, workers: { restarting, failed, running, starting } }) => {
    const down = restarting + failed;
    if (down === 0) return [];
    const states = [restarting > 0 ? `${restarting} restarting` : '', failed > 0 ? `${failed} failed` : ''];
    const message =
      `${down} of ${down + running + starting} DNS workers do not run (${states.filter(Boolean).join(', ')}): ` +
      'the portable engine, which is slower, answers in their place';
    const origin = { file: `DNS on ${address.host} port ${address.port}` };
    return [finding('dns-worker-down', origin, message, '"azimuth status" and the log tell why they ended')];
  });
}
