import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ClusterSecret,
  readClusterSecret,
  secretOrigin,
} from '../../../src/sources/gateway-api/cluster-secret.ts';
import { createCredentials } from '../../../src/sources/gateway-api/credentials.ts';
import { MAX_SECRET_KUBECONFIG_OCTETS } from '../../../src/sources/gateway-api/limits.ts';
import { makeTestCertificates, type TestCertificates } from '../../support/certificates.ts';
import { kubeconfigWith, labelledSecret } from './labelled-secret.ts';

const ORIGIN = secretOrigin('azimuth', 's');
const read = (secret: unknown) => readClusterSecret(secret, 'azimuth.dev/', ORIGIN);
const good = (secret: unknown): ClusterSecret => {
  const result = read(secret);
  if ('problem' in result) throw new Error(result.problem);
  return result;
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let directory = '';
let certificates: TestCertificates;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-secret-'));
  certificates = await makeTestCertificates(directory, 'api.example.org');
});
afterAll(() => rm(directory, { recursive: true }));

describe('a labelled Secret', () => {
  test('is a cluster of its own name, where its location says, and leads there with its token', async () => {
    const { spec, watch, server, kubeconfig } = good(labelledSecret('eu-west', kubeconfigWith()));
    expect(spec).toMatchObject({ name: 'eu-west', location: { country: 'DE', continent: 'EU' }, annotations: {} });
    expect(watch).toEqual({ cluster: 'eu-west', namespaces: [], selector: undefined, gatewayClasses: undefined });
    const credentials = await createCredentials({ kind: 'given', server, read: () => kubeconfig }).current();
    expect(credentials).toMatchObject({
      server: 'https://10.0.0.1:6443/path',
      headers: { Authorization: 'Bearer abc' },
      proxy: undefined,
    });
  });

  test('may lead there with a client certificate, and name an authority', async () => {
    const { cert, key } = certificates.good;
    const ca = { 'certificate-authority-data': base64(certificates.ca), 'tls-server-name': 'api.example.org' };
    const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    const { server, kubeconfig } = good(labelledSecret('eu', kubeconfigWith(ca, user)));
    const { tls } = await createCredentials({ kind: 'given', server, read: () => kubeconfig }).current();
    expect(String(tls.ca)).toBe(certificates.ca);
    expect(String(tls.cert)).toBe(cert);
    expect(Buffer.from(key).equals(Buffer.isBuffer(tls.key) ? tls.key : Buffer.alloc(0))).toBe(true);
    expect(tls.servername).toBe('api.example.org');
    expect(tls.rejectUnauthorized).not.toBe(false);
  });

  test('says by annotations what it is called, what is read of it and what its defaults are', () => {
    const { spec, watch } = good(
      labelledSecret('the.secret', kubeconfigWith(), {
        'azimuth.dev/name': 'us-east',
        'azimuth.dev/region': 'us-east1',
        'azimuth.dev/namespaces': 'shop, web,shop',
        'azimuth.dev/selector': 'app in (a, b)',
        'azimuth.dev/gateway-classes': 'public',
        'azimuth.dev/weight': '7',
        'other.dev/weight': '8',
      }),
    );
    expect(spec).toMatchObject({ name: 'us-east', location: { country: 'US' }, annotations: { weight: '7' } });
    expect(spec.placedBy).toBeUndefined();
    expect(watch).toEqual({
      cluster: 'us-east',
      namespaces: ['shop', 'web'],
      selector: 'app in (a, b)',
      gatewayClasses: ['public'],
    });
  });

  test('without a place is where its nodes are', () => {
    const { spec, watch } = good(labelledSecret('eu', kubeconfigWith(), {}));
    expect(spec).toMatchObject({ placedBy: 'nodes', location: { country: '' } });
    expect(watch.nodes).toBe('read');
  });

  test('may be YAML, and have its kubeconfig under the key of Cluster API', () => {
    const text = [
      'clusters: [{name: c, cluster: {server: "https://a.example"}}]',
      'users: [{name: u, user: {token: t}}]',
      'contexts: [{name: x, context: {cluster: c, user: u}}]',
    ].join('\n');
    const secret = { metadata: { name: 'eu' }, data: { value: base64(text) } };
    expect(good(secret).server).toBe('https://a.example');
  });
});

