import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateFiles, makeCertificates } from '../../examples/gateways/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway.ts';
import { monitorOf, probeOnce, verdictOf } from '../unit/prober/probe-once.ts';

const HOSTNAMES = ['shop.gslb.example', '*.apps.gslb.example'];
let directory: string;
let files: CertificateFiles;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-gateway-'));
  files = await makeCertificates(join(directory, 'new'), HOSTNAMES);
});
afterAll(() => rm(directory, { recursive: true }));

describe('the gateway of the demo', () => {
  it('is up for the prober over http and https, and gone at once when it is ended', async () => {
    const gateway = await startGatewayProcess({ name: 'eu-west', address: '127.0.0.2', ...files });
    const at = { address: '127.0.0.2', timeoutMs: 5000 };
    const http = monitorOf({ ...at, port: gateway.http, expect: { kind: 'body', text: 'eu-west answers for shop' } });
    const https = monitorOf({ ...at, port: gateway.https, protocol: 'https' });
    const wildcard = { ...https, host: 'azimuth-probe.apps.gslb.example' };
    const stranger = { ...https, host: 'bank.gslb.example' };
    const trust = { trustFile: files.caFile };
    expect(verdictOf(await probeOnce(http))).toBe('success');
    expect(await probeOnce(https, trust)).toMatchObject({ outcome: { kind: 'success' }, certificateDaysLeft: 29 });
    expect(verdictOf(await probeOnce(wildcard, trust))).toBe('success');
    expect(verdictOf(await probeOnce(stranger, trust))).toBe('certificate-name');
    expect(await gateway.stop()).toBe(0);
    expect(verdictOf(await probeOnce(http))).toBe('refused');
    const again = await startGatewayProcess({ name: 'eu-west', address: '127.0.0.2', ...files, http: gateway.http });
    expect(verdictOf(await probeOnce(http))).toBe('success');
    await again.stop('SIGKILL');
  });

  it('ends with a parent that forked it, however that one ends', async () => {
    const script = fileURLToPath(new URL('../../examples/gateways/gateway.ts', import.meta.url));
    const settings = ['--name', 'x', '--address', '127.0.0.2', '--cert', files.certFile, '--key', files.keyFile];
    const fork = `require('node:child_process').fork(${JSON.stringify(script)}, ${JSON.stringify(settings)})`;
    const parent = spawn(process.execPath, ['-e', fork], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout, 'data');
    const port = Number(/"http":(\d+)/.exec(String(line))?.[1]);
    const monitor = monitorOf({ address: '127.0.0.2', port });
    expect(verdictOf(await probeOnce(monitor))).toBe('success');
    parent.kill('SIGKILL');
    await eventually(async () => expect(verdictOf(await probeOnce(monitor))).toBe('refused'), { timeout: 10_000 });
  });

  it('says why where it cannot start', async () => {
    const options = { name: 'x', address: '127.0.0.2', ...files, certFile: join(directory, 'none.pem') };
    await expect(startGatewayProcess(options)).rejects.toThrow('ENOENT');
  });
});

describe('certificates of the demo', () => {
  it('stay while they cover the same names, and are made anew for others or where one is broken', async () => {
    const before = await readFile(files.certFile, 'utf8');
    expect(await makeCertificates(join(directory, 'new'), HOSTNAMES.toReversed())).toEqual(files);
    expect(await readFile(files.certFile, 'utf8')).toBe(before);
    await writeFile(files.keyFile, 'broken');
    await makeCertificates(join(directory, 'new'), HOSTNAMES);
    const repaired = await readFile(files.certFile, 'utf8');
    expect(repaired).not.toBe(before);
    await makeCertificates(join(directory, 'new'), ['other.gslb.example']);
    const leaf = new X509Certificate(await readFile(files.certFile));
    expect(leaf.subjectAltName).toBe('DNS:other.gslb.example');
    expect(leaf.verify(new X509Certificate(await readFile(files.caFile)).publicKey)).toBe(true);
  });

  it('keep the key for their owner', async () => {
    expect((await stat(files.keyFile)).mode & 0o777).toBe(0o600);
  });
});
