import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import { WATCHED_KINDS } from '../../src/sources/gateway-api/kinds.ts';
import { createLiveSource, type LiveSource } from '../../src/sources/gateway-api/live-source.ts';
import { createAlbum, namesOf, type PictureAlbum } from '../contract/source.ts';
import { eventually } from '../support/eventually.ts';
import { chooseKube, type OwnKube, STANDARD_CRDS, whyNotOwn } from './kube.ts';
import { run } from './kube-tools.ts';
import { gateway, live, USED_CRDS } from './objects.ts';

const choice = await chooseKube();
const reason = whyNotOwn(choice);

/** Ours may read Gateways, HTTPRoutes and Namespaces, and nothing else. */
const LIMITED_ROLE = JSON.stringify({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'limited' },
  rules: [
    {
      apiGroups: ['gateway.networking.k8s.io', ''],
      resources: ['gateways', 'httproutes', 'namespaces'],
      verbs: ['get', 'list', 'watch'],
    },
  ],
});

describe.skipIf(choice.kind !== 'own')(`an API server that is asked${reason}`, () => {
  let folder = '';
  let kube: OwnKube;
  let server = '';
  let authority = '';
  let token = '';
  let source: LiveSource | undefined;
  let album: PictureAlbum;

  beforeAll(async () => {
    if (choice.kind !== 'own') return;
    folder = await mkdtemp(join(tmpdir(), 'azimuth-rights-'));
    await makeClientCertificate(folder);
    kube = await choice.start(['lone'], { KUBE_EXTRA_ARGS: `--client-ca-file=${join(folder, 'ca.crt')}` });
    server = `https://127.0.0.1:${await kube.port('lone')}`;
    authority = (await readFile(join(kube.state, 'lone', 'certs', 'apiserver.crt'))).toString('base64');
    token = await readFile(join(kube.state, 'lone', 'token'), 'utf8');
  }, 180_000);
  afterAll(async () => {
    await kube?.stop();
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  }, 60_000);
  beforeEach(() => {
    album = createAlbum();
  });
  afterEach(() => source?.close());

  /** A kubeconfig with one user and the context `here`. */
  async function kubeconfigWith(user: object, name = 'kubeconfig'): Promise<string> {
    const file = join(folder, name);
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'here', cluster: { server, 'certificate-authority-data': authority } }],
      users: [{ name: 'me', user }],
      contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
      'current-context': 'here',
    };
    await writeFile(file, JSON.stringify(config));
    return file;
  }
  async function start(file: string, firstPictureMs = 20_000): Promise<LiveSource> {
    source = createLiveSource({ clusters: [live(file, 'here')], clock: SYSTEM_CLOCK, firstPictureMs });
    await source.start(album.sink);
    return source;
  }
  const codes = () => album.last('here')?.findings.map(({ code }) => code);

  test('has no Gateway API yet: a finding, until the CRDs appear', async () => {
    const watched = await start(await kubeconfigWith({ token }));
    expect(codes()).toEqual(['cluster-kind-missing', 'cluster-kind-missing']);
    expect(album.last('here')?.findings[0]).toMatchObject({ origin: { file: 'cluster here' } });
    expect(watched.views()[0]).toMatchObject({
      state: 'watching',
      kinds: WATCHED_KINDS.map(({ kind }) => (kind === 'Gateway' ? { kind, state: 'missing' } : { kind })),
    });
    await kube.install('lone', STANDARD_CRDS, USED_CRDS);
    await kube.kubectl('lone', ['create', '--validate=false', '-f', '-'], gateway('late', 'default'));
    const picture = await album.until(
      ({ findings, objects }) => findings.length === 0 && objects.some(({ name }) => name === 'late'),
    );
    expect(picture.cluster).toBe('here');
  }, 90_000);

  test('forbids some kinds: each is a finding, the others are read, and a right that is given is used', async () => {
    await kube.kubectl('lone', ['create', '-f', '-'], LIMITED_ROLE);
    await kube.kubectl('lone', ['create', 'clusterrolebinding', 'limited', '--clusterrole=limited', '--user=guest']);
    await start(await kubeconfigWith({ token, as: 'guest' }));
    expect(codes()).toEqual(['cluster-kind-forbidden', 'cluster-kind-forbidden', 'cluster-kind-forbidden']);
    expect(album.last('here')?.findings[0]?.message).toMatch(/^ListenerSet cannot be read: .*403.*guest/);
    expect(namesOf(album.last('here'))).toContain('late');
    const more = [
      'create',
      'clusterrole',
      'more',
      '--verb=get,list,watch',
      '--resource=listenersets,grpcroutes,tlsroutes',
    ];
    await kube.kubectl('lone', more.with(4, more[4]!.replaceAll(/(\w+s)(?=,|$)/g, '$1.gateway.networking.k8s.io')));
    await kube.kubectl('lone', ['create', 'clusterrolebinding', 'more', '--clusterrole=more', '--user=guest']);
    await album.until(({ findings }) => findings.length === 0);
  }, 90_000);

  test('knows us by a client certificate', async () => {
    const file = await kubeconfigWith({ 'client-certificate': 'me.crt', 'client-key': join(folder, 'me.key') });
    await start(file);
    expect([codes(), namesOf(album.last('here'))?.includes('late')]).toEqual([[], true]);
  });

  test('knows us by what a program issues, and asks it again when that is refused', async () => {
    const script = join(folder, 'issue.sh');
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
    const issue = (issued: string) =>
      writeFile(script, `#!/bin/sh\necho '${JSON.stringify({ ...credential, status: { token: issued } })}'\n`);
    await issue('stale');
    await chmod(script, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: script, args: [], interactiveMode: 'Never' };
    const file = await kubeconfigWith({ exec });
    const watched = await start(file, 300);
    expect(codes()).toEqual(['cluster-unreachable']);
    await eventually(() => expect(watched.views()[0]?.kinds[0]?.problem).toMatch(/401/));
    await issue(token);
    await album.until(({ objects }) => objects.some(({ name }) => name === 'late'));
    expect(codes()).toEqual([]);
  }, 60_000);

  test('is not asked where the program issues something odd, which is not shown either', async () => {
    const script = join(folder, 'odd.sh');
    await writeFile(script, '#!/bin/sh\necho secret-token\n');
    await chmod(script, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: script, args: [], interactiveMode: 'Never' };
    await start(await kubeconfigWith({ exec }), 1000);
    expect(album.last('here')?.findings[0]?.message).toMatch(/issues credentials does not write JSON/);
    expect(JSON.stringify(album.last('here'))).not.toContain('secret');
  });

  test('refuses a token: a finding that says so, and a corrected file is taken', async () => {
    const file = await kubeconfigWith({ token: 'wrong' }, 'to-correct');
    await start(file, 1500);
    expect(album.last('here')).toMatchObject({ objects: [], findings: [{ code: 'cluster-unreachable' }] });
    expect(album.last('here')?.findings[0]?.message).toMatch(/401 "Unauthorized"/);
    await kubeconfigWith({ token }, 'to-correct');
    await album.until(({ objects }) => objects.some(({ name }) => name === 'late'));
  }, 60_000);

  test.each([
    ['is not there', undefined, /cannot be read: ENOENT/],
    ['is no YAML', ': [', /kubeconfig is not valid/],
    ['shows a secret where it breaks', 'users: [{ user: { token: secret-1\n}: ]', /kubeconfig is not valid/],
    ['is empty', '', /kubeconfig is not valid/],
    ['has no context', 'apiVersion: v1\nkind: Config\n', /has no context "here"/],
    ['has the context nearly', 'contexts: [{ name: hero, context: { cluster: a, user: b } }]', /did you mean "hero"\?/],
    [
      'has no such user',
      'contexts: [{ name: here, context: { cluster: a, user: b } }]\nclusters: [{ name: a, cluster: { server: "https://127.0.0.1:1" } }]',
      /has no user "b"/,
    ],
    [
      'speaks in the clear',
      'contexts: [{ name: here, context: { cluster: a, user: b } }]\nclusters: [{ name: a, cluster: { server: "http://127.0.0.1:1" } }]\nusers: [{ name: b, user: { token: x } }]',
      /HTTP protocol is not allowed/,
    ],
  ])('by a kubeconfig that %s: a finding that says so', async (_, text, message) => {
    const place = join(folder, 'odd');
    await mkdir(place, { recursive: true });
    const file = join(place, 'kubeconfig');
    if (text === undefined) await rm(file, { force: true });
    else await writeFile(file, text);
    source = createLiveSource({ clusters: [live(file, 'here')], clock: SYSTEM_CLOCK, firstPictureMs: 1000 });
    await source.start(album.sink);
    expect(codes()).toEqual(['cluster-unreachable']);
    expect(album.last('here')?.findings[0]?.message).toMatch(message);
    expect(JSON.stringify(album.last('here'))).not.toContain('secret-1');
  });
});

/** An authority and the certificate of an administrator. */
async function makeClientCertificate(folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name);
  const fresh = ['req', '-newkey', 'rsa:2048', '-nodes'];
  await run('openssl', [
    ...fresh,
    '-x509',
    '-days',
    '2',
    '-subj',
    '/CN=test-ca',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
  ]);
  await run('openssl', [...fresh, '-subj', '/O=system:masters/CN=me', '-keyout', at('me.key'), '-out', at('me.csr')]);
  const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-out', at('me.crt')];
  await run('openssl', ['x509', '-req', '-in', at('me.csr'), ...signed]);
}
