import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import type { Finding } from '../../../src/core/desired/finding.ts';
import type { Monitor } from '../../../src/core/desired/model.ts';
import type { ProbeResult } from '../../../src/core/health/monitor-health.ts';
import { createProber } from '../../../src/prober/prober.ts';
import { makeTestCertificates, type ServerCertificate, type TestCertificates } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestGateway } from '../../support/gateway.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';

const HOST = 'shop.gslb.example';
let directory: string;
let made: TestCertificates;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-https-'));
  made = await makeTestCertificates(directory, HOST);
});
afterAll(() => rm(directory, { recursive: true }));

async function probeServerWith(certificate: ServerCertificate, monitor: Partial<Monitor> = {}): Promise<ProbeResult> {
  const gateway = await startTestGateway({ certificate });
  const { address, port } = gateway;
  const target = monitorOf({ protocol: 'https', address, port, ...monitor });
  const result = await probeOnce(target, { trustFile: made.caFile });
  await eventually(() => expect(gateway.connections().open).toBe(0));
  await gateway.stop();
  return result;
}

describe('an https probe', () => {
  it('sends the host as SNI and Host, and counts the days of the certificate', async () => {
    const gateway = await startTestGateway({ certificate: made.good });
    const { address, port } = gateway;
    const result = await probeOnce(monitorOf({ protocol: 'https', address, port }), { trustFile: made.caFile });
    expect(verdictOf(result)).toBe('success');
    expect(result.certificateDaysLeft).toBe(20);
    expect(gateway.seen).toMatchObject([{ sni: HOST, host: `${HOST}:${port}`, path: '/healthz' }]);
    await eventually(() => expect(gateway.connections()).toEqual({ accepted: 1, open: 0 }));
    await gateway.stop();
  });

  it.each([
    ['expired', 'certificate-expired', -1],
    ['notYetValid', 'certificate-expired', 4],
    ['wrongName', 'certificate-name', 19],
    ['untrusted', 'certificate-untrusted', 19],
  ] as const)('refuses a certificate that is %s: %s, and still counts its days', async (fault, failure, days) => {
    const result = await probeServerWith(made[fault]);
    expect(result).toMatchObject({ outcome: { failure }, certificateDaysLeft: days });
  });

  it('sends no request to a server that it does not believe', async () => {
    const gateway = await startTestGateway({ certificate: made.wrongName });
    const { address, port } = gateway;
    await probeOnce(monitorOf({ protocol: 'https', address, port }), { trustFile: made.caFile });
    expect(gateway.seen).toEqual([]);
    await gateway.stop();
  });

  it('does not believe a private authority without the trust file', async () => {
    const gateway = await startTestGateway({ certificate: made.good });
    const { address, port } = gateway;
    expect(verdictOf(await probeOnce(monitorOf({ protocol: 'https', address, port })))).toBe('certificate-untrusted');
    await gateway.stop();
  });

  it('judges status and body as over http', async () => {
    const expect503 = { kind: 'status', ranges: [[503, 503]] } as const;
    expect(await probeServerWith(made.good, { expect: expect503 })).toMatchObject({
      outcome: { failure: 'status', detail: 'status 200' },
      certificateDaysLeft: 20,
    });
    expect(verdictOf(await probeServerWith(made.good, { expect: { kind: 'body', text: 'ok' } }))).toBe('success');
  });

  it('keeps the days of the certificate where the response never comes', async () => {
    const gateway = await startTestGateway({ certificate: made.good });
    gateway.behave({ kind: 'hang' });
    const { address, port } = gateway;
    const monitor = monitorOf({ protocol: 'https', address, port, timeoutMs: 400 });
    const result = await probeOnce(monitor, { trustFile: made.caFile });
    expect(result).toMatchObject({ outcome: { failure: 'timeout' }, certificateDaysLeft: 20 });
    await gateway.stop();
  });
});

describe('a TLS handshake that fails', () => {
  it('is a tls failure where the server speaks plain HTTP', async () => {
    const gateway = await startTestGateway();
    gateway.behave({ kind: 'hang' });
    const { address, port } = gateway;
    expect(verdictOf(await probeOnce(monitorOf({ protocol: 'https', address, port })))).toBe('tls');
    await gateway.stop();
  });

  it('is a tls failure where the two have no cipher in common', async () => {
    const server = createTlsServer({ ...made.good, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA256' });
    const port = await listening(server.listen(0, '127.0.0.1'));
    const monitor = monitorOf({ protocol: 'https', address: '127.0.0.1', port });
    expect(verdictOf(await probeOnce(monitor, { trustFile: made.caFile }))).toBe('tls');
    server.close();
  });

  it('is a timeout where the server accepts and says nothing', async () => {
    const server = createTcpServer((socket) => socket.on('error', () => {}).resume());
    const port = await listening(server.listen(0, '127.0.0.1'));
    const monitor = monitorOf({ protocol: 'https', address: '127.0.0.1', port, timeoutMs: 200 });
    const result = await probeOnce(monitor);
    expect(result.outcome).toMatchObject({ failure: 'timeout', detail: '200 ms were over while handshaking' });
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  it('is a reset where the server closes at once', async () => {
    const server = createTcpServer((socket) => socket.resetAndDestroy());
    const port = await listening(server.listen(0, '127.0.0.1'));
    const monitor = monitorOf({ protocol: 'https', address: '127.0.0.1', port });
    expect(verdictOf(await probeOnce(monitor))).toBe('reset');
    server.close();
  });
});

async function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a certificate that ends soon', () => {
  it('is a finding by the configured time, and gone when it was renewed', async () => {
    const gateway = await startTestGateway({ certificate: made.good });
    const { address, port } = gateway;
    const told: (readonly Finding[])[] = [];
    const prober = createProber({
      clock: SYSTEM_CLOCK,
      trustFile: made.caFile,
      certificateWarningMs: 21 * 86_400_000,
      onFindings: (findings) => told.push(findings),
    });
    prober.start(() => {});
    prober.watch([monitorOf({ protocol: 'https', address, port })]);
    await eventually(() => expect(told).toHaveLength(1), { timeout: 5000 });
    expect(told[0]).toMatchObject([
      { code: 'certificate-expires-soon', message: `the certificate of ${HOST} ends in 20 days` },
    ]);
    prober.watch([]);
    await eventually(() => expect(told.at(-1)).toEqual([]), { timeout: 5000 });
    await prober.close();
    await gateway.stop();
  });
});
