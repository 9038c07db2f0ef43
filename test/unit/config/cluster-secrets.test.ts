import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { formatProblem, loadConfig } from '../../../src/config/load.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-config-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ZONE = 'zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]';
const CLUSTER = 'clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]';

async function load(...lines: readonly string[]) {
  const file = join(folder, 'azimuth.yaml');
  await writeFile(file, [ZONE, ...lines].join('\n'));
  return loadConfig(file, {});
}
async function config(...lines: readonly string[]): Promise<Config> {
  const loaded = await load(...lines);
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

describe('cluster-secrets', () => {
  test('is off unless it says where the Secrets are', async () => {
    expect((await config(CLUSTER)).clusterSecrets).toBeUndefined();
    expect((await config(CLUSTER, 'cluster-secrets: { namespace: other }')).clusterSecrets).toBeUndefined();
  });

  test('asks for our label in our namespace where it says nothing else', async () => {
    const access = { kind: 'kubeconfig', file: join(folder, 'hub'), context: undefined };
    expect((await config(CLUSTER, 'cluster-secrets: { kubeconfig: hub }')).clusterSecrets).toEqual({
      access,
      namespace: 'azimuth',
      selector: 'azimuth.dev/cluster=true',
    });
    const prefixed = ['annotations: { prefix: dns.corp.example/ }', 'cluster-secrets: { in-cluster: true }'];
    expect((await config(CLUSTER, ...prefixed)).clusterSecrets).toEqual({
      access: { kind: 'in-cluster' },
      namespace: 'azimuth',
      selector: 'dns.corp.example/cluster=true',
    });
  });

  test('suffices: no cluster need be configured beside it', async () => {
    expect((await config('cluster-secrets: { in-cluster: true }')).declaration.clusters).toEqual([]);
  });

  test('lets teams and geotags name clusters that are not there yet', async () => {
    const team = 'teams: [{ name: shop, namespaces: [shop], clusters: [late] }]';
    const geotags = 'migration: { read: [k8gb], geotags: { l: late } }';
    const loaded = await config(CLUSTER, team, geotags, 'cluster-secrets: { in-cluster: true }');
    expect(loaded.declaration.teams).toMatchObject([{ clusters: ['late'] }]);
    expect(await load(CLUSTER, team, geotags)).toMatchObject({ kind: 'invalid', problems: [{}, {}] });
  });

  test.each([
    ['{ kubeconfig: a, in-cluster: true }', 'cluster-secrets: expected a kubeconfig, or in-cluster: true, found both'],
    ['{ context: a }', 'cluster-secrets: expected a kubeconfig, or in-cluster: true, found none of them'],
    ['{ label: a=b }', 'cluster-secrets: expected a kubeconfig, or in-cluster: true, found none of them'],
    ['{ in-cluster: false }', 'cluster-secrets.in-cluster: expected true, or a kubeconfig, found false'],
    ['{ in-cluster: true, context: a }', 'cluster-secrets.context: expected no context'],
    ['{ in-cluster: true, namespace: ../a }', 'cluster-secrets.namespace: expected the name of a namespace'],
    ['{ in-cluster: true, label: "a=b&c" }', 'cluster-secrets.label: expected a label selector'],
    ['{ in-cluster: true, lable: a }', 'did you mean "label"?'],
  ])('%s is refused', async (section, problem) => {
    const loaded = await load(CLUSTER, `cluster-secrets: ${section}`);
    const problems = loaded.kind === 'ok' ? [] : loaded.problems.map(formatProblem);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });
});
