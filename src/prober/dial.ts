import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { Monitor } from '../core/desired/model.ts';
import { ProbeError } from './failure.ts';
import type { Flight } from './probe.ts';

/** What is spoken over TLS: offered by ALPN (RFC 7301); `nothing` offers nothing. */
export type Spoken = 'http/1.1' | 'h2' | 'nothing';

/** Connects to the monitor's address. The socket closes when the flight's signal is aborted. */
export async function dial(monitor: Monitor, flight: Flight): Promise<Socket> {
  flight.trace.enter('connecting');
  const socket = connectTcp({ host: ipAddress(monitor), port: monitor.port, noDelay: true });
  await opened(socket, 'connect', flight.signal);
  flight.trace.enter('waiting for the response');
  return socket;
}

/**
 * Connects with TLS: SNI is the monitor's host (RFC 6066 §3), the chain is verified with `context` and the name against
 * the host (RFC 9525). Rejects where either does not hold; the days left of the certificate are in the trace even then.
 * HTTP/2 must be chosen by the server (RFC 9113 §3.2); a server without ALPN speaks HTTP/1.1.
 */
export async function dialTls(
  monitor: Monitor,
  flight: Flight,
  context: SecureContext,
  spoken: Spoken,
): Promise<TLSSocket> {
  flight.trace.enter('connecting');
  const socket = connectTls({
    host: ipAddress(monitor),
    port: monitor.port,
    // An IP address may not be a server name.
    servername: isIP(monitor.host) === 0 ? monitor.host : '',
    secureContext: context,
    ...(spoken === 'nothing' ? {} : { ALPNProtocols: [spoken] }),
    // Judged below, so that the certificate of a refused server is seen as well.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  socket.setNoDelay(true);
  socket.once('connect', () => flight.trace.enter('handshaking'));
  await opened(socket, 'secureConnect', flight.signal);
  flight.trace.enter('waiting for the response');
  flight.trace.tlsVersion = socket.getProtocol() ?? 'unknown';
  try {
    judgeCertificate(socket, monitor, flight);
    const chosen = socket.alpnProtocol === false ? 'nothing by ALPN' : String(socket.alpnProtocol);
    if (spoken === 'h2' && chosen !== 'h2') throw new ProbeError('alpn', `the server chose ${chosen}, not h2`);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

/** The monitor's address. One that is no IP address would be looked up in the DNS: perhaps in our own. */
export function ipAddress(monitor: Monitor): string {
  if (isIP(monitor.address) !== 0) return monitor.address;
  throw new ProbeError('internal', `not an IP address: ${monitor.address}`);
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  const stop = (): void => void socket.destroy();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    // Stays for the socket's life: an error that comes after the probe's end has nobody else to catch it.
    socket.on('error', reject);
    socket.once('close', () => reject(new ProbeError('reset', 'the connection was closed')));
  });
}

function judgeCertificate(socket: TLSSocket, monitor: Monitor, flight: Flight): void {
  const certificate = socket.getPeerX509Certificate();
  const end = certificate?.validToDate.getTime() ?? Number.NaN;
  if (certificate !== undefined && Number.isFinite(end)) {
    flight.trace.certificate = { fingerprint: certificate.fingerprint256, endsAt: end };
  }
  if (!socket.authorized) {
    // Declared as an Error, but it is the code of OpenSSL's verification as a string.
    const code = String(socket.authorizationError);
    const ended = code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';
    throw new ProbeError(ended ? 'certificate-expired' : 'certificate-untrusted', code);
  }
  const mismatch = checkServerIdentity(monitor.host, socket.getPeerCertificate());
  if (mismatch !== undefined) throw new ProbeError('certificate-name', mismatch.message);
}
