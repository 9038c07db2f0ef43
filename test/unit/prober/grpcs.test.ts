import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestCertificates, type ServerCertificate, type TestCertificates } from '../../support/certificates.ts';
import { startTestGateway } from '../../support/gateway.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';
import { listening } from './servers.ts';

let directory: string;
let made: TestCertificates;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-grpcs-'));
  made = await makeTestCertificates(directory, 'shop.gslb.example');
});
afterAll(() => rm(directory, { recursive: true }));

const schemes: unknown[] = [];

function healthServer(certificate: ServerCertificate, serving: number): Http2SecureServer {
  const server = createSecureServer({ ...certificate });
  server.on('sessionError', () => {});
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    schemes.push(headers[':scheme']);
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, serving]));
  });
  return server;
}

describe('a grpcs probe', () => {
  it.each([
    ['good', 1, 'success'],
    ['good', 2, 'status'],
    ['expired', 1, 'certificate-expired'],
    ['wrongName', 1, 'certificate-name'],
    ['untrusted', 1, 'certificate-untrusted'],
  ] as const)('of a server with a certificate that is %s and state %i: %s', async (certificate, serving, verdict) => {
    const server = healthServer(made[certificate], serving);
    const port = await listening(server);
    const monitor = monitorOf({ protocol: 'grpcs', address: '127.0.0.1', port, path: '' });
    const result = await probeOnce(monitor, { trustFile: made.caFile });
    expect(verdictOf(result)).toBe(verdict);
    expect(result.certificateDaysLeft).toBeDefined();
    server.close();
    await once(server, 'close');
  });

  it('asks over https', () => {
    expect(new Set(schemes)).toEqual(new Set(['https']));
  });

  it('fails with alpn where HTTP/2 is not spoken', async () => {
    const gateway = await startTestGateway({ certificate: made.good });
    const monitor = monitorOf({ protocol: 'grpcs', address: gateway.address, port: gateway.port });
    expect(verdictOf(await probeOnce(monitor, { trustFile: made.caFile }))).toBe('alpn');
    await gateway.stop();
  });
});
