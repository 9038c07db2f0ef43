import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeTestCertificates, type TestCertificates } from '../support/certificates.ts';
import { ask } from '../support/dns-client.ts';
import { query } from '../support/dns-message.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';

const PROMETHEUS = ['/usr/bin/prometheus', '/usr/local/bin/prometheus'].find((path) => existsSync(path));
/** What bcrypt makes of the password. */
const [PASSWORD, PASSWORD_HASH] = ['test', '$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay'];
/** Longest wait for a change to come through a scrape, the questions and the answers, in ms. */
const PATIENCE = { timeout: 20_000, interval: 200 };

let folder = '';
let certificates: TestCertificates;
let target: Server;
let load = 0.5;
let prometheus: ChildProcess | undefined;
let director: OwnProcess | undefined;
let listening: { readonly dns: readonly Address[]; readonly admin: readonly Address[] };
type Address = { readonly host: string; readonly port: number };

beforeAll(async () => {
  if (PROMETHEUS === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'azimuth-prometheus-'));
  target = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`# TYPE load gauge\nload{zone="a"} ${load}\nload{zone="b"} 0.1\n`);
  });
  certificates = await makeTestCertificates(folder, 'localhost');
  const scraped = await listen(target);
  const port = await freePort();
  await startPrometheus(PROMETHEUS, scraped, port);
  await writeConfiguration(`https://localhost:${port}`);
  director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
  listening = await director.waitFor((line) => listeningIn(logField(line, 'ready', 'listening')));
});

afterAll(async () => {
  await director?.stop();
  await stopPrometheus();
  target?.close();
  if (folder !== '') await rm(folder, { recursive: true });
});

