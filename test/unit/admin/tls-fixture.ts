import { KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
// The certificate library needs it, and does not bring it.
import 'reflect-metadata';
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type Issued, issue, makeAuthority, type Validity } from '../../../examples/gateways/certificates.ts';

const DAY_MS = 86_400_000;

/** A certificate and its key in PEM. */
export type Pair = { readonly cert: string; readonly key: string };

/** From so many days ago, or from now on, to so many. */
export function days(from: number, to: number): Validity {
  return { notBefore: new Date(Date.now() + from * DAY_MS), notAfter: new Date(Date.now() + to * DAY_MS) };
}

/** Makes an authority. */
export async function authority(name: string): Promise<Issued & { readonly pem: string }> {
  const made = await makeAuthority(name, days(-10, 30));
  return { ...made, pem: made.certificate.toString('pem') };
}

/** Makes a server's certificate for localhost. */
export async function serverPair(by: Issued, validity = days(-1, 10)): Promise<Pair> {
  const { certificate, key } = await issue(by, ['localhost'], validity);
  return { cert: certificate.toString('pem'), key };
}

/** What a client's certificate is to be. */
export type ClientKind = {
  readonly commonName?: string;
  readonly names?: JsonGeneralName[];
  readonly validity?: Validity;
  readonly usage?: 'clientAuth' | 'serverAuth';
};

/** Makes a client's certificate. */
export async function clientPair(
  by: Issued,
  { commonName = 'a client', names = [], validity = days(-1, 10), usage = 'clientAuth' }: ClientKind = {},
): Promise<Pair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    ...validity,
    subject: `CN=${commonName}`,
    issuer: by.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: by.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new ExtendedKeyUsageExtension([
        usage === 'clientAuth' ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth,
      ]),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
    ],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { cert: certificate.toString('pem'), key };
}

/** The files of a server in a folder, and what replaces them. */
export async function writeTls(directory: string, { cert, key }: Pair, clientCa?: string) {
  const files = { certificate: join(directory, 'admin.pem'), key: join(directory, 'admin.key') };
  await writeFile(files.key, key);
  await writeFile(files.certificate, cert);
  const caFile = join(directory, 'client-ca.pem');
  if (clientCa !== undefined) await writeFile(caFile, clientCa);
  return { ...files, clientCa: clientCa === undefined ? undefined : caFile, caFile };
}

/** One request over TLS, on a connection of its own. Rejects where there is no trust. */
export async function askTls(
  port: number,
  path: string,
  options: RequestOptions & { readonly token?: string; readonly site?: string },
) {
  const { token, site, ...rest } = options;
  const headers = {
    host: 'localhost',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(site === undefined ? {} : { 'sec-fetch-site': site }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<{
    readonly status: number;
    readonly text: string;
    readonly serial: string;
    readonly protocol: string | null;
  }>();
  const sent = request(
    { host: '127.0.0.1', port, path, servername: 'localhost', headers, agent: false, ...rest },
    (response) => {
      const { socket } = response;
      if (!(socket instanceof TLSSocket)) throw new Error('not over TLS');
      const { serialNumber } = socket.getPeerCertificate();
      const protocol = socket.getProtocol();
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, text: body, serial: serialNumber, protocol }),
        reject,
      );
    },
  );
  sent.on('error', reject);
  sent.end();
  return promise;
}
