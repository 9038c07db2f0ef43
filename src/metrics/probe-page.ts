import { isIPv6 } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Monitor, MonitorId } from '../core/desired/model.ts';
import type { MonitorHealth, ProbeResult } from '../core/health/monitor-health.ts';
import { PROBE_METRICS, type ProbeMetricName } from './probe-table.ts';
import { targetNames } from './probe-targets.ts';

/** So many targets are written before others have their turn. */
const TARGETS_IN_A_TURN = 200;
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What the page is made of. */
export type ProbeWorld = {
  readonly monitors: readonly Monitor[];
  readonly health: ReadonlyMap<MonitorId, MonitorHealth>;
};

/** One value of one target; the label beside the target's name is written out, with a comma before it. */
type Sample = readonly [name: ProbeMetricName, value: number, label?: string];

/**
 * Makes the page in the Prometheus text format 0.0.4: the last probe of each monitor; one not probed yet has no series.
 * There may be some ten thousand lines: they are written without the metrics library, which takes half a second for them,
 * and in turns with the rest of the process.
 */
export async function probePage(world: ProbeWorld): Promise<{ contentType: string; body: string }> {
  const lines = new Map<string, string[]>();
  for (const [name, help] of Object.entries(PROBE_METRICS)) {
    lines.set(name, [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`]);
  }
  let inTurn = 0;
  for (const [target, { monitor, result }] of lastProbes(world, await targetNames(world.monitors))) {
    const instance = `instance="${escaped(target)}"`;
    for (const [name, value, label = ''] of samplesOf(monitor, result)) {
      lines.get(name)?.push(`${name}{${instance}${label}} ${value}`);
    }
    inTurn += 1;
    if (inTurn % TARGETS_IN_A_TURN === 0) await nextTurn();
  }
  return { contentType: CONTENT_TYPE, body: `${[...lines.values()].flat().join('\n')}\n` };
}

/** Of the text format: backslashes, quotes and ends of lines. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

type LastProbe = { readonly monitor: Monitor; readonly result: ProbeResult };

/** Monitors may ask the same of the same address and judge it otherwise: of those the page shows one that failed, if any. */
function lastProbes(
  { monitors, health }: ProbeWorld,
  targets: ReadonlyMap<MonitorId, string>,
): ReadonlyMap<string, LastProbe> {
  const found = new Map<string, LastProbe>();
  for (const monitor of monitors) {
    const believed = health.get(monitor.id);
    const result = (believed?.withheld ?? believed)?.last;
    const target = targets.get(monitor.id);
    if (result === undefined || target === undefined) continue;
    const other = found.get(target);
    if (other === undefined || result.outcome.kind === 'failure') found.set(target, { monitor, result });
  }
  return found;
}

function samplesOf(monitor: Monitor, { outcome, durationMs, sight, ...result }: ProbeResult): readonly Sample[] {
  const { protocol, address } = monitor;
  const isHttp = protocol === 'http' || protocol === 'https' || protocol === 'h2';
  const common: Sample[] = [
    ['probe_success', outcome.kind === 'success' ? 1 : 0],
    ['probe_duration_seconds', durationMs / 1000],
    ['probe_dns_lookup_time_seconds', 0],
    ['probe_ip_protocol', isIPv6(address) ? 6 : 4],
  ];
  if (sight?.certificateEndsAt !== undefined) {
    common.push(['probe_ssl_earliest_cert_expiry', sight.certificateEndsAt / 1000]);
  }
  if (sight?.tlsVersion !== undefined) {
    common.push(['probe_tls_version_info', 1, `,version="${escaped(sight.tlsVersion.replace(/^TLSv/, 'TLS '))}"`]);
  }
  if (!isHttp) return common;
  return [
    ...common,
    ['probe_http_status_code', sight?.status ?? 0],
    ['probe_http_version', protocol === 'h2' ? 2 : 1.1],
    ['probe_http_ssl', protocol === 'http' ? 0 : 1],
    ...(monitor.expect.kind === 'body' ? [foundText(outcome)] : []),
    ...phasesOf(monitor, durationMs, result.phases),
  ];
}

/** Only where a text is looked for: elsewhere it would be a series that is always 0. */
function foundText(outcome: ProbeResult['outcome']): Sample {
  return ['probe_failed_due_to_regex', outcome.kind === 'failure' && outcome.failure === 'body' ? 1 : 0];
}

/**
 * What is left of the time is that of reading the response; the phases are timed apart, so that it may round below 0. Phases
 * that there never are (a lookup of the name; TLS in plain HTTP) have no series.
 */
function phasesOf({ protocol }: Monitor, durationMs: number, phases: ProbeResult['phases']): readonly Sample[] {
  const { connectMs = 0, tlsMs = 0, firstByteMs = 0 } = phases ?? {};
  const transferMs = firstByteMs === 0 ? 0 : Math.max(0, durationMs - connectMs - tlsMs - firstByteMs);
  const tls = protocol === 'http' ? {} : { tls: tlsMs };
  const all = { connect: connectMs, ...tls, processing: firstByteMs, transfer: transferMs };
  return Object.entries(all).map(([phase, ms]) => ['probe_http_duration_seconds', ms / 1000, `,phase="${phase}"`]);
}
