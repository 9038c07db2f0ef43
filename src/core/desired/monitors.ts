import type { Address } from './address.ts';
import { DEFAULTS } from './annotations/defaults.ts';
import type { Annotated, ProbeTarget } from './annotations/setting.ts';
import type { Claim } from './claim.ts';
import { parentOf } from './domain-name.ts';
import type { Monitor, ProbeDefaults, ProbeExpectation, ProbeProtocol } from './model.ts';
import { choose, type Say } from './precedence.ts';

/** Label that stands for a wildcard in SNI and Host: any name would do, this one explains itself in logs. */
const WILDCARD_PROBE_LABEL = 'azimuth-probe';

/** Who asks for a monitor: the claims that an address serves, with their settings by precedence. */
export type Watched = {
  readonly address: Address;
  readonly claims: readonly Claim[];
  readonly sources: readonly Annotated[];
};

type Spec = Omit<Monitor, 'id' | 'host'>;

/**
 * How an address is watched. `unchecked`: not at all. `shared`: by one monitor, whatever the hostname. `by-host`: each
 * hostname is probed by its own name.
 */
export type Watch =
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'shared'; readonly monitor: Monitor }
  | { readonly kind: 'by-host'; readonly spec: Spec };

const UNCHECKED: Watch = Object.freeze({ kind: 'unchecked' });

/** What the claims on an address ask to be probed. */
export function watchOf(watched: Watched, defaults: ProbeDefaults, say: Say): Watch {
  const { sources } = watched;
  const target = choose('probe', sources, say)?.value ?? defaultTarget(watched.claims);
  if (target.kind === 'none') return UNCHECKED;
  const { protocol, port, path } = target;
  const expect = choose('probe-expect', sources, say)?.value ?? DEFAULTS['probe-expect'];
  const spec: Spec = {
    protocol,
    address: watched.address.text,
    port,
    path,
    // What a protocol cannot see must not keep equal monitors apart.
    expect: protocol === 'http' || protocol === 'https' ? expect : DEFAULTS['probe-expect'],
    ...timingOf(sources, defaults, say),
  };
  if (protocol !== 'tcp') return Object.freeze({ kind: 'by-host', spec: Object.freeze(spec) });
  return Object.freeze({ kind: 'shared', monitor: monitorOf(spec, '') });
}

/** The monitor of a spec; `host` is SNI and Host. */
export function monitorOf(spec: Spec, host: string): Monitor {
  return Object.freeze({ id: identify(spec, host), ...spec, host });
}

/** SNI and Host of a hostname. */
export function probeHost(hostname: string): string {
  return hostname.startsWith('*.') ? `${WILDCARD_PROBE_LABEL}.${parentOf(hostname)}` : hostname;
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
  for (const { port, speaks } of claims) {
    if (port === 0 || speaks === 'nothing') continue;
    const rank = PREFERENCE.indexOf(speaks);
    if (best === undefined || rank < best.rank || (rank === best.rank && port < best.port)) best = { rank, port };
  }
  const protocol = PREFERENCE[best?.rank ?? PREFERENCE.length];
  if (best === undefined || protocol === undefined) return { kind: 'none' };
  return { kind: 'target', protocol, port: best.port, path: protocol === 'tcp' ? '' : '/' };
}

/** All of the spec in one line that a person can read; what may hold spaces comes last, so that it stays unambiguous. */
function identify(spec: Spec, host: string): string {
  const { protocol, address, port, path, expect, intervalMs, timeoutMs, rise, fall } = spec;
  const authority = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const target = `${protocol}://${authority}${protocol === 'grpc' ? `/${path}` : path}`;
  return `${target} host=${host} every=${intervalMs}ms within=${timeoutMs}ms rise=${rise} fall=${fall} ${textOf(expect)}`;
}

function textOf(expect: ProbeExpectation): string {
  if (expect.kind === 'body') return `body:${expect.text}`;
  return `expect=${expect.ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(',')}`;
}
