/** What a real director counts of its own work, by scrapes: its start, changes, probes while it stands still, certificates. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextFreeAddress } from '../../src/cli/free-port.ts';
import { makeTestCertificates } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { type RawServer, startTcp, startTls } from '../unit/prober/servers.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';

const CHANGES = 'azimuth_change_to_answer_seconds';
const LATENESS = 'azimuth_probe_lateness_seconds';
const EXPIRY = 'azimuth_probe_certificate_expiry_seconds{cluster="eu",gateway="web/public"}';
/** For so long the director stands still, in ms: three slots and a half. */
const STOPPED_MS = 3500;

let folder: string;
let director: OwnProcess;
let admin: string;
let token: string;
let secure: RawServer;
let slow: RawServer;
/** Has the slow server answer, which takes its connections and says nothing before. */
let answer: () => void;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-own-metrics-'));
  const { good } = await makeTestCertificates(folder, 'shop.gslb.example');
  const ok = 'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n';
  secure = await startTls(good, (socket) => socket.once('data', () => socket.end(ok)));
  const { promise, resolve } = Promise.withResolvers<void>();
  answer = resolve;
  slow = await startTcp((socket) => socket.once('data', () => void promise.then(() => socket.end(ok))));
  const { port } = await nextFreeAddress({ host: '127.0.0.1', port: 24_953 }, 'admin');
  admin = `http://127.0.0.1:${port}`;
  await writeWorld(port);
  director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
});

afterAll(async () => {
  await director?.stop();
  await Promise.all([secure?.stop(), slow?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

describe('a director', () => {
  it('counts no change for its start, however long that takes, nor for an order given meanwhile', async () => {
    await eventually(async () => {
      token = (await readFile(join(folder, 'state/admin-token'), 'utf8')).trim();
      await order('POST', '/v1/clusters/us/drain', { force: true });
    });
    expect(director.lines.some((line) => logField(line, 'ready', 'listening') !== undefined)).toBe(false);
    answer();
    await director.waitFor((line) => logField(line, 'ready', 'listening'));
    const page = await scrape();
    expect(page.get(`${CHANGES}_count`)).toBe(0);
    expect(page.get('azimuth_snapshot_compile_duration_seconds_count')).toBe(0);
    expect(page.get('azimuth_snapshot_version')).toBeGreaterThan(1);
  });

  it('counts a change after that', async () => {
    await order('DELETE', '/v1/clusters/us/drain');
    const page = await scrape();
    expect(page.get(`${CHANGES}_count`)).toBeGreaterThanOrEqual(1);
    expect(page.get('azimuth_snapshot_compile_duration_seconds_count')).toBeGreaterThanOrEqual(1);
  });

  it('tells of a hostname without an address, and not as of one without a cluster', async () => {
    const page = await scrape();
    expect(page.get('azimuth_hostnames_without_endpoint')).toBe(1);
    expect(page.get('azimuth_hostnames_without_cluster')).toBe(0);
  });

  it('shows that it stood still: probes are late, and some are left out', async () => {
    const before = await scrape();
    const missed = before.get('azimuth_probe_slots_missed_total') ?? Number.NaN;
    director.child.kill('SIGSTOP');
    await sleep(STOPPED_MS);
    director.child.kill('SIGCONT');
    await eventually(async () => {
      const page = await scrape();
      const late = (page.get(`${LATENESS}_count`) ?? 0) - (page.get(`${LATENESS}_bucket{le="1"}`) ?? 0);
      expect(late).toBeGreaterThanOrEqual(1);
      expect(page.get('azimuth_probe_slots_missed_total')).toBeGreaterThanOrEqual(missed + 2);
    });
  });

  it('tells when a certificate ends, also when its server is gone', async () => {
    const days = ((await scrape()).get(EXPIRY) ?? 0) / 86_400;
    expect(days).toBeGreaterThan(19.9);
    expect(days).toBeLessThan(20.1);
    await secure.stop();
    const refused = 'azimuth_probe_results_total{protocol="https",result="refused"}';
    await eventually(async () => expect((await scrape()).get(refused)).toBeGreaterThanOrEqual(2));
    const left = ((await scrape()).get(EXPIRY) ?? 0) / 86_400;
    expect(left).toBeGreaterThan(19.9);
    expect(left).toBeLessThan(days);
  });
});

/** The values of a page, by series as it is written. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const page = await (await fetch(`${admin}/metrics`, { headers: headers() })).text();
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

async function order(method: string, path: string, body?: object): Promise<void> {
  const told = body === undefined ? {} : { body: JSON.stringify({ ...body, reason: 'proof' }) };
  const answered = await fetch(`${admin}${path}`, { method, headers: headers(body), ...told });
  expect(answered.ok, `${path}: ${answered.ok ? '' : await answered.text()}`).toBe(true);
}

function headers(body?: object): Record<string, string> {
  return { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
}

/** One hostname in two clusters, and one of a Gateway that has no address yet. */
async function writeWorld(adminPort: number): Promise<void> {
  const probes = {
    // The start waits for the first answer of the slow server.
    us: `{ azimuth.dev/probe: "http://:${slow.port}/", azimuth.dev/probe-interval: 60s, azimuth.dev/probe-timeout: 30s }`,
    eu: `{ azimuth.dev/probe: "https://:${secure.port}/", azimuth.dev/probe-interval: 1s, azimuth.dev/probe-timeout: 900ms }`,
  };
  for (const [cluster, annotations] of Object.entries(probes)) {
    await mkdir(join(folder, cluster));
    await writeFile(join(folder, cluster, 'web.yaml'), manifests(annotations));
  }
  await writeFile(
    join(folder, 'azimuth.yaml'),
    `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters:
  - { name: eu, location: { country: DE }, source: { manifests: eu } }
  - { name: us, location: { country: US }, source: { manifests: us } }
dns: { listen: ["127.0.0.1:0"] }
admin: { listen: "127.0.0.1:${adminPort}" }
prober: { allow: [127.0.0.0/8], trust: ca.pem }
state: { directory: state }
`,
  );
}

function manifests(annotations: string): string {
  const route = (name: string, gateway: string): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: web }
spec: { parentRefs: [{ name: ${gateway} }], hostnames: [${name}.gslb.example] }
`;
  const gateway = (name: string, status: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: web, annotations: ${annotations} }
spec:
  gatewayClassName: example
  listeners: [{ name: http, protocol: HTTP, port: 80 }]
${status}`;
  const addressed = 'status: { addresses: [{ type: IPAddress, value: 127.0.0.1 }] }\n';
  return `${gateway('public', addressed)}${route('shop', 'public')}---\n${gateway('new', '')}${route('fresh', 'new')}`;
}
