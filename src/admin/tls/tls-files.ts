import { X509Certificate } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { messageOf } from '../../core/error-message.ts';
import { TLS_FILE_LIMIT } from '../limits.ts';

/** Whether clients may, or must, show a certificate. */
export type ClientCertificates = 'none' | 'request' | 'require';

/** TLS of the admin server: absolute paths of PEM files. */
export type AdminTls = {
  /** The server's certificate, with those between it and its authority. */
  readonly certificate: string;
  readonly key: string;
  /** The authority of clients' certificates; there where `clientCertificates` is not `none`. */
  readonly clientCa: string | undefined;
  readonly clientCertificates: ClientCertificates;
};

/** The contents of the files, as Node takes them. */
export type TlsMaterial = { readonly cert: string; readonly key: string; readonly ca: string | undefined };

/** The contents of the files; or the file that cannot be used, and why, with the key of the configuration that names it. */
export type TlsReading =
  | { readonly kind: 'read'; readonly material: TlsMaterial }
  | { readonly kind: 'unusable'; readonly file: string; readonly problem: string };

/** Reads the files and tries whether they fit each other. Never rejects, and quotes no file. */
export async function lookAtMaterial({ certificate, key, clientCa }: AdminTls): Promise<TlsReading> {
  const [cert, own, ca] = await Promise.all([
    readPem(certificate, 'CERTIFICATE'),
    readPem(key, 'PRIVATE KEY'),
    clientCa === undefined ? { text: undefined } : readPem(clientCa, 'CERTIFICATE'),
  ]);
  if ('problem' in cert) return unusable(certificate, 'certificate', cert.problem);
  if ('problem' in own) return unusable(key, 'key', own.problem);
  if ('problem' in ca) return unusable(clientCa ?? '', 'client-ca', ca.problem);
  try {
    createSecureContext({ cert: cert.text, key: own.text });
  } catch {
    return unusable(key, 'key', `${key} is not the key of ${certificate}`);
  }
  return { kind: 'read', material: { cert: cert.text, key: own.text, ca: ca.text } };
}

/** The same. Rejects where one cannot be used, with an error for people. */
export async function readMaterial(files: AdminTls): Promise<TlsMaterial> {
  const reading = await lookAtMaterial(files);
  if (reading.kind === 'read') return reading.material;
  throw new Error(reading.problem);
}

function unusable(file: string, key: string, problem: string): TlsReading {
  return { kind: 'unusable', file, problem: `admin.tls.${key}: ${problem}` };
}

/** Something that is another text when one of the files is another. */
export async function versionOf({ certificate, key, clientCa }: AdminTls): Promise<string> {
  const files = clientCa === undefined ? [certificate, key] : [certificate, key, clientCa];
  const versions = files.map(async (file) => {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      return `${mtimeMs} ${size} ${ino}`;
    } catch {
      return 'gone';
    }
  });
  return (await Promise.all(versions)).join(', ');
}

type PemReading = { readonly text: string } | { readonly problem: string };

async function readPem(file: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): Promise<PemReading> {
  try {
    const text = await readBounded(file);
    if (!new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(text)) return { problem: `${file} holds no ${kind} in PEM` };
    // A bundle of which nothing can be read would be taken for an empty one, and that for the system's.
    const isReadable = kind === 'PRIVATE KEY' || isCertificate(text);
    return isReadable ? { text } : { problem: `${file} holds no certificate that can be read` };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

async function readBounded(file: string): Promise<string> {
  await using handle = await open(file);
  const found = await handle.stat();
  if (!found.isFile()) throw new Error(`${file} is no file`);
  if (found.size > TLS_FILE_LIMIT) throw new Error(`${file} is larger than ${TLS_FILE_LIMIT} octets`);
  return handle.readFile('utf8');
}
