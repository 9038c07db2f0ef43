import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(prober: string) {
  const file = join(folder, 'azimuth.yaml');
  const zone = 'zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]';
  const cluster = 'clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]';
  await writeFile(file, `${zone}\n${cluster}\nprober: ${prober}\n`);
  return loadConfig(file, {});
}

describe('prober.headers, certificate-warning and allow', () => {
  test('are read, with paths from the folder of the file and hosts in one spelling', async () => {
    const loaded = await load(
      '{ headers: [{ hosts: [A.Example., "*.b.example"], file: secret/h.txt }], certificate-warning: 30d, allow: [127.0.0.0/8, "::1/128"] }',
    );
    if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
    const { prober, declaration } = loaded.config;
    expect(prober.headers).toEqual([{ hosts: ['a.example', '*.b.example'], file: join(folder, 'secret/h.txt') }]);
    expect(prober.certificateWarningMs).toBe(30 * 86_400_000);
    expect(declaration.probe.allow).toEqual(['127.0.0.0/8', '::1/128']);
    expect(prober.defaults.allow).toBe(declaration.probe.allow);
  });

  test.each([
    ['{ headers: [{ hosts: [], file: h.txt }] }', 'prober.headers[0].hosts: expected a list of 1 to 256 hostnames'],
    ['{ headers: [{ hosts: ["a b"], file: h.txt }] }', 'prober.headers[0].hosts[0]: expected a hostname, or "*."'],
    ['{ headers: [{ hosts: [192.0.2.1], file: h.txt }] }', 'prober.headers[0].hosts[0]: expected a hostname'],
    ['{ headers: [{ hosts: [a.example] }] }', 'prober.headers[0].file: expected a path, found nothing'],
    ['{ headers: [{ hosts: [a.example], file: h, value: x }] }', 'expected one of the keys hosts, file'],
    ['{ certificate-warning: 14 }', 'prober.certificate-warning: expected a duration from 0s to 365d'],
    ['{ certificate-warning: 366d }', 'prober.certificate-warning: expected a duration from 0s to 365d'],
    ['{ allow: [127.0.0.1] }', 'prober.allow[0]: expected a network like "127.0.0.0/8"'],
    ['{ allow: [127.0.0.1/8] }', 'prober.allow[0]: expected a network like "127.0.0.0/8"'],
    ['{ allow: 127.0.0.0/8 }', 'prober.allow: expected a list of at most 64 networks'],
  ])('refuses %s', async (prober, message) => {
    const loaded = await load(prober);
    const problems = loaded.kind === 'invalid' ? loaded.problems.map(formatProblem) : [];
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });
});

describe('prober.idle', () => {
  test.each([
    ['{}', undefined],
    ['{ idle: {} }', { afterMs: 900_000, intervalMs: 60_000 }],
    ['{ interval: 1m, idle: { after: 1h, interval: 5m } }', { afterMs: 3_600_000, intervalMs: 300_000 }],
  ])('of %s', async (prober, expected) => {
    const loaded = await load(prober);
    expect(loaded.kind === 'invalid' ? loaded.problems : loaded.config.prober.idle).toEqual(expected);
  });

  test.each([
    ['{ idle: { interval: 2h } }', 'prober.idle.interval: expected a duration from 1s to 1h'],
    ['{ idle: { after: 0s } }', 'prober.idle.after: expected a duration from 1s to 24h'],
    ['{ idle: { before: 1m } }', 'expected one of the keys after, interval'],
    ['{ idle: true }', 'prober.idle: '],
    ['{ idle: { interval: 10s } }', 'prober.idle.interval: expected longer than the interval of the others, 10s'],
    ['{ interval: 2m, idle: {} }', 'prober.idle.interval: expected longer than the interval of the others, 2m'],
  ])('refuses %s', async (prober, message) => {
    const loaded = await load(prober);
    const problems = loaded.kind === 'invalid' ? loaded.problems.map(formatProblem) : [];
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });
});