const kubeconfigs: readonly (readonly [string, () => object | string, RegExp])[] = [
  ['runs a program', () => kubeconfigWith({}, { exec: { command: '/bin/sh' } }), /"exec" of its user/],
  ['runs a program beside a token', () => kubeconfigWith({}, { token: 'a', exec: {} }), /"exec" of its user/],
  ['asks an old plug-in', () => kubeconfigWith({}, { 'auth-provider': { name: 'gcp' } }), /"auth-provider"/],
  ['reads a token here', () => kubeconfigWith({}, { tokenFile: '/etc/shadow' }), /"tokenFile"/],
  ['reads a certificate here', () => kubeconfigWith({}, { 'client-certificate': '/a' }), /"client-certificate"/],
  ['reads a key here', () => kubeconfigWith({}, { 'client-key': '/a' }), /"client-key"/],
  ['reads an authority here', () => kubeconfigWith({ 'certificate-authority': '/a' }), /"certificate-authority"/],
  ['goes through a proxy', () => kubeconfigWith({ 'proxy-url': 'http://a' }), /"proxy-url"/],
  ['says who else to be', () => kubeconfigWith({}, { token: 'a', as: 'root' }), /"as"/],
  ['has a password', () => kubeconfigWith({}, { username: 'a', password: 'secret' }), /"username"/],
  ['does not verify', () => kubeconfigWith({ 'insecure-skip-tls-verify': true }), /does not verify/],
  ['does not verify, as a text', () => kubeconfigWith({ 'insecure-skip-tls-verify': 'true' }), /does not verify/],
  ['sends a token in the clear', () => kubeconfigWith({ server: 'http://10.0.0.1' }), /no https URL/],
  ['names a file as server', () => kubeconfigWith({ server: 'file:///etc/passwd' }), /no https URL/],
  ['has a password in its URL', () => kubeconfigWith({ server: 'https://a:b@c' }), /no plain URL/],
  ['has a query in its URL', () => kubeconfigWith({ server: 'https://a/?b' }), /no plain URL/],
  ['breaks a line in its URL', () => kubeconfigWith({ server: 'https://a/\nb' }), /no plain URL/],
  ['breaks a line in its token', () => kubeconfigWith({}, { token: 'a\r\nHost: b' }), /token is none/],
  ['has a number for a token', () => kubeconfigWith({}, { token: 7 }), /neither a token/],
  ['has nobody', () => kubeconfigWith({}, {}), /neither a token/],
  ['has a certificate without a key', () => kubeconfigWith({}, { 'client-certificate-data': 'YQ==' }), /alone/],
  ['has no base64', () => kubeconfigWith({ 'certificate-authority-data': '<>' }), /not base64/],
  ['has an authority that is none', () => kubeconfigWith({ 'certificate-authority-data': 'YWJj' }), /not valid/],
  ['has an odd server name', () => kubeconfigWith({ 'tls-server-name': 'a\nb' }), /tls-server-name/],
  ['names no context', () => kubeconfigWith({}, undefined, { contexts: [] }), /"x" once in contexts/],
  ['has two clusters of a name', () => twice('clusters'), /"c" once in clusters/],
  ['has two users of a name', () => twice('users'), /"u" once in users/],
  ['does not say which of two contexts', () => ({ contexts: [{ name: 'a' }, { name: 'b' }] }), /no current context/],
  ['is no YAML', () => ': [', /not valid YAML/],
  ['is a list', () => '[1]', /no current context/],
  ['refers to itself', () => 'a: &a [*a]', /not valid YAML/],
  ['is too large', () => '#'.repeat(MAX_SECRET_KUBECONFIG_OCTETS + 1), /over 262144 octets/],
];

function twice(list: 'clusters' | 'users'): object {
  const config = kubeconfigWith();
  const [, entries] = Object.entries(config).find(([key]) => key === list)!;
  return { ...config, [list]: [...entries, ...entries] };
}

test.each(kubeconfigs)('a kubeconfig that %s is refused', (_what, kubeconfig, problem) => {
  const result = read(labelledSecret('eu', kubeconfig()));
  expect(result).toEqual({ problem: expect.stringMatching(problem) });
});

test('a key that is not the one of the certificate is refused', () => {
  const [one, other] = [certificates.good, certificates.expired];
  const user = { 'client-certificate-data': base64(one.cert), 'client-key-data': base64(other.key) };
  expect(read(labelledSecret('eu', kubeconfigWith({}, user)))).toEqual({ problem: expect.stringMatching(/not valid/) });
});

test.each([
  ['a name in capitals', { name: 'EU' }, /"EU" is no cluster name/],
  ['a name with control characters', { name: 'a\x1b[2J' }, /"a\\u001b\[2J" is no cluster name/],
  ['a location in no country', { location: '1,2,XX' }, /location "1,2,XX"/],
  ['a location off the Earth', { location: '91,2,DE' }, /location "91,2,DE"/],
  ['an unknown region', { region: 'moon-1' }, /region "moon-1"/],
  ['a location and a region', { location: 'DE', region: 'us-east1' }, /both/],
  ['a namespace that is a path', { namespaces: '../x' }, /"..\/x" is no namespace/],
  ['no namespace at all', { namespaces: ' , ' }, /empty/],
  ['a selector with control characters', { selector: 'a\nb' }, /selector/],
  ['no gateway class at all', { 'gateway-classes': '' }, /gateway classes/],
  ['very many annotations', Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`a${i}`, ''])), /over 64/],
] as readonly (readonly [string, Record<string, string>, RegExp])[])('%s is refused', (_what, own, problem) => {
  const annotations = Object.fromEntries(Object.entries(own).map(([key, value]) => [`azimuth.dev/${key}`, value]));
  expect(read(labelledSecret('eu', kubeconfigWith(), annotations))).toEqual({
    problem: expect.stringMatching(problem),
  });
});

test('nothing secret is in the words of a refusal', () => {
  const secret = 'hunter2hunter2';
  for (const [, kubeconfig] of kubeconfigs) {
    const made = kubeconfig();
    const text = typeof made === 'string' ? made : JSON.stringify(made);
    const result = read(labelledSecret('eu', `${text.replace('abc', secret)}\n${secret}: [`));
    expect(JSON.stringify(result)).not.toContain(secret);
  }
});

test('whatever a Secret holds, reading it never throws', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.object(), (a, b, c) => {
      for (const value of [a, { metadata: a, data: b }, { metadata: { name: 'a', annotations: c }, data: c }]) {
        expect(read(value)).toBeTypeOf('object');
      }
    }),
  );
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(read(labelledSecret('a', text))).toBeTypeOf('object');
    }),
  );
});
