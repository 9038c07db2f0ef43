import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Monitor } from '../../../src/core/desired/model.ts';
import { makeTestCertificates, type TestCertificates } from '../../support/certificates.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';
import { type RawServer, startTcp, startTls } from './servers.ts';

let directory: string;
let made: TestCertificates;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-tls-'));
  made = await makeTestCertificates(directory, 'shop.gslb.example');
});
afterAll(() => rm(directory, { recursive: true }));

const at = ({ address, port }: RawServer, given: Partial<Monitor> = {}): Monitor =>
  monitorOf({ protocol: 'tls', path: '', address, port, ...given });

describe('a tls probe', () => {
  it('succeeds after the handshake, with the days of the certificate, and sends nothing', async () => {
    const names: unknown[] = [];
    const server = await startTls(made.good, (socket) => {
      if ('servername' in socket && 'alpnProtocol' in socket) names.push(socket.servername, socket.alpnProtocol);
    });
    const result = await probeOnce(at(server), { trustFile: made.caFile });
    expect(result).toMatchObject({ outcome: { kind: 'success' }, certificateDaysLeft: 20 });
    await server.stop();
    expect(names).toEqual(['shop.gslb.example', false]);
    expect(server.received()).toBe(0);
  });

  it('tells how long connecting and the handshake took, and of nothing that it does not have', async () => {
    const server = await startTls(made.good, () => {});
    const result = await probeOnce(at(server), { trustFile: made.caFile });
    await server.stop();
    expect(Object.keys(result.phases ?? {}).toSorted()).toEqual(['connectMs', 'tlsMs']);
    const { connectMs = -1, tlsMs = -1 } = result.phases ?? {};
    expect(connectMs).toBeGreaterThan(0);
    expect(tlsMs).toBeGreaterThan(0);
    expect(connectMs + tlsMs).toBeLessThan(result.durationMs + 5);
    expect(Object.isFrozen(result.phases)).toBe(true);
  });

  it.each([
    ['expired', 'certificate-expired'],
    ['notYetValid', 'certificate-expired'],
    ['wrongName', 'certificate-name'],
    ['untrusted', 'certificate-untrusted'],
  ] as const)('refuses a certificate that is %s: %s', async (fault, failure) => {
    const server = await startTls(made[fault], () => {});
    expect(verdictOf(await probeOnce(at(server), { trustFile: made.caFile }))).toBe(failure);
    await server.stop();
  });

  it('refuses one that signed itself', async () => {
    const server = await startTls(made.selfSigned, () => {});
    expect(verdictOf(await probeOnce(at(server), { trustFile: made.caFile }))).toBe('certificate-untrusted');
    await server.stop();
  });

  it('fails where no TLS is spoken, and where nothing is said in time', async () => {
    const plain = await startTcp((socket) => void socket.end('220 mail ESMTP\r\n'));
    expect(verdictOf(await probeOnce(at(plain)))).toBe('tls');
    await plain.stop();
    const silent = await startTcp(() => {});
    const result = await probeOnce(at(silent, { timeoutMs: 200 }));
    expect(result.outcome).toMatchObject({ failure: 'timeout', detail: '200 ms were over while handshaking' });
    expect(Object.keys(result.phases ?? {})).toEqual(['connectMs']);
    await silent.stop();
  });
});
