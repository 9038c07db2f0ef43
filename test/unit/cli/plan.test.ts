import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextFreeAddress } from '../../../src/cli/free-port.ts';
import { ROOT } from '../../house/source-tree.ts';
import { type Admin, READ, startAdmin } from '../admin/admin-fixture.ts';

let folder: string;
let admin: Admin;
/** Where nobody listens. */
let nowhere: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-plan-'));
  const free = await nextFreeAddress({ host: '127.0.0.1', port: 18_053 }, 'admin');
  nowhere = `127.0.0.1:${free.port}`;
  admin = await startAdmin();
  for (const [cluster, address, hostnames] of [
    ['eu-west', '192.0.2.1', 'shop.gslb.example, only.gslb.example'],
    ['us-east', '192.0.2.2', 'shop.gslb.example'],
  ] as const) {
    await mkdir(join(folder, cluster));
    await writeFile(join(folder, cluster, 'shop.yaml'), manifest(address, hostnames));
  }
  await writeFile(join(folder, 'azimuth.yaml'), configuration(['eu-west', 'us-east']));
  await writeFile(join(folder, 'without-eu.yaml'), configuration(['us-east']));
  await writeFile(join(folder, 'broken.yaml'), 'zones: 7');
});
afterAll(async () => {
  await admin.server.close();
  await rm(folder, { recursive: true });
});

function configuration(clusters: readonly string[]): string {
  const entries = clusters.map(
    (name) => `  - { name: ${name}, location: { country: DE }, source: { manifests: ${name} } }`,
  );
  return `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters:
${entries.join('\n')}
admin: { listen: "${nowhere}" }
geoip: { database: ${join(ROOT, 'geoip/test-city.mmdb')} }
state: { directory: state }
`;
}

function manifest(address: string, hostnames: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: web }
spec:
  gatewayClassName: example
  listeners: [{ name: http, protocol: HTTP, port: 80 }]
