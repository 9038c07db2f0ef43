import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Azimuth, compose } from '../../src/compose/compose.ts';
import { realEdges } from '../../src/compose/edges.ts';
import { rehearse } from '../../src/compose/rehearse.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { explain } from '../../src/core/snapshot/explain.ts';
import { RR_TYPE } from '../../src/core/snapshot/rr-type.ts';
import { ROOT } from '../house/source-tree.ts';
import { eventually } from '../support/eventually.ts';
import { chooseKube, type OwnKube, STANDARD_CRDS, whyNotOwn } from './kube.ts';
import { gateway, route, USED_CRDS } from './objects.ts';

const choice = await chooseKube();
const reason = whyNotOwn(choice);
const US = 'system:serviceaccount:azimuth:azimuth';
const SOON = { timeout: 30_000, interval: 50 };
const OWN = { hub: '192.0.2.1', late: '192.0.2.2' } as const;
const SILENT = {
  version: 'test',
  log: () => undefined,
  onPublish: () => undefined,
  onStateChange: () => undefined,
  onFindings: () => undefined,
};

describe.skipIf(choice.kind !== 'own')(
  `clusters of labelled Secrets, under the rights of deploy/kubernetes${reason}`,
  () => {
    let folder = '';
    let kube: OwnKube;
    const running = new Set<Azimuth>();

    beforeAll(async () => {
      if (choice.kind !== 'own') return;
      folder = await mkdtemp(join(tmpdir(), 'azimuth-secrets-'));
      kube = await choice.start(['hub', 'late'], { KUBE_AUTHZ: 'RBAC' });
      for (const [context, address] of Object.entries(OWN)) {
        await kube.install(context, STANDARD_CRDS, USED_CRDS);
        const annotations = { 'azimuth.dev/address': address, 'azimuth.dev/probe': 'none' };
        const objects = [
          gateway('edge', 'default', { annotations }),
          route('shop', 'default', 'shop.gslb.example', 'edge'),
          route('own', 'default', `${context}.gslb.example`, 'edge'),
        ];
        await kube.kubectl(context, ['create', '--validate=false', '-f', '-'], objects.join('\n'));
      }
      await kube.kubectl('hub', ['create', 'namespace', 'azimuth']);
      const rights = join(ROOT, 'deploy', 'kubernetes', 'rbac-cluster-secrets.yaml');
      await kube.kubectl('hub', ['apply', '-f', rights]);
      await writeFile(join(folder, 'hub'), JSON.stringify(await kubeconfigOf('hub', { as: US })));
    }, 240_000);
    afterEach(async () => {
      for (const azimuth of running) await azimuth.lifecycle.stop();
      running.clear();
      await kube.revive();
      await kube.kubectl('hub', ['delete', 'secret', '-n', 'azimuth', '--all', '--wait=false']);
    }, 60_000);
    afterAll(async () => {
      await kube?.stop();
      if (folder !== '') await rm(folder, { recursive: true, force: true });
    }, 60_000);

    async function kubeconfigOf(context: string, more: object = {}): Promise<object> {
      const data = await readFile(join(kube.state, context, 'certs', 'apiserver.crt'));
      const token = await readFile(join(kube.state, context, 'token'), 'utf8');
      const server = `https://127.0.0.1:${await kube.port(context)}`;
      return {
        clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': data.toString('base64') } }],
        users: [{ name: 'u', user: { token: token.trim(), ...more } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      };
    }

    async function put(name: string, kubeconfig: object, annotations: Readonly<Record<string, string>> = {}) {
      const metadata = {
        name,
        namespace: 'azimuth',
        labels: { 'azimuth.dev/cluster': 'true' },
        annotations: { 'azimuth.dev/location': '39.04,-77.49,US', ...annotations },
      };
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata,
        stringData: { kubeconfig: JSON.stringify(kubeconfig) },
      };
      await kube.kubectl('hub', ['apply', '-f', '-'], JSON.stringify(secret));
    }
    const remove = (name: string) => kube.kubectl('hub', ['delete', 'secret', '-n', 'azimuth', name]);

    /** One declared cluster, the hub; `name` is that of the state. */
    async function configOf(name: string): Promise<Config> {
      const file = join(folder, `${name}.yaml`);
      const zone = '{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }';
      const source = `{ kubeconfig: ${kube.kubeconfig}, context: hub }`;
      const lines = [
        `zones: [${zone}]`,
        `clusters: [{ name: hub, location: { country: DE }, source: ${source} }]`,
        'cluster-secrets: { kubeconfig: hub }',
        `state: { directory: state-${name} }`,
      ];
      await writeFile(file, lines.join('\n'));
      const loaded = await loadConfig(file, {});
      if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
      return loaded.config;
    }

    async function start(name: string): Promise<Azimuth> {
      const config = await configOf(name);
      const azimuth = compose(config, SILENT, { ...realEdges(config), servers: 'none' });
      running.add(azimuth);
      await azimuth.lifecycle.start();
      return azimuth;
    }
    const names = ({ director }: Azimuth) => director.snapshot().model.hostnames.map(({ name }) => name);
    const codes = ({ director }: Azimuth) => new Set(director.findings().map(({ code }) => code));
    /** Who could be answered for the name that both clusters have. */
    const candidates = ({ director }: Azimuth) => {
      const asked = { name: 'shop.gslb.example', type: RR_TYPE.A, place: 0, prefix: 0, dice: 0 };
      return explain(director.snapshot(), asked).candidates.map(({ address }) => address);
    };
    const ALONE = ['hub.gslb.example', 'shop.gslb.example'];
    const BOTH = ['hub.gslb.example', 'late.gslb.example', 'shop.gslb.example'];

    test('a Secret that is created is a cluster, one that is deleted is none, and the others go on', async () => {
      const azimuth = await start('comes');
      expect(names(azimuth)).toEqual(ALONE);
      expect(codes(azimuth).has('cluster-kind-forbidden')).toBe(false);

      await put('late', await kubeconfigOf('late'), { 'azimuth.dev/weight': '7' });
      await eventually(() => expect(names(azimuth)).toEqual(BOTH), SOON);
      expect(candidates(azimuth).toSorted()).toEqual([OWN.hub, OWN.late]);
      const { clusters, hostnames } = azimuth.director.snapshot().model;
      expect(clusters.map(({ name, location: { country } }) => `${name} ${country}`)).toEqual(['hub DE', 'late US']);
      const own = hostnames.find(({ name }) => name === 'late.gslb.example');
      expect(own?.endpoints).toMatchObject([{ cluster: 'late', weight: 7 }]);

      await put('late', await kubeconfigOf('late'), { 'azimuth.dev/weight': '9' });
      const weight = () => azimuth.director.snapshot().model.hostnames.find(({ name }) => name === 'late.gslb.example');
      await eventually(() => expect(weight()?.endpoints).toMatchObject([{ weight: 9 }]), SOON);

      await remove('late');
      await eventually(() => expect(names(azimuth)).toEqual(ALONE), SOON);
      expect(candidates(azimuth)).toEqual([OWN.hub]);
    }, 90_000);

    test('an invalid Secret is a finding with its reason, and takes nothing away', async () => {
      await put('late', await kubeconfigOf('late'));
      const azimuth = await start('invalid');
      expect(names(azimuth)).toEqual(BOTH);
      await put('program', await kubeconfigOf('late', { exec: { command: '/bin/true' } }));
      await put('hub', await kubeconfigOf('late'));
      await put('late', { clusters: [] });
      const problems = () =>
        azimuth.director
          .findings()
          .filter(({ code }) => code === 'cluster-secret-invalid')
          .map(({ origin, message }) => `${origin.object} ${message}`)
          .toSorted();
      await eventually(() => expect(problems()).toHaveLength(3), SOON);
      expect(problems()).toEqual([
        'Secret azimuth/hub Not used: the configuration has a cluster hub.',
        expect.stringMatching(/^Secret azimuth\/late Not used: the kubeconfig has no current context/),
        'Secret azimuth/program Not used: "exec" of its user is not taken from a Secret.',
      ]);
      expect(names(azimuth)).toEqual(BOTH);
      await remove('program');
      await remove('hub');
      await put('late', await kubeconfigOf('late'));
      await eventually(() => expect(problems()).toEqual([]), SOON);
      expect(names(azimuth)).toEqual(BOTH);
    }, 90_000);

    test('a rehearsal shows what a director would find', async () => {
      await put('late', await kubeconfigOf('late'));
      await put('odd', {});
      const { model, findings } = await rehearse(await configOf('rehearsal'));
      expect(model.hostnames.map(({ name }) => name)).toEqual(BOTH);
      expect(findings.map(({ code }) => code)).toContain('cluster-secret-invalid');
    }, 60_000);

    test('API servers that are gone change nothing, and what was changed meanwhile arrives', async () => {
      await put('late', await kubeconfigOf('late'));
      const azimuth = await start('killed');
      expect(names(azimuth)).toEqual(BOTH);
      const before = azimuth.director.snapshot().model.hostnames;
      await kube.kill('hub');
      await kube.kill('late');
      const deadline = Date.now() + 3000;
      while (Date.now() < deadline) {
        expect(azimuth.director.snapshot().model.hostnames).toBe(before);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await kube.revive();
      await remove('late');
      await eventually(() => expect(names(azimuth)).toEqual(ALONE), SOON);
    }, 120_000);

    test('a restart while the API server of the Secrets is gone goes by what was found last', async () => {
      await put('late', await kubeconfigOf('late'));
      const before = await start('restart');
      expect(names(before)).toEqual(BOTH);
      await before.lifecycle.stop();
      running.clear();
      await kube.kill('hub');

      const after = await start('restart');
      expect(names(after)).toEqual(BOTH);
      expect([...codes(after)]).toEqual(expect.arrayContaining(['cluster-unreachable', 'picture-from-store']));
      await kube.revive();
      await eventually(() => expect(codes(after).has('cluster-unreachable')).toBe(false), SOON);
      await eventually(() => expect(codes(after).has('picture-from-store')).toBe(false), SOON);
      expect(names(after)).toEqual(BOTH);
    }, 120_000);
  },
);
