import { errors } from 'undici';
import { messageOf } from '../core/error-message.ts';
import type { ProbeFailure } from '../core/health/monitor-health.ts';
import { failed, type ProbeOutcome } from './probe.ts';

/** A failure found deep inside a probe: carries its stable code out. */
export class ProbeError extends Error {
  readonly failure: ProbeFailure;

  constructor(failure: ProbeFailure, detail: string) {
    super(detail);
    this.failure = failure;
  }
}

const BY_CODE: Readonly<Record<string, ProbeFailure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  // What connect(2) says where a firewall rule or a missing address scope forbids the packet.
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  EINVAL: 'unreachable',
  EPROTO: 'tls',
  // The TLS alert of RFC 7301 §3.2: the server has no protocol in common with us.
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'alpn',
  ERR_SSL_TLS_ALERT_NO_APPLICATION_PROTOCOL: 'alpn',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  UND_ERR_INVALID_ARG: 'internal',
  ERR_HTTP2_INVALID_PSEUDOHEADER: 'internal',
};

/** Families of codes, for those that have no row of their own. */
const BY_PREFIX: readonly (readonly [string, ProbeFailure])[] = [
  ['ERR_SSL_', 'tls'],
  ['ERR_TLS_', 'tls'],
  ['UND_ERR_', 'protocol'],
  ['ERR_HTTP2_', 'protocol'],
];

/** The outcome for what a probe threw. Codes that nobody knows are `internal`: they say nothing about the target. */
export function failureOf(error: unknown): ProbeOutcome {
  if (error instanceof ProbeError) return failed(error.failure, error.message);
  // Has no code of its own.
  if (error instanceof errors.HTTPParserError) return failed('protocol', error.message);
  const code = codeOf(error);
  const family = BY_PREFIX.find(([prefix]) => code.startsWith(prefix));
  return failed(BY_CODE[code] ?? family?.[1] ?? 'internal', messageOf(error));
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
