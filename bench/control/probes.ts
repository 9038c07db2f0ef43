/** How many probes a second one core makes: the prober as it is, against servers in another thread. */

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { makeCertificates } from '../../examples/gateways/certificates.ts';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import type { Monitor, ProbeProtocol } from '../../src/core/desired/model.ts';
import { createProber } from '../../src/prober/prober.ts';
import { ZONE } from '../world.ts';

/** What one protocol costs. */
export type ProbeFigures = {
  readonly protocol: ProbeProtocol;
  /** Probes that came back in a second, good or bad; the servers had the rest of the machine. */
  readonly perSecond: number;
  /** CPU of the prober's thread per probe. */
  readonly cpuUs: number;
  readonly failures: number;
};

const PROTOCOLS = ['tcp', 'http', 'https'] as const;
/** Enough monitors that the prober always has one to probe. */
const MONITORS = 2000;
const INTERVAL_MS = 100;
const WARM_UP_MS = 500;

/** Measures all protocols, each for some ms. Certificates go into the folder. */
export async function measureProbes(folder: string, ms: number): Promise<readonly ProbeFigures[]> {
  const { certFile, keyFile, caFile } = await makeCertificates(folder, [`*.${ZONE}`]);
  const target = new Worker(new URL('./target.ts', import.meta.url), { workerData: { certFile, keyFile } });
  try {
    const [ports]: Record<string, number>[] = await once(target, 'message');
    const figures: ProbeFigures[] = [];
    for (const protocol of PROTOCOLS) figures.push(await measureOne(protocol, ports?.[protocol] ?? 0, caFile, ms));
    return figures;
  } finally {
    await target.terminate();
  }
}

async function measureOne(protocol: ProbeProtocol, port: number, trustFile: string, ms: number): Promise<ProbeFigures> {
  let results = 0;
  let failures = 0;
  const prober = createProber({ clock: SYSTEM_CLOCK, trustFile });
  prober.watch(Array.from({ length: MONITORS }, (_, index) => monitorOf(protocol, port, index)));
  prober.start(({ outcome }) => {
    results++;
    if (outcome.kind === 'failure') failures++;
  });
  await sleep(WARM_UP_MS);
  results = 0;
  failures = 0;
  const [started, cpu] = [performance.now(), process.threadCpuUsage()];
  await sleep(ms);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.threadCpuUsage(cpu);
  const figures = { protocol, perSecond: results / seconds, cpuUs: (user + system) / Math.max(1, results), failures };
  await prober.close();
  return figures;
}

function monitorOf(protocol: ProbeProtocol, port: number, index: number): Monitor {
  return {
    id: `${protocol}-${index}`,
    protocol,
    address: '127.0.0.1',
    port,
    host: `host-${index}.${ZONE}`,
    path: protocol === 'tcp' ? '' : '/healthz',
    expect: { kind: 'status', ranges: [[200, 399]] },
    intervalMs: INTERVAL_MS,
    timeoutMs: INTERVAL_MS * 50,
    rise: 1,
    fall: 1,
  };
}