status: { addresses: [{ type: IPAddress, value: ${address} }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: web, annotations: { azimuth.dev/steering: weighted } }
spec: { parentRefs: [{ name: public }], hostnames: [${hostnames}] }
`;
}

type Run = { readonly code: unknown; readonly stdout: string; readonly stderr: string };

/** Runs the command as a user does, in the folder with the configurations. */
function plan(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>();
  const options = { cwd: folder, env: { ...process.env, AZIMUTH_ADMIN_TOKEN: READ, NO_COLOR: '1', ...env } };
  execFile(process.execPath, [join(ROOT, 'src/main.ts'), 'plan', ...args], options, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : error.code, stdout, stderr });
  });
  return promise;
}

async function planned(...args: readonly string[]): Promise<{ code: unknown; told: unknown }> {
  const { code, stdout } = await plan([...args, '--json']);
  return { code, told: JSON.parse(stdout) };
}

function shares(...rows: readonly (readonly [cluster: string, before: number, after: number])[]) {
  return rows.map(([cluster, before, after]) =>
    expect.objectContaining({ cluster, before: expect.closeTo(before, 9), after: expect.closeTo(after, 9) }),
  );
}

describe('azimuth plan, offline', () => {
  it('loses a cluster of one configuration, all of it taken as healthy, and exits with 1', async () => {
    const { code, told } = await planned('--config', 'azimuth.yaml', '--lose', 'eu-west');
    expect(code).toBe(1);
    expect(told).toMatchObject({
      basis: { kind: 'configuration', before: 'azimuth.yaml', after: 'azimuth.yaml', errors: { before: 0, after: 0 } },
      lose: ['eu-west'],
      set: [],
      verdict: 'harm',
      // shop is half and half, only.gslb.example all eu-west's.
      clusters: shares(['eu-west', 0.75, 0], ['us-east', 0.25, 0.5]),
      nobody: { before: 0, after: 0.5 },
      cachedSeconds: 30,
      affected: [
        { trouble: 'no-cluster', count: 1, first: ['only.gslb.example'] },
        { trouble: 'clients-without-answer', count: 1 },
        { trouble: 'one-cluster', count: 1, first: ['shop.gslb.example'] },
      ],
    });
  });

  it('tells of several lost clusters, and lists as much as it is asked for', async () => {
    const { told } = await planned('--config', 'azimuth.yaml', '--lose', 'eu-west', '--lose', 'us-east', '--list', '1');
    expect(told).toMatchObject({
      lose: ['eu-west', 'us-east'],
      nobody: { after: 1 },
      worst: [{ name: 'only.gslb.example' }],
    });
  });

  it('sets annotations of clusters: a weight, and a capacity that a load overruns', async () => {
    const weight = await planned('--set', 'eu-west/weight=300');
    expect(weight).toMatchObject({
      code: 0,
      told: {
        set: ['eu-west/weight=300'],
        verdict: 'fine',
        clusters: shares(['eu-west', 0.75, 0.875], ['us-east', 0.25, 0.125]),
      },
    });
    const capacity = ['--set', 'us-east/capacity=100', '--lose', 'eu-west', '--load'];
    expect((await planned(...capacity, '200')).told).toMatchObject({
      clusters: [{}, { capacity: 100, fullAt: { after: 200 }, load: { after: 100, verdict: 'fits' } }],
    });
    const overrun = await plan(['--set', 'us-east/capacity=10', '--load', '200']);
    expect(overrun.code).toBe(1);
    expect(overrun.stdout).toContain('error too little room: us-east would get 50/s of 10/s');
  });

  it('puts another configuration in the place of the present one', async () => {
    const { code, told } = await planned('--config', 'without-eu.yaml');
    expect(code).toBe(1);
    expect(told).toMatchObject({
      basis: { before: 'azimuth.yaml', after: 'without-eu.yaml' },
      hostnames: { before: 2, after: 1 },
      affected: [
        { trouble: 'not-served', first: ['only.gslb.example'] },
        { trouble: 'one-cluster', first: ['shop.gslb.example'] },
      ],
    });
    const back = await planned('--config', 'azimuth.yaml', '--present', 'without-eu.yaml');
    expect(back).toMatchObject({ code: 0, told: { hostnames: { before: 1, after: 2 }, cachedSeconds: 60 } });
  });

  it('is what is made where no director answers, and says so', async () => {
    const { code, stdout } = await plan(['--lose', 'us-east']);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 9)).toEqual([
      'Plan without us-east, offline from azimuth.yaml: everything is taken as healthy, nobody measured it.',
      `info no director answers at http://${nowhere}`,
      'Clients are counted by the IPv4 addresses of the location data, each hostname alike; what they ask is not known.',
      'test-city.mmdb (Azimuth-Test-City).',
      '',
      'cluster  before  after    change',
      'eu-west  75.0 %  100.0 %  +25.0',
      'us-east  25.0 %  0.0 %    -25.0',
      '',
    ]);
    expect(stdout).toContain(
      [
        'The answers of 1 hostname change: 25.0 % of the clients are sent elsewhere; cached answers are gone after 30 s.',
        'warning left with one usable cluster: 1 hostname: shop.gslb.example (and 1 as now)',
        'info room not known: eu-west, us-east (no capacity is set)',
        '',
        'hostname           moved   clusters  shares',
        'shop.gslb.example  50.0 %  2 → 1     eu-west 50.0 % → 100.0 %, us-east 50.0 % → 0.0 %',
      ].join('\n'),
    );
  });

  it('has colours where they are wanted, and none elsewhere', async () => {
    const plain = await plan(['--config', 'azimuth.yaml', '--lose', 'eu-west']);
    const wanted = { NO_COLOR: undefined, FORCE_COLOR: '1' };
    const coloured = await plan(['--config', 'azimuth.yaml', '--lose', 'eu-west'], wanted);
    expect(plain.stdout).toBe(stripVTControlCharacters(plain.stdout));
    expect(stripVTControlCharacters(coloured.stdout)).toBe(plain.stdout);
    expect(coloured.stdout).not.toBe(plain.stdout);
  });
});

