import { isIPv6 } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Monitor, MonitorId } from '../core/desired/model.ts';
import type { MonitorHealth, ProbeResult } from '../core/health/monitor-health.ts';
import { PROBE_METRICS, type ProbeMetricName } from './probe-table.ts';

/** Most targets on the page: each is some 15 series. Those behind, in the order of the model, are left out. */
const MAX_PROBE_TARGETS = 5_000;

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
  for (const [target, { monitor, result }] of lastProbes(world)) {
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
function lastProbes({ monitors, health }: ProbeWorld): ReadonlyMap<string, LastProbe> {
  const found = new Map<string, LastProbe>();
  for (const monitor of monitors) {
    const believed = health.get(monitor.id);
    const result = (believed?.withheld ?? believed)?.last;
    if (result === undefined) continue;
    const target = targetOf(monitor);
    const other = found.get(target);
    if (other === undefined && found.size >= MAX_PROBE_TARGETS) continue;
    if (other === undefined || result.outcome.kind === 'failure') found.set(target, { monitor, result });
  }
  return found;
}

/**
 * What people know a target by: the URL that is probed, and the address behind a `#`, since one name has an address in each
 * cluster. Bounded: host and path are.
 */
export function targetOf({ protocol, host, address, port, path }: Monitor): string {
  const where = host === '' ? bracketed(address) : host;
  const behind = protocol === 'http' || protocol === 'https' || protocol === 'h2' ? path : '';
  return `${protocol}://${where}:${port}${behind}${host === '' ? '' : `#${address}`}`;
}

function bracketed(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
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
    ['probe_http_redirects', 0],
    ['probe_failed_due_to_regex', outcome.kind === 'failure' && outcome.failure === 'body' ? 1 : 0],
    ...phasesOf(durationMs, result.phases),
  ];
}

/** What is left of the time is that of reading the response; the phases are timed apart, so that it may round below 0. */
function phasesOf(durationMs: number, phases: ProbeResult['phases']): readonly Sample[] {
  const { connectMs = 0, tlsMs = 0, firstByteMs = 0 } = phases ?? {};
  const transferMs = firstByteMs === 0 ? 0 : Math.max(0, durationMs - connectMs - tlsMs - firstByteMs);
  const all = { resolve: 0, connect: connectMs, tls: tlsMs, processing: firstByteMs, transfer: transferMs };
  return Object.entries(all).map(([phase, ms]) => ['probe_http_duration_seconds', ms / 1000, `,phase="${phase}"`]);
}
