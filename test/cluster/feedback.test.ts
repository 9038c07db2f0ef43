import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Azimuth, compose } from '../../src/compose/compose.ts';
import { realEdges } from '../../src/compose/edges.ts';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Model } from '../../src/core/desired/model.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { Publication } from '../../src/director.ts';
import { WATCHED_KINDS } from '../../src/sources/gateway-api/kinds.ts';
import { ROOT } from '../house/source-tree.ts';
import { eventually } from '../support/eventually.ts';
import { chooseKube, type OwnKube, STANDARD_CRDS, whyNotOwn } from './kube.ts';
import { gateway, route, USED_CRDS } from './objects.ts';

const choice = await chooseKube();
const reason = whyNotOwn(choice);
const NAMESPACE = 'shop';
const US = 'system:serviceaccount:azimuth:azimuth';
const STATUS = 'azimuth.dev/status';
const SOON = { timeout: 30_000, interval: 50 };
/** All that a director asks for while it writes nothing. */
const READING = new Set([
  ...WATCHED_KINDS.flatMap(({ plural }) => [`list ${plural}`, `watch ${plural}`]),
  'list nodes',
  'get customresourcedefinitions',
]);
/** Rests take a tenth of their time. */
const HASTY: Clock = { now: () => Date.now(), after: (ms, task) => SYSTEM_CLOCK.after(ms / 10, task) };
const AUDIT_POLICY = JSON.stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
});

type Audited = {
  verb: string;
  impersonatedUser?: { username: string };
  objectRef?: { resource: string; name?: string };
  responseStatus?: { code: number };
};
type Seen = { metadata: { uid: string; resourceVersion: string; annotations: Readonly<Record<string, string>> } };
type SeenEvent = { regarding: { uid: string }; reason: string; note: string; type: string; series?: { count: number } };

