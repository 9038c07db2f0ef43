import type { Address } from './address.ts';
import { DEFAULTS } from './annotations/defaults.ts';
import type { Annotated, ProbeTarget } from './annotations/setting.ts';
import type { Claim } from './claims.ts';
import { parentOf } from './domain-name.ts';
import type { Monitor, ProbeDefaults, ProbeExpectation, ProbeProtocol } from './model.ts';
import { choose, type Say } from './precedence.ts';

/** Label that stands for a wildcard in SNI and Host: any name would do, this one explains itself in logs. */
const WILDCARD_PROBE_LABEL = 'azimuth-probe';

/** Monitors by id: equal specs are one. */
export type Monitors = Map<string, Monitor>;

/** Who asks for a monitor: the claims that an address serves, with their settings by precedence. */
export type Watched = {
  readonly hostname: string;
  readonly address: Address;
  readonly claims: readonly Claim[];
  readonly sources: readonly Annotated[];
};

/** The monitor of one address for one hostname, taken from `monitors` or put there; undefined where nothing is checked. */
export function monitorOf(
  watched: Watched,
  defaults: ProbeDefaults,
  monitors: Monitors,
  say: Say,
): Monitor | undefined {
  const { sources } = watched;
  const target = choose('probe', sources, say)?.value ?? defaultTarget(watched.claims);
  if (target.kind === 'none') return undefined;
  const { protocol, port, path } = target;
  const expect = choose('probe-expect', sources, say)?.value ?? DEFAULTS['probe-expect'];
  const spec = {
    protocol,
    address: watched.address.text,
    port,
    host: protocol === 'tcp' ? '' : probeHost(watched.hostname),
    path,
    // What a protocol cannot see must not keep equal monitors apart.
    expect: protocol === 'http' || protocol === 'https' ? expect : DEFAULTS['probe-expect'],
    ...timingOf(sources, defaults, say),
  };
  const id = identify(spec);
  const known = monitors.get(id);
  if (known !== undefined) return known;
  const monitor = Object.freeze({ id, ...spec });
  monitors.set(id, monitor);
  return monitor;
}

type Timing = Pick<Monitor, 'intervalMs' | 'timeoutMs' | 'rise' | 'fall'>;

function timingOf(sources: readonly Annotated[], defaults: ProbeDefaults, say: Say): Timing {
  const intervalMs = choose('probe-interval', sources, say)?.value ?? defaults.intervalMs;
  const timeout = choose('probe-timeout', sources, say);
  if (timeout !== undefined && timeout.value > intervalMs) {
    const message = `probe-timeout ${timeout.text} is longer than the interval of ${intervalMs}ms, which is used`;
    say('policy-without-effect', timeout.by.origin, message, 'shorten the timeout or lengthen the interval');
  }
  return {
    intervalMs,
    timeoutMs: Math.min(intervalMs, timeout?.value ?? defaults.timeoutMs),
    rise: choose('probe-rise', sources, say)?.value ?? defaults.rise,
    fall: choose('probe-fall', sources, say)?.value ?? defaults.fall,
  };
}

const PREFERENCE: readonly ProbeProtocol[] = ['https', 'http', 'tcp'];

/** What the listeners of the hostname speak: HTTPS before HTTP before a bare connection, then the lowest port. */
function defaultTarget(claims: readonly Claim[]): ProbeTarget {
  let best: { readonly rank: number; readonly port: number } | undefined;
  for (const { listener, routeKind } of claims) {
    const { port, protocol, mode } = listener;
    if (port === 0 || protocol === 'UDP') continue;
    const rank = PREFERENCE.indexOf(spokenBy(protocol, mode, routeKind));
    if (best === undefined || rank < best.rank || (rank === best.rank && port < best.port)) best = { rank, port };
  }
  const protocol = PREFERENCE[best?.rank ?? PREFERENCE.length];
  if (best === undefined || protocol === undefined) return { kind: 'none' };
  return { kind: 'target', protocol, port: best.port, path: protocol === 'tcp' ? '' : '/' };
}

function spokenBy(protocol: string, mode: 'Terminate' | 'Passthrough', routeKind: Claim['routeKind']): ProbeProtocol {
  // A gRPC server answers GET / with 404 or 415: that would take a healthy cluster out.
  if (routeKind === 'GRPCRoute') return 'tcp';
  if (protocol === 'HTTPS' && mode === 'Terminate') return 'https';
  return protocol === 'HTTP' ? 'http' : 'tcp';
}

function probeHost(hostname: string): string {
  return hostname.startsWith('*.') ? `${WILDCARD_PROBE_LABEL}.${parentOf(hostname)}` : hostname;
}

/** All of the spec in one line that a person can read; what may hold spaces comes last, so that it stays unambiguous. */
function identify(spec: Omit<Monitor, 'id'>): string {
  const { protocol, address, port, host, path, expect, intervalMs, timeoutMs, rise, fall } = spec;
  const authority = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const target = `${protocol}://${authority}${protocol === 'grpc' ? `/${path}` : path}`;
  return `${target} host=${host} every=${intervalMs}ms within=${timeoutMs}ms rise=${rise} fall=${fall} ${textOf(expect)}`;
}

function textOf(expect: ProbeExpectation): string {
  if (expect.kind === 'body') return `body:${expect.text}`;
  return `expect=${expect.ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(',')}`;
}
