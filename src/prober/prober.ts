import type { Finding } from '../core/desired/finding.ts';
import type { ProbeProtocol } from '../core/desired/model.ts';
import type { ProbeResult } from '../core/health/monitor-health.ts';
import type { Clock, Prober } from '../core/ports.ts';
import { fly } from './fly.ts';
import { probeGrpc } from './grpc.ts';
import { createHttpProbe } from './http.ts';
import type { ProbeFunction } from './probe.ts';
import { createSchedule } from './schedule.ts';
import { probeTcp } from './tcp.ts';
import { createTrust } from './trust.ts';

/** Probes under way at the same time where the options name no other number. */
const DEFAULT_CONCURRENCY = 256;

/** What the prober needs. */
export type ProberOptions = {
  readonly clock: Clock;
  /** PEM certificates that HTTPS probes trust beside the roots of the system. */
  readonly trustFile?: string | undefined;
  /** Most probes under way at the same time, from 1. Default 256. */
  readonly concurrency?: number;
  /** Numbers from [0, 1) that shift each probe a little. Default `Math.random`. */
  readonly jitter?: () => number;
  /** Probe functions that take the place of the real ones. */
  readonly probes?: Partial<Readonly<Record<ProbeProtocol, ProbeFunction>>>;
  /** All findings of the prober, whenever they change. */
  readonly onFindings?: ((findings: readonly Finding[]) => void) | undefined;
};

/**
 * Makes the prober. A monitor is probed at once when it is new and then on its interval; a probe of a monitor that is no
 * longer watched is abandoned without a result. The sink must not throw.
 */
export function createProber(options: ProberOptions): Prober {
  const { clock } = options;
  let closed = false;
  const trust = createTrust({
    file: options.trustFile,
    now: () => clock.now(),
    onFindings(findings) {
      if (!closed) options.onFindings?.(findings);
    },
  });
  const http = createHttpProbe(() => trust.context());
  const probes = { http, https: http, tcp: probeTcp, grpc: probeGrpc, ...options.probes };
  let sink: ((result: ProbeResult) => void) | undefined;

  const schedule = createSchedule({
    clock,
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    jitter: () => options.jitter?.() ?? Math.random(),
    async fly(monitor, landing) {
      const result = await fly(monitor, probes[monitor.protocol], clock, landing);
      if (result !== 'abandoned') sink?.(result);
    },
  });

  return {
    watch: (monitors) => schedule.replace(monitors),
    start(to) {
      sink = to;
      schedule.start();
    },
    firstRound: () => schedule.firstRound(),
    close() {
      closed = true;
      sink = undefined;
      return schedule.close();
    },
  };
}