describe.skipIf(choice.kind !== 'own')(`a director under the rights of deploy/kubernetes${reason}`, () => {
  let folder = '';
  let kube: OwnKube;
  const running = new Set<Azimuth>();
  const models = new Set<Model>();

  beforeAll(async () => {
    if (choice.kind !== 'own') return;
    folder = await mkdtemp(join(tmpdir(), 'azimuth-feedback-'));
    await writeFile(join(folder, 'policy.json'), AUDIT_POLICY);
    const audit = `--audit-policy-file=${join(folder, 'policy.json')} --audit-log-path=${join(folder, 'audit.log')}`;
    kube = await choice.start(['lone'], { KUBE_AUTHZ: 'RBAC', KUBE_EXTRA_ARGS: audit });
    await kube.install('lone', STANDARD_CRDS, USED_CRDS);
    await kube.kubectl('lone', ['create', 'namespace', NAMESPACE]);
    const annotations = { 'azimuth.dev/address': '192.0.2.1', 'azimuth.dev/probe': 'none' };
    const odd = route('odd', NAMESPACE, 'odd.gslb.example', 'edge').replace(
      '"annotations":{}',
      '"annotations":{"azimuth.dev/weight":"much"}',
    );
    const objects = [
      gateway('edge', NAMESPACE, { annotations }),
      route('web', NAMESPACE, 'web.gslb.example', 'edge'),
      odd,
    ];
    await kube.kubectl('lone', ['create', '--validate=false', '-f', '-'], objects.join('\n'));
    await kube.kubectl('lone', ['apply', '-f', join(ROOT, 'deploy', 'kubernetes', 'rbac-read.yaml')]);
    const server = `https://127.0.0.1:${await kube.port('lone')}`;
    const authority = (await readFile(join(kube.state, 'lone', 'certs', 'apiserver.crt'))).toString('base64');
    const token = await readFile(join(kube.state, 'lone', 'token'), 'utf8');
    const kubeconfig = {
      clusters: [{ name: 'lone', cluster: { server, 'certificate-authority-data': authority } }],
      users: [{ name: 'us', user: { token, as: US } }],
      contexts: [{ name: 'lone', context: { cluster: 'lone', user: 'us' } }],
      'current-context': 'lone',
    };
    await writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
  }, 180_000);
  afterEach(async () => {
    for (const azimuth of running) await azimuth.lifecycle.stop();
    running.clear();
  });
  afterAll(async () => {
    await kube?.stop();
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  }, 60_000);

  /** A director of its own name; `feedback` as the configuration has it. */
  async function start(name: string, feedback = '', location = '{ country: DE }'): Promise<Azimuth> {
    const file = join(folder, `${name}.yaml`);
    const zone = '{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }';
    const source = '{ kubeconfig: kubeconfig }';
    const lines = [`zones: [${zone}]`, `clusters: [{ name: lone, location: ${location}, source: ${source} }]`];
    await writeFile(file, [...lines, `state: { directory: state-${name} }`, feedback].join('\n'));
    const loaded = await loadConfig(file, {});
    if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
    const observer = { ...SILENT, onPublish: ({ snapshot }: Publication) => void models.add(snapshot.model) };
    const azimuth = compose(loaded.config, observer, { ...realEdges(loaded.config), clock: HASTY, servers: 'none' });
    running.add(azimuth);
    await azimuth.lifecycle.start();
    return azimuth;
  }
  const names = (azimuth: Azimuth) => azimuth.director.snapshot().model.hostnames.map(({ name }) => name);
  const codes = (azimuth: Azimuth) => azimuth.director.findings().map(({ code }) => code);
  const see = async (what: string) => {
    const object: Seen = JSON.parse(await kube.kubectl('lone', ['get', '-n', NAMESPACE, '-o', 'json', what]));
    return object;
  };
  const statusOf = async (what: string) => (await see(what)).metadata.annotations[STATUS];
  const events = async () => {
    const list = await kube.kubectl('lone', ['get', '-n', NAMESPACE, '-o', 'json', 'events.v1.events.k8s.io']);
    const { items }: { items: SeenEvent[] } = JSON.parse(list);
    return items;
  };
  /** What directors asked of the API server. */
  async function asked(): Promise<readonly Audited[]> {
    const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).split('\n').filter((line) => line !== '');
    const all: Audited[] = lines.map((line) => JSON.parse(line));
    return all.filter((one) => one.impersonatedUser?.username === US && one.objectRef !== undefined);
  }
  const written = async () => (await asked()).filter((one) => !READING.has(`${one.verb} ${one.objectRef?.resource}`));

  test('reads all that it needs, and asks for nothing else while feedback is off', async () => {
    const azimuth = await start('quiet');
    expect(names(azimuth)).toEqual(['odd.gslb.example', 'web.gslb.example']);
    expect(codes(azimuth)).toEqual(['annotation-invalid']);
    await kube.kubectl('lone', ['annotate', '-n', NAMESPACE, 'httproute/web', 'azimuth.dev/ttl=60']);
    await eventually(() => {
      const web = azimuth.director.snapshot().model.hostnames.find(({ name }) => name === 'web.gslb.example');
      expect(web?.policy.ttl).toBe(60);
    }, SOON);
    // A watch is noted when it ends.
    await azimuth.lifecycle.stop();
    const watched = async () => (await asked()).filter(({ verb }) => verb === 'watch').length;
    await eventually(async () => expect(await watched()).toBeGreaterThanOrEqual(3), SOON);
    expect(await written()).toEqual([]);
    const all = await asked();
    expect(all.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
  }, 60_000);

  test('learns from the nodes where the cluster is, says where it cannot, and follows the most of them', async () => {
    const azimuth = await start('placed', '', '{ from-nodes: true, country: FR }');
    const country = () => azimuth.director.snapshot().model.clusters[0]?.location.country;
    expect([country(), codes(azimuth)]).toEqual(['FR', ['cluster-location-unknown', 'annotation-invalid']]);
    const regions = ['europe-west3', 'us-east1', 'europe-west3', 'the-moon', ''];
    await kube.kubectl(
      'lone',
      ['create', '-f', '-'],
      regions.map((region, index) => node(`n${index}`, region)).join('\n'),
    );
    // Nodes are read now and then: all of them are there when they may be read.
    await kube.kubectl('lone', ['apply', '-f', join(ROOT, 'deploy', 'kubernetes', 'rbac-nodes.yaml')]);
    await eventually(
      () => expect([country(), codes(azimuth)]).toEqual(['DE', ['cluster-regions-mixed', 'annotation-invalid']]),
      SOON,
    );
    expect(azimuth.director.findings().find(({ code }) => code === 'cluster-regions-mixed')?.message).toMatch(
      /^2 of 4 nodes are in "europe-west3"/,
    );
    await azimuth.lifecycle.stop();
    // The place outlives a restart without the API server.
    const file = join(folder, 'kubeconfig');
    const kubeconfig = await readFile(file, 'utf8');
    await writeFile(file, kubeconfig.replace(/https:..127.0.0.1:\d+/, 'https://127.0.0.1:1'));
    const again = await start('placed', '', '{ from-nodes: true, country: FR }');
    await writeFile(file, kubeconfig);
    expect(again.director.snapshot().model.clusters[0]?.location.country).toBe('DE');
    expect(names(again)).toEqual(['odd.gslb.example', 'web.gslb.example']);
  }, 90_000);

  test('says that it may not write, and writes once it may: a status, and Events that kubectl finds', async () => {
    const azimuth = await start('first', 'feedback: { status: annotation, events: on }');
    await eventually(() => expect(codes(azimuth)).toContain('feedback-refused'), SOON);
    expect(await statusOf('gateway/edge')).toBeUndefined();
    const { model } = azimuth.director.snapshot();
    models.clear();
    await kube.kubectl('lone', ['apply', '-f', join(ROOT, 'deploy', 'kubernetes', 'rbac-feedback.yaml')]);
    await eventually(async () => {
      expect(JSON.parse((await statusOf('gateway/edge')) ?? '{}')).toEqual({
        state: 'accepted',
        hostnames: ['odd.gslb.example', 'web.gslb.example'],
      });
      expect(JSON.parse((await statusOf('httproute/web')) ?? '{}')).toEqual({
        state: 'accepted',
        hostnames: ['web.gslb.example'],
      });
      expect(JSON.parse((await statusOf('httproute/odd')) ?? '{}')).toEqual({
        state: 'invalid',
        hostnames: ['odd.gslb.example'],
        findings: ['annotation-invalid'],
      });
      expect(await events()).toHaveLength(1);
    }, SOON);
    const odd = await see('httproute/odd');
    expect((await events())[0]).toMatchObject({
      regarding: { kind: 'HTTPRoute', name: 'odd', namespace: NAMESPACE, uid: odd.metadata.uid },
      reason: 'AnnotationInvalid',
      type: 'Warning',
      note: expect.stringContaining('azimuth.dev/weight: "much"'),
    });
    await eventually(() => expect(codes(azimuth)).not.toContain('feedback-refused'), SOON);
    // Our own writes come back through the watch.
    const route = await see('httproute/odd');
    await kube.kubectl('lone', ['annotate', '-n', NAMESPACE, 'httproute/web', '--overwrite', 'azimuth.dev/ttl=61']);
    await eventually(() => expect(azimuth.director.snapshot().model).not.toBe(model), SOON);
    expect([...models], 'one change of the model, which is the one of kubectl').toEqual([
      azimuth.director.snapshot().model,
    ]);
    expect((await see('httproute/odd')).metadata.resourceVersion).toBe(route.metadata.resourceVersion);
    const taken = (await written()).filter(({ responseStatus }) => (responseStatus?.code ?? 500) < 300);
    expect(taken.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`).toSorted()).toEqual([
      'create events',
      'get httproutes',
      'patch gateways',
      'patch httproutes',
      'patch httproutes',
    ]);
  }, 90_000);

  test('writes no status that another director wrote, counts its Event on, and corrects what changed', async () => {
    const before = await written();
    const azimuth = await start('second', 'feedback: { status: annotation, events: on }');
    await eventually(async () => expect((await events())[0]?.series?.count).toBe(2), SOON);
    expect(await events()).toHaveLength(1);
    const since = (await written()).slice(before.length);
    expect(since.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`)).toEqual([
      'get httproutes',
      'create events',
      'get events',
      'patch events',
    ]);
    await kube.kubectl('lone', ['annotate', '-n', NAMESPACE, 'httproute/odd', 'azimuth.dev/weight-']);
    await eventually(async () => {
      expect(JSON.parse((await statusOf('httproute/odd')) ?? '{}')).toEqual({
        state: 'accepted',
        hostnames: ['odd.gslb.example'],
      });
    }, SOON);
    expect(codes(azimuth).filter((code) => code.startsWith('feedback'))).toEqual([]);
  }, 60_000);
});

const node = (name: string, region: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: region === '' ? {} : { 'topology.kubernetes.io/region': region } },
  });

const SILENT = {
  version: 'test',
  log() {},
  onPublish() {},
  onStateChange() {},
  onFindings() {},
};
