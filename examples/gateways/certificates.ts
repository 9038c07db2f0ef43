import {
  createPrivateKey,
  KeyObject,
  X509Certificate as NodeCertificate,
  randomBytes,
  type webcrypto,
} from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
// The certificate library needs it, and does not bring it.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const DAY_MS = 86_400_000;
const VALID_DAYS = 30;
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Files in PEM. The key's file is readable by its owner alone. */
export type CertificateFiles = { readonly caFile: string; readonly certFile: string; readonly keyFile: string };

/** A certificate authority, or what one signed. `key` is PKCS #8 in PEM. */
export type Issued = {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly key: string;
};

/** From when to when a certificate holds. */
export type Validity = { readonly notBefore: Date; readonly notAfter: Date };

/**
 * Makes a throw-away authority and a certificate for the hostnames (wildcards too) in `directory`, both ECDSA P-256 and
 * valid for 30 days. What is there already stays while it covers the same names for more than a day.
 */
export async function makeCertificates(directory: string, hostnames: readonly string[]): Promise<CertificateFiles> {
  const files = {
    caFile: join(directory, 'ca.pem'),
    certFile: join(directory, 'gateway.pem'),
    keyFile: join(directory, 'gateway.key'),
  };
  if (await isUsable(files, hostnames)) return files;
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + VALID_DAYS * DAY_MS) };
  const authority = await makeAuthority('Azimuth demo CA', validity);
  const leaf = await issue(authority, hostnames, validity);
  await mkdir(directory, { recursive: true });
  // The certificate comes last: it is what says that all three are there and belong together.
  await replaceFile(files.keyFile, leaf.key, 0o600);
  await replaceFile(files.caFile, authority.certificate.toString('pem'), 0o644);
  await replaceFile(files.certFile, leaf.certificate.toString('pem'), 0o644);
  return files;
}

/** Makes a certificate authority. Its key lives in memory alone. */
export async function makeAuthority(commonName: string, validity: Validity): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys, key: keyPem(keys) };
}

/** Makes a server certificate for the hostnames, signed by the authority. */
export async function issue(authority: Issued, hostnames: readonly string[], validity: Validity): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(),
    subject: 'CN=Azimuth demo gateway',
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(hostnames.map((value) => ({ type: 'dns', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
    ],
  });
  return { certificate, keys, key: keyPem(keys) };
}

async function isUsable(files: CertificateFiles, hostnames: readonly string[]): Promise<boolean> {
  try {
    const leaf = new NodeCertificate(await readFile(files.certFile));
    const authority = new NodeCertificate(await readFile(files.caFile));
    const key = createPrivateKey(await readFile(files.keyFile));
    const names = leaf.subjectAltName?.split(', ').toSorted().join();
    const wanted = hostnames.map((name) => `DNS:${name}`).toSorted();
    const lasts = leaf.validToDate.getTime() - Date.now() > DAY_MS;
    return lasts && names === wanted.join() && leaf.verify(authority.publicKey) && leaf.checkPrivateKey(key);
  } catch {
    // Absent or broken: made anew.
    return false;
  }
}

/** Written beside and renamed, so that a reader never sees half a file. */
async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const beside = `${file}.${process.pid}.new`;
  await writeFile(beside, text, { mode });
  await rename(beside, file);
}

function keyPem(keys: webcrypto.CryptoKeyPair): string {
  return KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
}

/** Positive, and never the same for two certificates of one issuer name (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  return `01${randomBytes(12).toString('hex')}`;
}
