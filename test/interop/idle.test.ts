import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../house/source-tree.ts';
import { ask } from '../support/dns-client.ts';
import { query } from '../support/dns-message.ts';
import { eventually } from '../support/eventually.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { type QueryStream, startQueryStream } from './query-stream.ts';

/** Where the clients of the stream are next to the first. */
const CLUSTERS = [
  { name: 'eu-west', address: '127.0.1.5', country: 'DE' },
  { name: 'us-east', address: '127.0.1.6', country: 'US' },
] as const;
const EUROPE = [192, 0, 2] as const;
const [BUSY, QUIET] = ['busy.gslb.example', 'quiet.gslb.example'] as const;

/** In seconds. */
const PROBE = { interval: 1, timeout: 1, fall: 2 } as const;

let folder: string;
let director: OwnProcess;
let dnsPort: number;
let admin: string;
let stream: QueryStream;
const gateways: TestGateway[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-idle-'));
  await copyFile(join(ROOT, 'geoip/test-city.mmdb'), join(folder, 'city.mmdb'));
  for (const { name, address } of CLUSTERS) {
    const gateway = await startTestGateway({ address });
    gateways.push(gateway);
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'gateway.yaml'), manifest(address, gateway.port));
  }
  await writeFile(join(folder, 'azimuth.yaml'), CONFIG);
  director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
  const listening = await director.waitFor((line) => logField(line, 'ready', 'listening'));
  const ports = [...JSON.stringify(listening).matchAll(/"port":(\d+)/g)].map(([, port]) => Number(port));
  [dnsPort = 0] = ports;
  admin = `http://127.0.0.1:${ports[1]}`;
  stream = await startQueryStream(dnsPort, BUSY, EUROPE);
});

afterAll(async () => {
  await stream?.finish(0);
  await director?.stop();
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await rm(folder, { recursive: true });
});

const CONFIG = `zones:
  - name: gslb.example
    nameservers: { ns1.gslb.example: [192.0.2.53] }
clusters:
${CLUSTERS.map(({ name, country }) => `  - { name: ${name}, location: { country: ${country} }, source: { manifests: ${name} } }`).join('\n')}
dns: { listen: ["127.0.0.1:0"] }
admin: { listen: "127.0.0.1:0" }
geoip: { database: city.mmdb }
prober:
  interval: ${PROBE.interval}s
  timeout: ${PROBE.timeout}s
  fall: ${PROBE.fall}
  allow: [127.0.0.0/8]
  idle: { after: 1s, interval: 10m }
state: { directory: state }
`;

function manifest(address: string, port: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: web, annotations: { azimuth.dev/ttl: "1" } }
spec:
  gatewayClassName: example
  listeners:
    - { name: busy, protocol: HTTP, port: ${port}, hostname: ${BUSY} }
    - { name: quiet, protocol: HTTP, port: ${port}, hostname: ${QUIET} }
status: { addresses: [{ type: IPAddress, value: ${address} }] }
`;
}

/** How many probes of a hostname all gateways saw. */
function probes(hostname: string): number {
  return gateways.flatMap(({ seen }) => seen.filter(({ host }) => host.startsWith(hostname))).length;
}

/** How its endpoints stand, such as `up idle`. */
async function endpoints(hostname: string): Promise<readonly string[]> {
  const token = (await readFile(join(folder, 'state/admin-token'), 'utf8')).trim();
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${admin}/v1/hostnames/${hostname}`, { headers });
  const view: { endpoints: { measured: string; pace: string }[] } = JSON.parse(await response.text());
  return view.endpoints.map(({ measured, pace }) => `${measured} ${pace}`);
}

async function askQuiet(): Promise<void> {
  await ask({ host: '127.0.0.1', port: dnsPort }, query(QUIET, 1));
}

describe('a director with idle hostnames, from outside', () => {
  it('leaves alone whom nobody asks for, and probes the others as ever', async () => {
    await eventually(async () => expect(await endpoints(QUIET)).toEqual(['up idle', 'up idle']));
    const before = { busy: probes(BUSY), quiet: probes(QUIET) };
    await eventually(() => expect(probes(BUSY) - before.busy).toBeGreaterThanOrEqual(12));
    // At most one slot of ten minutes of each endpoint.
    expect(probes(QUIET) - before.quiet).toBeLessThanOrEqual(2);
    expect(await endpoints(BUSY)).toEqual(['up own', 'up own']);
  });

  it('probes them at once when somebody asks, and on their interval while somebody does', async () => {
    const before = probes(QUIET);
    const askedAt = Date.now();
    await askQuiet();
    await eventually(() => expect(probes(QUIET) - before).toBeGreaterThanOrEqual(2));
    // A sweep, and what a busy machine takes.
    expect(Date.now() - askedAt).toBeLessThan(10_000);
    await eventually(async () => {
      await askQuiet();
      expect(probes(QUIET) - before).toBeGreaterThanOrEqual(8);
    });
    expect(await endpoints(QUIET)).toEqual(['up own', 'up own']);
    await eventually(async () => expect(await endpoints(QUIET)).toEqual(['up idle', 'up idle']));
  });

  it('fails over in time for who is asked for, and looks at the others of that cluster as well', async () => {
    const [eu, us] = CLUSTERS;
    expect((await stream.until(() => true)).addresses).toEqual([eu.address]);
    const killedAt = Date.now();
    await gateways[0]!.stop();
    const moved = await stream.until(({ addresses }) => addresses[0] === us.address);
    expect((moved.at - killedAt) / 1000).toBeLessThanOrEqual(PROBE.fall * PROBE.interval + PROBE.timeout + 1);
    // Its next slot is up to ten minutes away.
    await eventually(async () => expect(await endpoints(QUIET)).toEqual(['down own', 'up own']));
  });

  it('tells how many are idle', async () => {
    const token = (await readFile(join(folder, 'state/admin-token'), 'utf8')).trim();
    const response = await fetch(`${admin}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(await response.text()).toMatch(/^azimuth_idle_monitors\{protocol="http"\} [0-4]$/m);
  });
});
