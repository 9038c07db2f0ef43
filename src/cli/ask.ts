import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import type { PeerCertificate } from 'node:tls';
import { UsageError } from './command.ts';

/** Whom to trust and who we are, where the director is asked over TLS: paths of PEM files. */
export type TlsFiles = {
  /** Beside the authorities of the system. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** The director's own certificate: a server that shows this very one needs no authority and no name. */
  readonly own: string | undefined;
};

/** One request. */
type Question = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the head of the answer may take, in ms. */
  readonly timeoutMs: number;
};

/** Asks, and returns the answer with its body still to come. Rejects where there is no connection or it takes too long. */
export type AskServer = (url: URL, question: Question) => Promise<IncomingMessage>;

/** The head of the answer did not come in time. */
export class SlowError extends Error {
  override readonly name = 'SlowError';
}

/** Makes what asks; the files are read once, and only where a `https:` address is asked. */
export function createAsk(files: TlsFiles): AskServer {
  let tls: Promise<TlsSettings> | undefined;
  return async (url, { method, headers, body, timeoutMs }) => {
    const isTls = url.protocol === 'https:';
    if (isTls) tls ??= readTls(files);
    const settings = isTls ? await tls : {};
    // TLS is loaded only where it is spoken: most commands talk to this machine, in plain.
    const { request } = isTls ? await import('node:https') : { request: plainRequest };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = request(url, { ...settings, method, headers }, resolve);
    const timer = setTimeout(() => sent.destroy(new SlowError('no answer in time')), timeoutMs);
    sent.on('error', reject);
    sent.end(body);
    return promise.finally(() => clearTimeout(timer));
  };
}

type TlsSettings = RequestOptions & {
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
  readonly allowPartialTrustChain?: boolean;
  readonly checkServerIdentity?: (name: string, certificate: PeerCertificate) => Error | undefined;
};

async function readTls({ ca, cert, key, own }: TlsFiles): Promise<TlsSettings> {
  const { checkServerIdentity, getCACertificates } = await import('node:tls');
  const { X509Certificate } = await import('node:crypto');
  const read = (file: string) =>
    readFile(file, 'utf8').catch((cause: Error) => {
      throw new UsageError(`${file} cannot be read: ${cause.message}`, { cause });
    });
  const pinned = own === undefined ? undefined : await read(own).catch(() => undefined);
  const fingerprint = pinned === undefined ? undefined : new X509Certificate(pinned).fingerprint256;
  const more = [...(ca === undefined ? [] : [await read(ca)]), ...(pinned === undefined ? [] : [pinned])];
  return {
    ca: [...getCACertificates('default'), ...more],
    // The director's own certificate is trusted as it stands, without the authority that signed it.
    allowPartialTrustChain: true,
    ...(cert === undefined ? {} : { cert: await read(cert) }),
    ...(key === undefined ? {} : { key: await read(key) }),
    checkServerIdentity: (name, certificate) =>
      certificate.fingerprint256 === fingerprint ? undefined : checkServerIdentity(name, certificate),
  };
}
