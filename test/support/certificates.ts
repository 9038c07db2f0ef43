import { KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
// The certificate library needs it, and does not bring it.
import 'reflect-metadata';
import {
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type Issued, issue, makeAuthority, type Validity } from '../../examples/gateways/certificates.ts';

const DAY_MS = 86_400_000;

/** Certificate and key in PEM, as servers take them. */
export type ServerCertificate = { readonly cert: string; readonly key: string };

/** Certificates for one hostname, each with one fault, and the authority that signed all but one of them. */
export type TestCertificates = {
  readonly ca: string;
  readonly caFile: string;
  /** Valid for 20 days and an hour. */
  readonly good: ServerCertificate;
  /** Ended an hour ago. */
  readonly expired: ServerCertificate;
  /** Begins in a day. */
  readonly notYetValid: ServerCertificate;
  /** For another name. */
  readonly wrongName: ServerCertificate;
  /** Signed by an authority that is not in `caFile`. */
  readonly untrusted: ServerCertificate;
  /** Signed by itself alone. */
  readonly selfSigned: ServerCertificate;
};

/** Makes them for `hostname`, and the authority's file in `directory`. */
export async function makeTestCertificates(directory: string, hostname: string): Promise<TestCertificates> {
  const authority = await makeAuthority('Azimuth test CA', daysFromNow(-10, 30));
  const stranger = await makeAuthority('Somebody else', daysFromNow(-10, 30));
  const ca = authority.certificate.toString('pem');
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, ca);
  const hour = 1 / 24;
  const make = async (signer: Issued, name: string, validity: Validity): Promise<ServerCertificate> => {
    const { certificate, key } = await issue(signer, [name], validity);
    return { cert: certificate.toString('pem'), key };
  };
  return {
    ca,
    caFile,
    good: await make(authority, hostname, daysFromNow(-1, 20 + hour)),
    expired: await make(authority, hostname, daysFromNow(-5, -hour)),
    notYetValid: await make(authority, hostname, daysFromNow(1, 5)),
    wrongName: await make(authority, `not-${hostname}`, daysFromNow(-1, 20)),
    untrusted: await make(stranger, hostname, daysFromNow(-1, 20)),
    selfSigned: await signItself(hostname, daysFromNow(-1, 20)),
  };
}

async function signItself(hostname: string, validity: Validity): Promise<ServerCertificate> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: `CN=${hostname}`,
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: hostname }]),
    ],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { cert: certificate.toString('pem'), key };
}

function daysFromNow(from: number, to: number): Validity {
  return { notBefore: new Date(Date.now() + from * DAY_MS), notAfter: new Date(Date.now() + to * DAY_MS) };
}