describe('azimuth plan, by a running director', () => {
  const asked = (...args: readonly string[]) => plan(['--admin', `http://127.0.0.1:${admin.port}`, ...args]);

  it('goes by the health that it measures, and says so', async () => {
    const { code, stdout } = await asked('--lose', 'eu-west');
    expect(code).toBe(1);
    expect(stdout).toContain('Plan without eu-west, by the running director and the health that it measures.');
    expect(stdout).toContain(
      'error left without a usable cluster: 2 hostnames: *.apps.gslb.example, shop.gslb.example',
    );
    expect(stdout).toContain('warning the last resort speaks: 1 hostname: shop.gslb.example');
    expect(stdout).toMatch(/^nobody +0\.0 % +33\.3 % +\+33\.3$/m);
  });

  it('exits with 0 where nothing is lost, and shows who has whom', async () => {
    const { code, stdout } = await asked();
    expect(code).toBe(0);
    expect(stdout).toContain('No answer of 3 hostnames changes.');
    expect(stdout).toMatch(/^eu-west +93\.3 % +93\.3 % +-$/m);
  });

  it('plans by queries where it was asked some, and never offline in its place', async () => {
    const idle = await asked('--by', 'queries');
    expect(idle).toMatchObject({ code: 1, stdout: '' });
    expect(idle.stderr).toContain('There are no questions to weigh by: none so far.');
    expect(idle.stderr).toContain('queries-unobserved');
    const nobody = await plan(['--by', 'queries']);
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toContain('no director answers');
    expect((await asked('--by', 'addresses')).stdout).toContain('what they ask counts with --by queries');
  });

  it('does not take another director, or a refusal, for none', async () => {
    const gone = await plan(['--admin', `http://${nowhere}`, '--lose', 'eu-west']);
    expect(gone).toMatchObject({ code: 1, stdout: '' });
    expect(gone.stderr).toContain('no director answers');
    const refused = await plan(['--admin', `http://127.0.0.1:${admin.port}`], { AZIMUTH_ADMIN_TOKEN: 'wrong' });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('token-wrong');
  });
});

describe('azimuth plan refuses with exit code 2', () => {
  it.each([
    ['a cluster that there is not', ['--config', 'azimuth.yaml', '--lose', 'eu-wset'], 'Did you mean "eu-west"?'],
    ['to set one', ['--set', 'eu-wset/weight=1'], 'there is no cluster "eu-wset"'],
    ['an annotation that there is not', ['--set', 'eu-west/wieght=1'], 'Did you mean "weight"?'],
    ['to set something to nothing', ['--set', 'eu-west/weight'], 'CLUSTER/KEY=VALUE'],
    ['a value that is none', ['--set', 'eu-west/weight=much'], 'weight is an integer 0–65535'],
    ['a load that is none', ['--load', '-1'], '--load'],
    ['a load of nothing', ['--load', '0'], '--load'],
    ['a way of counting that there is not', ['--by', 'guesses'], '--by is "addresses" or "queries", not "guesses"'],
    [
      'queries of a configuration',
      ['--by', 'queries', '--config', 'azimuth.yaml'],
      '--by queries needs a running director',
    ],
    ['queries offline', ['--by', 'queries', '--set', 'eu-west/weight=1'], '--by queries needs a running director'],
    ['too long a list', ['--list', '1001'], '--list'],
    ['what it does not know', ['eu-west'], 'plan takes no "eu-west"'],
    ['an option that it does not know', ['--loose', 'eu-west'], 'Usage: azimuth plan'],
    ['a configuration that is none', ['--config', 'broken.yaml'], 'the configuration has'],
  ])('%s', async (_what, args, reason) => {
    const { code, stdout, stderr } = await plan(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(reason);
  });

  it('a cluster that the director does not know', async () => {
    const { code, stderr } = await plan(['--admin', `http://127.0.0.1:${admin.port}`, '--lose', 'eu-wset']);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no cluster "eu-wset". Did you mean "eu-west"?');
  });
});
