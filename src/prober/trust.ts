import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { type Finding, finding } from '../core/desired/finding.ts';
import { tellChanges } from '../core/desired/finding-changes.ts';
import { followFile } from './followed-file.ts';

/** Largest trust file that is read, in octets. */
export const MAX_TRUST_BYTES = 1_048_576;

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Where the trust comes from and who hears about its faults. */
export type TrustOptions = {
  /** PEM certificates trusted beside the roots of the system. */
  readonly file?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** All findings about the file, whenever they change. */
  onFindings?: ((findings: readonly Finding[]) => void) | undefined;
};

/** Whom TLS probes believe. `context` never rejects and follows the file. */
export type Trust = { context(): Promise<SecureContext> };

/**
 * Trust in the roots of Node and of the system, and in a file that is read again when it changes. A file that turns
 * unreadable is a finding, and what it last held stays trusted.
 */
export function createTrust({ file, now, onFindings }: TrustOptions): Trust {
  let roots: SecureContext | undefined;
  const tell = tellChanges((findings) => onFindings?.(findings));
  const followed =
    file === undefined
      ? undefined
      : followFile({
          file,
          maxBytes: MAX_TRUST_BYTES,
          now,
          parse: (text) => contextWith(certificatesOf(text)),
          onLook: (problem) => tell(findingsOf(file, problem)),
        });
  return {
    async context() {
      const found = await followed?.value();
      if (found !== undefined) return found;
      roots ??= contextWith([]);
      return roots;
    },
  };
}

function findingsOf(file: string, problem: string | undefined): readonly Finding[] {
  return problem === undefined ? [] : [finding('trust-unreadable', { file }, problem)];
}

/** Building one costs milliseconds, so it is done once for many probes. */
function contextWith(certificates: readonly string[]): SecureContext {
  const roots = new Set([...getCACertificates('default'), ...getCACertificates('system')]);
  // An intermediate certificate in the file is an anchor as well: it was put there to be trusted.
  return createSecureContext({ ca: [...roots, ...certificates], allowPartialTrustChain: true });
}

/** OpenSSL passes over what does not parse without a word, so each certificate is parsed here first. */
function certificatesOf(text: string): readonly string[] {
  const found = text.match(PEM) ?? [];
  if (found.length === 0) throw new Error('holds no PEM certificate');
  for (const pem of found) void new X509Certificate(pem);
  return found;
}
