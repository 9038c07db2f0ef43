import { isControlTarget } from '../core/desired/control-targets.ts';
import type { Finding } from '../core/desired/finding.ts';
import type { Monitor, ProbeProtocol } from '../core/desired/model.ts';
import type { ProbeResult } from '../core/health/monitor-health.ts';
import type { Clock, Prober } from '../core/ports.ts';
import { createCertificateBook } from './certificate-book.ts';
import { probeDns } from './dns.ts';
import { createFindingParts } from './finding-parts.ts';
import { fly } from './fly.ts';
import { createGrpcProbe } from './grpc.ts';
import { createH2Probe } from './h2.ts';
import { createHeaderFiles, type HeaderSource } from './header-files.ts';
import { createHttpProbe } from './http.ts';
import { failed, type ProbeFunction, type ProbeMeans } from './probe.ts';
import type { Ending } from './retries.ts';
import { createSchedule } from './schedule.ts';
import { probeTcp } from './tcp.ts';
import { createTlsProbe } from './tls.ts';
import { createTrust } from './trust.ts';

/** How long before its end a certificate is worth a word where the options name no other time, in ms: 14 days. */
const DEFAULT_CERTIFICATE_WARNING_MS = 1_209_600_000;
/** Probes that are busy at the same time where the options name no other number. */
const DEFAULT_CONCURRENCY = 256;

/** What the prober needs. */
export type ProberOptions = {
  readonly clock: Clock;
  /** PEM certificates that HTTPS probes trust beside the roots of the system. */
  readonly trustFile?: string | undefined;
  /** Headers that requests to some hosts have beside the probes' own. Default none. */
  readonly headers?: readonly HeaderSource[];
  /** How long before its end a certificate is a finding, in ms; 0: never. Default 14 days. */
  readonly certificateWarningMs?: number;
  /** Says why a monitor may not be probed; it is then `forbidden`, without a packet sent. Default: all may. */
  readonly refusal?: (monitor: Monitor) => string | undefined;
  /** Most probes at the same time, from 1; more by those that only wait for a silent server. Default 256. */
  readonly concurrency?: number;
  /** See `ScheduleOptions`. */
  readonly onStart?: ((lateMs: number) => void) | undefined;
  readonly onMissed?: ((slots: number) => void) | undefined;
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
  const now = (): number => clock.now();
  const findings = createFindingParts((all) => options.onFindings?.(all));
  const trust = createTrust({ file: options.trustFile, now, onFindings: findings.part() });
  const headersFor = createHeaderFiles({ sources: options.headers ?? [], now, onFindings: findings.part() });
  const certificates = createCertificateBook({
    clock,
    warningMs: options.certificateWarningMs ?? DEFAULT_CERTIFICATE_WARNING_MS,
    onFindings: findings.part(),
  });
  const probes = { ...realProbes({ secureContext: () => trust.context(), headersFor }), ...options.probes };
  let sink: ((result: ProbeResult) => void) | undefined;

  const schedule = createSchedule({
    clock,
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    jitter: () => options.jitter?.() ?? Math.random(),
    onStart: options.onStart,
    onMissed: options.onMissed,
    async fly(monitor, landing) {
      const refusal = options.refusal?.(monitor);
      const probe = refusal === undefined ? probes[monitor.protocol] : refusing(monitor, refusal);
      const landed = await fly(monitor, probe, clock, landing);
      if (landed === 'abandoned') return 'unknown';
      const { certificate } = landed;
      if (certificate !== undefined && !isControlTarget(monitor.id)) certificates.take(monitor, certificate);
      sink?.(landed.result);
      return endingOf(landed.result);
    },
  });

  return {
    watch(monitors) {
      certificates.keep(monitors);
      schedule.replace(monitors);
    },
    pace: (changes) => schedule.pace(changes),
    start(to) {
      sink = to;
      schedule.start();
    },
    firstRound: () => schedule.firstRound(),
    close() {
      findings.close();
      certificates.close();
      sink = undefined;
      return schedule.close();
    },
  };
}

/** As it is judged: what the prober failed at by itself, or did not do, says nothing. */
function endingOf({ outcome }: ProbeResult): Ending {
  if (outcome.kind === 'success') return 'success';
  return outcome.failure === 'internal' || outcome.failure === 'forbidden' ? 'unknown' : 'failure';
}

/** A probe that is not made. */
function refusing({ address }: Monitor, refusal: string): ProbeFunction {
  return async () => failed('forbidden', `${address} is ${refusal}`);
}

function realProbes(means: ProbeMeans): Readonly<Record<ProbeProtocol, ProbeFunction>> {
  const http = createHttpProbe(means);
  const grpc = createGrpcProbe(means);
  return {
    http,
    https: http,
    h2: createH2Probe(means),
    tcp: probeTcp,
    tls: createTlsProbe(means),
    grpc,
    grpcs: grpc,
    dns: probeDns,
  };
}
