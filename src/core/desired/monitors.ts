import type { Address } from './address.ts';
import { DEFAULTS } from './annotations/defaults.ts';
import { expectationText } from './annotations/probe-expectation.ts';
import type { Annotated, ProbeTarget } from './annotations/setting.ts';
import type { Claim } from './claim.ts';
import { parentOf } from './domain-name.ts';
import { judgementOf, judgementText } from './judgement.ts';
import type { Monitor, ProbeDefaults, ProbeExpectation, ProbeProtocol } from './model.ts';
import { choose, type Say } from './precedence.ts';
import { parseQuestion } from './probe-question.ts';
import { quote } from './quote.ts';

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
  const spec: Spec = {
    protocol,
    address: watched.address.text,
    port,
    path,
    expect: expectationOf(protocol, sources, say),
    ...timingOf(sources, defaults, say),
    ...judgementOf(sources, say),
  };
  if (knowsHost(spec)) return Object.freeze({ kind: 'by-host', spec: Object.freeze(spec) });
  return Object.freeze({ kind: 'shared', monitor: monitorOf(spec, '') });
}

/** Whether the hostname is part of what is sent. */
function knowsHost({ protocol, path }: Spec): boolean {
  if (protocol === 'dns') return parseQuestion(path)?.subject.kind === 'hostname';
  return protocol !== 'tcp';
}

/** The expectations that a protocol can see. */
const VISIBLE: Readonly<Record<ProbeProtocol, readonly ProbeExpectation['kind'][]>> = {
  http: ['status', 'body', 'header'],
  https: ['status', 'body', 'header'],
  h2: ['status', 'body', 'header'],
  tcp: [],
  tls: [],
  grpc: [],
  grpcs: [],
  dns: ['rcode', 'answer'],
};

/** What a protocol cannot see must not keep equal monitors apart: the default stands in, and it is said. */
function expectationOf(protocol: ProbeProtocol, sources: readonly Annotated[], say: Say): ProbeExpectation {
  const wanted = choose('probe-expect', sources, say);
  if (wanted === undefined) return DEFAULTS['probe-expect'];
  const visible = VISIBLE[protocol];
  if (visible.includes(wanted.value.kind)) return wanted.value;
  const message = `probe-expect ${quote(wanted.text)} is not seen by a probe over ${protocol} and has no effect on it`;
  const others = visible.length === 0 ? 'leave it out' : `expect ${visible.join(', ')} instead`;
  say('policy-without-effect', wanted.by.origin, message, `${others}, or probe over another protocol`);
  return DEFAULTS['probe-expect'];
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
  const { protocol, address, port, path, expect, intervalMs, timeoutMs, rise, fall, judgement } = spec;
  const authority = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  // A gRPC service and a question have no slash of their own.
  const rooted = protocol === 'grpc' || protocol === 'grpcs' || protocol === 'dns' ? `/${path}` : path;
  const times = `every=${intervalMs}ms within=${timeoutMs}ms rise=${rise} fall=${fall}${judgementText(judgement)}`;
  return `${protocol}://${authority}${rooted} host=${host} ${times} ${expectationText(expect)}`;
}
