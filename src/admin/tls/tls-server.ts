import { constants } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { type Finding, finding } from '../../core/desired/finding.ts';
import { messageOf } from '../../core/error-message.ts';
import type { Log } from '../../core/log-events.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { HANDSHAKE_TIMEOUT_MS, SOCKET_TIMEOUT_MS, TLS_CHECK_MS } from '../limits.ts';
import { type AdminTls, readMaterial, versionOf } from './tls-files.ts';

/** A server whose certificate is read when it starts, and again whenever its files change. */
export type TlsServer = {
  readonly server: Server;
  /** Before it listens. Rejects where the files cannot be used. */
  load(): Promise<void>;
  /** Follows the files no more. */
  close(): void;
  /** Ends all connections, those in their handshake as well, of which HTTP knows nothing yet. */
  cut(): void;
};

/** What it tells. */
export type TlsReports = {
  readonly log: Log;
  readonly onFindings: (findings: readonly Finding[]) => void;
};

/**
 * HTTP over TLS 1.2 or later. No session is resumed: each connection shows its certificate anew, and one that is not
 * accepted any more is out at once.
 */
export function createTlsServer(tls: AdminTls, handler: RequestListener, reports: TlsReports): TlsServer {
  const { clientCertificates } = tls;
  const server = createServer(
    {
      requestCert: clientCertificates !== 'none',
      rejectUnauthorized: clientCertificates === 'require',
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      ...HTTP_LIMITS,
    },
    handler,
  );
  server.setTimeout(SOCKET_TIMEOUT_MS);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  let timer: NodeJS.Timeout | undefined;
  let version = '';

  const load = async (): Promise<void> => {
    const seen = await versionOf(tls);
    const { cert, key, ca } = await readMaterial(tls);
    server.setSecureContext({
      cert,
      key,
      ...(ca === undefined ? {} : { ca }),
      minVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    version = seen;
  };
  const follow = createFollower(tls, load, () => version, reports);
  return {
    server,
    async load() {
      await load();
      timer = setInterval(() => void follow(), TLS_CHECK_MS);
      timer.unref();
    },
    close: () => clearInterval(timer),
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Looks at the files; what cannot be used is told, and what was in use stays. Files are replaced one after the other, so
 * that a first failure may be half of a change: only the second one in a row counts.
 */
function createFollower(
  tls: AdminTls,
  load: () => Promise<void>,
  current: () => string,
  { log, onFindings }: TlsReports,
): () => Promise<void> {
  let failures = 0;
  let told = '';
  let isLooking = false;
  const look = async (): Promise<void> => {
    if ((await versionOf(tls)) === current()) return tell('');
    try {
      await load();
      log('admin-certificate-read', { certificate: tls.certificate });
      tell('');
    } catch (error) {
      failures += 1;
      if (failures > 1) tell(messageOf(error));
    }
  };
  const tell = (trouble: string): void => {
    if (trouble === '') failures = 0;
    if (trouble === told) return;
    told = trouble;
    if (trouble !== '') log('admin-certificate-unreadable', { reason: trouble });
    onFindings(trouble === '' ? [] : [finding('admin-tls-unreadable', { file: tls.certificate }, `${trouble}.`)]);
  };
  return async () => {
    if (isLooking) return;
    isLooking = true;
    await look().finally(() => {
      isLooking = false;
    });
  };
}
