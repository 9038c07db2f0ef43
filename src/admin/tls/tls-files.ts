import { X509Certificate } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
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

/** Reads the files and tries whether they fit each other. Rejects with an error that names the file and quotes none. */
export async function readMaterial(files: AdminTls): Promise<TlsMaterial> {
  const cert = await readPem(files.certificate, 'CERTIFICATE');
  const key = await readPem(files.key, 'PRIVATE KEY');
  const ca = files.clientCa === undefined ? undefined : await readPem(files.clientCa, 'CERTIFICATE');
  try {
    createSecureContext({ cert, key });
  } catch {
    throw new Error(`${files.key} is not the key of ${files.certificate}`);
  }
  return { cert, key, ca };
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

async function readPem(file: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): Promise<string> {
  const text = await readBounded(file);
  if (!new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(text)) throw new Error(`${file} holds no ${kind} in PEM`);
  if (kind === 'CERTIFICATE') {
    // A bundle of which nothing can be read would be taken for an empty one, and that for the system's.
    if (!isCertificate(text)) throw new Error(`${file} holds no certificate that can be read`);
  }
  return text;
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
