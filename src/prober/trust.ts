import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { type Finding, finding } from '../core/desired/finding.ts';

/** Shortest time between two looks at the trust file, in ms. */
export const TRUST_CHECK_MS = 1000;
/** Largest trust file that is read, in octets. */
export const MAX_TRUST_BYTES = 1_048_576;

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Where the trust comes from and who hears about its faults. */
export type TrustOptions = {
  /** PEM certificates trusted beside the roots of the system. */
  readonly file?: string | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
  /** All findings about the file, whenever they change. */
  onFindings?: ((findings: readonly Finding[]) => void) | undefined;
};

/** Whom HTTPS probes believe. `context` never rejects and follows the file within `TRUST_CHECK_MS`. */
export type Trust = { context(): Promise<SecureContext> };

/**
 * Trust in the roots of Node and of the system, and in a file that is read again when it changes. A file that turns
 * unreadable is a finding, and what it last held stays trusted.
 */
export function createTrust(options: TrustOptions): Trust {
  let context: SecureContext | undefined;
  let seen = '';
  let told = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  let look: Promise<void> = Promise.resolve();

  function tell(message: string): void {
    if (message === told) return;
    told = message;
    const origin = { file: options.file ?? '' };
    options.onFindings?.(message === '' ? [] : [finding('trust-unreadable', origin, message)]);
  }

  async function refresh(file: string): Promise<void> {
    try {
      const found = await stat(file);
      const { mtimeMs, size, ino } = found;
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === seen) return;
      // A pipe would keep every probe waiting.
      if (!found.isFile()) throw new Error('not a file');
      if (size > MAX_TRUST_BYTES) throw new Error(`larger than ${MAX_TRUST_BYTES} octets`);
      context = contextWith(certificatesOf(await readFile(file, 'utf8')));
      seen = version;
      tell('');
    } catch (error) {
      // Looked at again in full next time, whatever its version.
      seen = '';
      tell(error instanceof Error ? error.message : String(error));
    }
  }

  return {
    async context() {
      const age = Math.abs(options.now() - lookedAt);
      if (options.file !== undefined && age >= TRUST_CHECK_MS) {
        lookedAt = options.now();
        look = refresh(options.file);
      }
      await look;
      context ??= contextWith([]);
      return context;
    },
  };
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
