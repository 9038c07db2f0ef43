import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nextFreeAddress } from '../../src/cli/free-port.ts';
import { ROOT } from '../house/source-tree.ts';
import { askMany } from '../support/dns-client.ts';
import { QTYPE, query, subnet } from '../support/dns-message.ts';
import { eventually } from '../support/eventually.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';

const FRANKFURT = [192, 0, 2];
const VIRGINIA = [198, 51, 100];

let folder: string;
let director: OwnProcess;
let dns: { readonly host: string; readonly port: number };
let admin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-asked-'));
  dns = await nextFreeAddress({ host: '127.0.0.1', port: 28_453 }, 'dns');
  const api = await nextFreeAddress({ host: '127.0.0.1', port: 31_153 }, 'admin');
  admin = `http://127.0.0.1:${api.port}`;
  for (const [cluster, address] of [
    ['eu-west', '192.0.2.1'],
    ['us-east', '192.0.2.2'],
  ] as const) {
    await mkdir(join(folder, cluster));
    await writeFile(join(folder, cluster, 'all.yaml'), manifests(address));
  }
  await writeFile(join(folder, 'azimuth.yaml'), configuration(api.port));
  director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
  await director.waitFor((line) => logField(line, 'ready', 'listening'));
});
afterAll(async () => {
  await director?.stop();
  await rm(folder, { recursive: true });
});

function configuration(adminPort: number): string {
  return `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters:
  - { name: eu-west, location: { lat: 50.11, lon: 8.68, country: DE }, source: { manifests: eu-west } }
  - { name: us-east, location: { lat: 39.04, lon: -77.49, country: US }, source: { manifests: us-east }, annotations: { capacity: "600" } }
monitors:
  - { name: us-load, cluster: us-east, load: { external: { expires: 1h } } }
dns: { listen: ["127.0.0.1:${dns.port}"] }
admin: { listen: "127.0.0.1:${adminPort}" }
geoip: { database: ${join(ROOT, 'geoip/test-city.mmdb')} }
state: { directory: state }
`;
}

function manifests(address: string): string {
  const routes = ['shop', 'rare', 'idle'].map(
    (name) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: web }
spec: { parentRefs: [{ name: public }], hostnames: [${name}.gslb.example] }
`,
  );
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: web, annotations: { azimuth.dev/probe: none } }
spec: { gatewayClassName: example, listeners: [{ name: http, port: 80, protocol: HTTP }] }
status: { addresses: [{ type: IPAddress, value: ${address} }] }
${routes.join('')}`;
}

type Run = { readonly code: unknown; readonly stdout: string; readonly stderr: string };

/** The command as a user runs it. */
function plan(...args: readonly string[]): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>();
  const options = { cwd: folder, env: { ...process.env, NO_COLOR: '1' } };
  execFile(process.execPath, [join(ROOT, 'src/main.ts'), 'plan', ...args], options, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : error.code, stdout, stderr });
  });
  return promise;
}

async function asked(name: string, from: readonly number[], times: number): Promise<void> {
  const messages = Array.from({ length: times }, (_, id) =>
    query(`${name}.gslb.example`, QTYPE.A, { options: [subnet(1, 24, from)] }, { id }),
  );
  expect(await askMany(dns, messages)).toHaveLength(times);
}

async function post(path: string, body: object): Promise<{ readonly status: number; readonly json: unknown }> {
  const token = (await readFile(join(folder, 'state/admin-token'), 'utf8')).trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${admin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, json: await response.json() };
}

it('plans by what it was asked, over the wire, and by the load that was told', async () => {
  const idle = await plan('--lose', 'eu-west', '--by', 'queries');
  expect(idle).toMatchObject({ code: 1, stdout: '' });
  expect(idle.stderr).toContain('queries-unobserved');

  await asked('shop', FRANKFURT, 150);
  await asked('shop', VIRGINIA, 30);
  await asked('rare', VIRGINIA, 20);
  expect((await post('/v1/monitors/us-load/result', { load: 200 })).status).toBe(200);
  // A worker may answer before its count is seen; and after a plan that took long the director rests.
  const byQueries = { lose: ['eu-west'], by: 'queries' };
  let json: unknown;
  await eventually(async () => {
    ({ json } = await post('/v1/plan', byQueries));
    expect(json).toMatchObject({ clients: { observed: { questions: 200 } } });
  });
  const exactly = (value: number) => expect.closeTo(value, 9);
  expect(json).toMatchObject({
    verdict: 'harm',
    clients: { counted: 'queries', observed: { unplaced: 0, halfLifeSeconds: 3600 } },
    clusters: [
      { cluster: 'eu-west', before: exactly(0.75), after: 0, load: { source: 'none', reason: 'no-capacity' } },
      {
        cluster: 'us-east',
        before: exactly(0.25),
        after: 1,
        load: { source: 'measured', before: 200, after: exactly(800), verdict: 'over' },
      },
    ],
    worst: [{ name: 'shop.gslb.example', asked: exactly(0.9) }, { asked: exactly(0.1) }, { asked: 0 }],
  });
  let run: Run | undefined;
  await eventually(async () => {
    run = await plan('--lose', 'eu-west', '--by', 'queries');
    expect(run.stderr).toBe('');
  });
  const { code, stdout = '' } = run ?? {};
  expect(code).toBe(1);
  expect(stdout).toContain('Clients are counted by what they ask: 200 questions in ');
  expect(stdout).toMatch(/^us-east +25\.0 % +100\.0 % +\+75\.0 +600\/s +600\/s +200\/s +800\/s$/m);
  expect(stdout).toContain('error too little room: us-east would get 800/s of 600/s');
  expect(stdout).toMatch(/^shop\.gslb\.example +90\.0 % +75\.0 %/m);
});