describe.skipIf(PROMETHEUS === undefined)(
  'a load that a guarded Prometheus knows (skipped where it is not installed)',
  () => {
    it('moves the clients while it is above the threshold, and back', async () => {
      await expect.poll(() => stateOf('eu-load'), PATIENCE).toBe('up');
      await expect.poll(answer, PATIENCE).toEqual(['127.0.0.2']);
      load = 0.95;
      await expect.poll(answer, PATIENCE).toEqual(['127.0.0.3']);
      expect(await stateOf('eu-load')).toBe('down');
      expect(await admin('/metrics')).toContain('azimuth_named_monitor_value{monitor="eu-load"} 0.95');
      load = 0.5;
      await expect.poll(answer, PATIENCE).toEqual(['127.0.0.2']);
    });

    it('is refused where the expression is none, and has no number where it has several', async () => {
      expect(await monitor('broken')).toMatchObject({ state: 'unseen', gauge: { value: null, failure: 'refused' } });
      expect(await monitor('several')).toMatchObject({ state: 'unseen', gauge: { value: null, failure: 'not-one' } });
      const findings = await admin('/v1/findings?code=gauge-unreadable');
      expect(JSON.parse(findings)).toMatchObject({ total: 4 });
    });

    it('is not told without a login, nor without a certificate', async () => {
      expect(await monitor('nobody')).toMatchObject({
        state: 'unseen',
        gauge: { failure: 'status', detail: 'status 401' },
      });
      expect(await monitor('bare')).toMatchObject({ state: 'unseen', gauge: { failure: 'unreachable' } });
    });

    it('is told again soon after a wrong password was put right, and no password is shown', async () => {
      await writeFile(join(folder, 'password'), 'guessed-in-vain\n');
      await expect.poll(() => stateOf('eu-load'), PATIENCE).toBe('unseen');
      expect(await monitor('eu-load')).toMatchObject({ gauge: { failure: 'status', detail: 'status 401' } });
      const shown = [await admin('/v1/findings'), await admin('/v1/monitors'), await admin('/metrics')].join('\n');
      expect(shown).not.toContain('guessed-in-vain');
      await writeFile(join(folder, 'password'), `${PASSWORD}\n`);
      await expect.poll(() => stateOf('eu-load'), PATIENCE).toBe('up');
    });

    it('is unseen, and not down, when the server is gone', async () => {
      await stopPrometheus();
      await expect.poll(() => stateOf('eu-load'), PATIENCE).toBe('unseen');
      expect(await monitor('eu-load')).toMatchObject({ gauge: { value: null, failure: 'unreachable' } });
      expect(JSON.parse(await admin('/v1/findings?code=gauge-unreadable'))).toMatchObject({ total: 5 });
    });
  },
);

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function startPrometheus(program: string, scraped: number, port: number): Promise<void> {
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    `global: { scrape_interval: 500ms, scrape_timeout: 400ms }
scrape_configs: [{ job_name: load, static_configs: [{ targets: ["127.0.0.1:${scraped}"] }] }]
`,
  );
  const { good, selfSigned } = certificates;
  const web = `tls_server_config:
  { cert_file: good.pem, key_file: good.key, client_auth_type: RequireAndVerifyClientCert, client_ca_file: client.pem }
basic_auth_users: { azimuth: "${PASSWORD_HASH}" }
`;
  const files = {
    'good.pem': good.cert,
    'good.key': good.key,
    'client.pem': selfSigned.cert,
    'client.key': selfSigned.key,
    'web.yml': web,
    password: `${PASSWORD}\n`,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  prometheus = spawn(
    program,
    [
      `--config.file=${config}`,
      `--web.config.file=${join(folder, 'web.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  await vi.waitUntil(() => isReady(port), PATIENCE);
}

async function isReady(port: number): Promise<boolean> {
  const { ca, selfSigned } = certificates;
  const options = { ca, ...selfSigned, auth: `azimuth:${PASSWORD}`, agent: false } as const;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = get(`https://localhost:${port}/-/ready`, options, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  request.once('error', () => resolve(false));
  return promise;
}

async function stopPrometheus(): Promise<void> {
  if (prometheus === undefined || prometheus.exitCode !== null || prometheus.signalCode !== null) return;
  const exited = once(prometheus, 'exit');
  prometheus.kill('SIGTERM');
  await exited;
}

async function writeConfiguration(url: string): Promise<void> {
  for (const [cluster, address, annotations] of [
    ['eu', '127.0.0.2', '{ azimuth.dev/probe: none, azimuth.dev/monitors: eu-load }'],
    ['us', '127.0.0.3', '{ azimuth.dev/probe: none }'],
  ] as const) {
    await mkdir(join(folder, cluster));
    await writeFile(
      join(folder, cluster, 'all.yaml'),
      `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: web, annotations: ${annotations} }
spec:
  gatewayClassName: example
  listeners: [{ name: http, protocol: HTTP, port: 80, hostname: shop.gslb.example }]
status: { addresses: [{ type: IPAddress, value: ${address} }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: web, annotations: { azimuth.dev/steering: failover, azimuth.dev/failover: "eu, us" } }
spec: { parentRefs: [{ name: public }], hostnames: [shop.gslb.example] }
`,
    );
  }
  const shown = 'trust: ca.pem, certificate: { file: client.pem, key-file: client.key }';
  const known = `${shown}, login: { user: azimuth, password-file: password }`;
  await writeFile(
    join(folder, 'azimuth.yaml'),
    `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53], ns2.gslb.example: [192.0.2.54] } }]
clusters:
  - { name: eu, location: { country: DE }, source: { manifests: eu } }
  - { name: us, location: { country: US }, source: { manifests: us } }
monitors:
  - { name: eu-load, prometheus: { url: "${url}", expr: 'load{zone="a"}', above: 0.9, for: 2, interval: 1s, ${known} } }
  - { name: several, prometheus: { url: "${url}", expr: 'load', above: 0.9, interval: 1s, ${known} } }
  - { name: broken, prometheus: { url: "${url}", expr: 'load{', below: 0.9, interval: 1s, ${known} } }
  - { name: nobody, prometheus: { url: "${url}", expr: 'load', below: 0.9, interval: 1s, ${shown} } }
  - { name: bare, prometheus: { url: "${url}", expr: 'load', below: 0.9, interval: 1s, trust: ca.pem } }
dns: { listen: ["127.0.0.1:0"], engine: portable }
admin: { listen: "127.0.0.1:0" }
state: { directory: state }
`,
  );
}

function listeningIn(value: unknown): typeof listening | undefined {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

async function admin(path: string): Promise<string> {
  const token = (await readFile(join(folder, 'state/admin-token'), 'utf8')).trim();
  const port = listening.admin[0]?.port;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return response.text();
}

async function monitor(name: string): Promise<unknown> {
  return JSON.parse(await admin(`/v1/monitors/${name}`));
}

async function stateOf(name: string): Promise<unknown> {
  const { state }: { state: unknown } = JSON.parse(await admin(`/v1/monitors/${name}`));
  return state;
}

async function answer(): Promise<readonly unknown[]> {
  const [server] = listening.dns;
  if (server === undefined) throw new Error('DNS does not listen');
  const { packet } = await ask(server, query('shop.gslb.example', 1));
  return (packet.answers ?? []).map((record) => ('data' in record ? record.data : undefined));
}
