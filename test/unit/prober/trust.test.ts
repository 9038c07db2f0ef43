import { copyFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import type { Finding } from '../../../src/core/desired/finding.ts';
import { FILE_CHECK_MS } from '../../../src/prober/followed-file.ts';
import { createProber } from '../../../src/prober/prober.ts';
import { createTrust, MAX_TRUST_BYTES } from '../../../src/prober/trust.ts';
import { makeTestCertificates, type TestCertificates } from '../../support/certificates.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';

let directory: string;
let file: string;
let made: TestCertificates;
let gateway: TestGateway;
let told: (readonly Finding[])[];
let now: number;
let trust: ReturnType<typeof createTrust>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-trust-'));
  file = join(directory, 'trust.pem');
  made = await makeTestCertificates(directory, 'shop.gslb.example');
  gateway = await startTestGateway({ certificate: made.good });
  told = [];
  now = 0;
  trust = createTrust({ file, now: () => now, onFindings: (findings) => told.push(findings) });
});
afterEach(async () => {
  await gateway.stop();
  await rm(directory, { recursive: true });
});

const later = () => {
  now += FILE_CHECK_MS;
  return trust.context();
};
const complaints = () => told.map((findings) => findings.map((finding) => finding.code));

describe('the trust file', () => {
  it('may be absent: a finding, and probes go on with the roots of the system', async () => {
    const { address, port } = gateway;
    const monitor = monitorOf({ protocol: 'https', address, port });
    const result = await probeOnce(monitor, { trustFile: file, onFindings: (findings) => told.push(findings) });
    expect(verdictOf(result)).toBe('certificate-untrusted');
    expect(told).toMatchObject([[{ code: 'trust-unreadable', severity: 'warning', origin: { file } }]]);
  });

  it('is read again when it changes', async () => {
    const { address, port } = gateway;
    const results: string[] = [];
    const monitor = monitorOf({ protocol: 'https', address, port, intervalMs: 300 });
    const prober = createProber({ clock: SYSTEM_CLOCK, trustFile: file });
    prober.watch([monitor]);
    await new Promise<void>((resolve) => {
      prober.start((result) => {
        results.push(verdictOf(result));
        if (results.length === 1) void copyFile(made.caFile, file);
        if (results.at(-1) === 'success') resolve();
      });
    });
    await prober.close();
    expect(results[0]).toBe('certificate-untrusted');
    expect(results.length).toBeLessThan(10);
  });

  it('is looked at once a second at most, and parsed only when it changed', async () => {
    await copyFile(made.caFile, file);
    const first = await trust.context();
    expect(await later()).toBe(first);
    await copyFile(made.caFile, join(directory, 'next.pem'));
    await rename(join(directory, 'next.pem'), file);
    now += FILE_CHECK_MS - 1;
    expect(await trust.context()).toBe(first);
    now += 1;
    expect(await trust.context()).not.toBe(first);
    expect(told).toEqual([]);
  });

  it('keeps its last certificates when it goes or breaks, and says so once', async () => {
    await copyFile(made.caFile, file);
    const good = await trust.context();
    await rm(file);
    expect(await later()).toBe(good);
    expect(await later()).toBe(good);
    expect(complaints()).toEqual([['trust-unreadable']]);
    await copyFile(made.caFile, file);
    await later();
    expect(complaints()).toEqual([['trust-unreadable'], []]);
  });

  it.each([
    ['no certificate', 'hello'],
    ['a broken certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('is refused with %s', async (_what, text) => {
    await copyFile(made.caFile, file);
    const good = await trust.context();
    await writeFile(file, text);
    expect(await later()).toBe(good);
    expect(complaints()).toEqual([['trust-unreadable']]);
  });

  it('is refused where it is no file', async () => {
    const folder = createTrust({ file: directory, now: () => now, onFindings: (findings) => told.push(findings) });
    await folder.context();
    expect(told[0]?.[0]?.message).toBe('not a file');
  });

  it('is refused over the size limit', async () => {
    await copyFile(made.caFile, file);
    await truncate(file, MAX_TRUST_BYTES + 1);
    await trust.context();
    expect(told[0]?.[0]?.message).toContain('larger than');
  });

  it('is not needed', async () => {
    const clock = createManualClock(0);
    const without = createTrust({ now: () => clock.now() });
    expect(await without.context()).toBe(await without.context());
  });
});
