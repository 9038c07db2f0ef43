import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Finding, finding } from '../core/desired/finding.ts';

/** Largest file of a token, password or key that is read, in octets. */
const MAX_SECRET_BYTES = 16_384;
/** Largest file of certificates that is read, in octets. */
const MAX_CERTIFICATES_BYTES = 1_048_576;

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** A text that is read again when its file changes. `value` never rejects; undefined while it was never read. */
type FollowedText = { value(): Promise<string | undefined> };

/**
 * Follows a file, of at most `maxBytes` octets, by a clock in ms since the epoch. `parse` throws where it can make nothing of
 * the text; `onLook` is told after each look at a file that is new, or failed: the problem, or undefined where there is none.
 * A file that turns unreadable keeps its last value.
 */
export type FollowFile = (options: {
  readonly file: string;
  readonly maxBytes: number;
  readonly now: () => number;
  parse(text: string): string;
  onLook(problem: string | undefined): void;
}) => FollowedText;

/** What a file holds. */
type CredentialKind = keyof typeof KINDS;

/**
 * Of each kind: how large it may be, and what is taken of it; no message may hold a part of the file. `named` is the key
 * below `prometheus` in the configuration that names it.
 */
const KINDS = {
  token: { maxBytes: MAX_SECRET_BYTES, parse: tokenIn, named: 'login.token-file' },
  password: { maxBytes: MAX_SECRET_BYTES, parse: passwordIn, named: 'login.password-file' },
  key: { maxBytes: MAX_SECRET_BYTES, parse: keyIn, named: 'certificate.key-file' },
  certificates: { maxBytes: MAX_CERTIFICATES_BYTES, parse: certificatesIn, named: 'trust or certificate.file' },
} as const;

/** Files that it takes to ask servers, each followed once however many monitors need it. */
export type CredentialFiles = {
  of(kind: CredentialKind, file: string): FollowedText;
  /** A trouble with the contents of a file that shows only later, or its end. */
  note(file: string, problem: string | undefined): void;
};

/** What the files need. */
export type CredentialFilesOptions = {
  readonly follow: FollowFile;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** All findings about the files, whenever one comes or goes. */
  readonly onFindings: (findings: readonly Finding[]) => void;
};

/** Makes the files. Nothing is read before it is asked for. */
export function createCredentialFiles({ follow, now, onFindings }: CredentialFilesOptions): CredentialFiles {
  const followed = new Map<string, FollowedText>();
  const found = new Map<string, Finding>();
  const tell = (key: string, file: string, problem: string | undefined): void => {
    if (found.get(key)?.message === problem) return;
    if (problem === undefined) found.delete(key);
    else found.set(key, finding('gauge-file-unreadable', { file }, problem));
    onFindings([...found.values()]);
  };
  return {
    of(kind, file) {
      const key = `${kind} ${file}`;
      const known = followed.get(key);
      if (known !== undefined) return known;
      const { named, ...form } = KINDS[kind];
      const onLook = (problem?: string): void => tell(key, file, problem && `prometheus.${named}: ${problem}`);
      const made = follow({ file, now, ...form, onLook });
      followed.set(key, made);
      return made;
    },
    note: (file, problem) => tell(`together ${file}`, file, problem),
  };
}

/** A token as RFC 6750 §2.1 has it, or any other of visible characters. */
function tokenIn(text: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('holds no token of visible ASCII characters');
  return token;
}

/** Only the end of the line is no part of it. RFC 7617 §2 forbids control characters. */
function passwordIn(text: string): string {
  const password = text.replace(/\r?\n$/, '');
  if (password === '' || /\p{Cc}/u.test(password)) throw new Error('holds no password of one line');
  return password;
}

function keyIn(text: string): string {
  try {
    createPrivateKey(text);
  } catch {
    throw new Error('holds no private key in PEM without a passphrase');
  }
  return text;
}

/** OpenSSL passes over what does not parse without a word, so each certificate is parsed here first. */
function certificatesIn(text: string): string {
  const found = text.match(PEM) ?? [];
  if (found.length === 0) throw new Error('holds no PEM certificate');
  for (const pem of found) void new X509Certificate(pem);
  return found.join('\n');
}
