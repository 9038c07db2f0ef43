import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import type { ListenAddress } from '../../src/core/ports.ts';
import { MAX_SPARE_CONNECTIONS } from '../../src/sources/gateway-api/limits.ts';
import { createLiveSource, type LiveSource } from '../../src/sources/gateway-api/live-source.ts';
import { createAlbum, namesOf, type PictureAlbum } from '../contract/source.ts';
import { ROOT } from '../house/source-tree.ts';
import { logField } from '../interop/director-process.ts';
import { ask } from '../support/dns-client.ts';
import { eventually } from '../support/eventually.ts';
import { type AccessWorld, startAccessWorld } from './access-world.ts';
import { type ConnectProxy, startConnectProxy } from './connect-proxy.ts';
import { addressesOf, clientQuery } from './director-world.ts';
import { chooseKube, whyNotOwn } from './kube.ts';
import { gateway, live, route } from './objects.ts';
import {
  createServiceAccountFolder,
  IN_CLUSTER_CONFIGURATION,
  mountsOfTheirOwn,
  type PodProcess,
  startInPod,
} from './pod.ts';

const choice = await chooseKube();
const mounts = await mountsOfTheirOwn();
const SOON = { timeout: 30_000, interval: 50 };
/** Nobody but our proxy knows it. The API server's certificate is for another name. */
const UNKNOWN = 'api.cluster.invalid';
const OTHER_NAME = { 'tls-server-name': 'kubernetes' };
const ADDRESS = '192.0.2.1';

describe.skipIf(choice.kind !== 'own')(`ways to an API server${whyNotOwn(choice)}`, () => {
  let world: AccessWorld;
  let album: PictureAlbum;
  let source: LiveSource | undefined;
  let tunnel: ConnectProxy | undefined;

  beforeAll(async () => {
    if (choice.kind !== 'own') return;
    world = await startAccessWorld(choice.start);
    const annotations = { 'azimuth.dev/address': ADDRESS, 'azimuth.dev/probe': 'none' };
    await create(gateway('edge', 'default', { annotations }), route('first', 'default', 'first.gslb.example', 'edge'));
  }, 180_000);
  afterAll(() => world?.close(), 60_000);
  beforeEach(() => {
    album = createAlbum();
    // Whoever runs the tests may be behind a proxy.
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy']) {
      vi.stubEnv(name, '');
    }
  });
  afterEach(async () => {
    world.proxy.mend();
    await source?.close();
    await tunnel?.close();
    [source, tunnel] = [undefined, undefined];
    vi.unstubAllEnvs();
  });

  const create = (...manifests: readonly string[]) =>
    world.kube.kubectl('lone', ['create', '--validate=false', '-f', '-'], manifests.join('\n'));
  const start = async (...files: readonly string[]): Promise<void> => {
    const clusters = files.map((file) => ({ ...live(file, 'here'), cluster: file }));
    source = createLiveSource({ clusters, clock: SYSTEM_CLOCK });
    await source.start(album.sink);
  };
  const has = (file: string, name: string) => namesOf(album.last(file))?.includes(name) === true;
  const untilAllHave = (files: readonly string[], name: string) =>
    eventually(() => expect(files.filter((file) => !has(file, name))).toEqual([]), SOON);
  const view = () => source!.views()[0]!;
  const untilProblem = (problem: RegExp) =>
    eventually(() => expect(view().kinds.find(({ kind }) => kind === 'Gateway')?.problem).toMatch(problem), SOON);

  describe('through an HTTP proxy', () => {
    test('that the kubeconfig names, with a password: all goes through it, whatever the environment says', async () => {
      tunnel = await startConnectProxy(world.port, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
      vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
      vi.stubEnv('NO_PROXY', '*');
      const cluster = {
        server: `https://${UNKNOWN}:${world.port}`,
        'proxy-url': `http://me:p%40ss@${tunnel.host}`,
        ...OTHER_NAME,
      };
      const file = await world.kubeconfig('proxied', { token: world.token }, cluster);
      await start(file);
      expect([has(file, 'edge'), album.last(file)?.findings]).toEqual([true, []]);
      await create(gateway('through', 'default'));
      await untilAllHave([file], 'through');
      expect(new Set(tunnel.tunnels)).toEqual(new Set([`${UNKNOWN}:${world.port}`]));
      expect(tunnel.open()).toBeLessThanOrEqual(view().kinds.length + MAX_SPARE_CONNECTIONS);
    }, 60_000);

    test('that is gone, refuses, or says nothing: the picture stays, the view says why, and it recovers', async () => {
      tunnel = await startConnectProxy(world.port);
      const cluster = { server: `https://${UNKNOWN}:${world.port}`, 'proxy-url': `http://${tunnel.host}` };
      const file = await world.kubeconfig('faulty', { token: world.token }, { ...cluster, ...OTHER_NAME });
      await start(file);
      await eventually(() => expect(view().state).toBe('watching'), SOON);
      const pictures = album.pictures.length;
      for (const [state, problem] of [
        ['gone', /ECONNRESET|other side closed|socket/],
        ['refusing', /502/],
        ['mute', /Headers Timeout/],
      ] as const) {
        tunnel.become(state);
        await untilProblem(problem);
      }
      expect(view().state).toBe('retrying');
      await create(gateway('meanwhile', 'default'));
      expect(album.pictures.length, 'no news while the proxy is gone').toBe(pictures);
      tunnel.become('whole');
      await untilAllHave([file], 'meanwhile');
      expect(view().kinds.find(({ kind }) => kind === 'Gateway')).toMatchObject({ state: 'watching', lists: 1 });
    }, 120_000);

    // By 0.0.0.0 one reaches this machine, and it is not among the addresses that never need a proxy.
    test.each([
      ['HTTPS_PROXY names, without a scheme', 'tunnels', '0.0.0.0', { HTTPS_PROXY: 'PROXY' }],
      ['https_proxy names', 'tunnels', '0.0.0.0', { https_proxy: 'http://PROXY', NO_PROXY: '10.0.0.0/8,.invalid' }],
      ['HTTP_PROXY names: not for TLS', 'straight', '0.0.0.0', { HTTP_PROXY: 'http://PROXY' }],
      ['NO_PROXY excepts', 'straight', '0.0.0.0', { HTTPS_PROXY: 'http://PROXY', NO_PROXY: '10.0.0.1, 0.0.0.0/8' }],
      ['this machine does not need', 'straight', '127.0.0.1', { HTTPS_PROXY: 'http://PROXY' }],
    ])('that %s in the environment: %s', async (_, way, host, variables) => {
      tunnel = await startConnectProxy(world.port);
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value.replace('PROXY', tunnel.host));
      const cluster = { server: `https://${host}:${world.port}`, ...OTHER_NAME };
      const file = await world.kubeconfig('by-environment', { token: world.token }, cluster);
      await start(file);
      expect(has(file, 'edge')).toBe(true);
      expect(tunnel.tunnels.length > 0).toBe(way === 'tunnels');
    });

    test.each([
      ['socks5://127.0.0.1:1', /proxy-url: SOCKS proxies .* not supported/],
      ['http://me:secret-1@:99999', /proxy-url is no URL of an HTTP proxy/],
    ])('that is none (%s): a finding says so, without its password', async (proxy, message) => {
      const file = await world.kubeconfig('no-proxy', { token: world.token }, { 'proxy-url': proxy });
      source = createLiveSource({ clusters: [live(file, 'here')], clock: SYSTEM_CLOCK, firstPictureMs: 1000 });
      await source.start(album.sink);
      expect(album.last('here')?.findings[0]?.message).toMatch(message);
      expect(JSON.stringify(album.last('here'))).not.toContain('secret-1');
    });
  });

  describe('with credentials that end', () => {
    test('a token in a file beside the kubeconfig, which counts more than the one inside', async () => {
      await writeFile(join(world.folder, 'my-token'), `${world.token}\n`);
      const file = await world.kubeconfig('by-token-file', { tokenFile: 'my-token', token: 'stale' });
      await start(file);
      expect(has(file, 'edge')).toBe(true);
    });

    test('a client certificate, from files and from a program: the next one is taken', async () => {
      const endsAt = Date.now() + 12_000;
      const [first, second] = [await world.certificate(endsAt), await world.certificate(Date.now() + 86_400_000)];
      const write = async ({ cert, key }: typeof first, ends: number) => {
        const status = {
          expirationTimestamp: new Date(ends).toISOString(),
          clientCertificateData: cert,
          clientKeyData: key,
        };
        await writeFile(at('issued.json'), JSON.stringify({ ...credential, kind: 'ExecCredential', status }));
        for (const [name, text] of Object.entries({ cert, key })) {
          await writeFile(at(`${name}.fresh`), text);
          await rename(at(`${name}.fresh`), at(`${name}.pem`));
        }
      };
      const at = (name: string) => join(world.folder, name);
      const credential = { apiVersion: 'client.authentication.k8s.io/v1' };
      await mkdir(at('bin'));
      await writeFile(
        at('bin/issue'),
        '#!/bin/sh\ncd "$(dirname "$0")/.."; echo "$KUBERNETES_EXEC_INFO" >>asked; cat issued.json\n',
      );
      await chmod(at('bin/issue'), 0o755);
      const server = { server: `https://127.0.0.1:${world.proxy.port}` };
      const exec = { ...credential, command: './bin/issue', interactiveMode: 'Never', env: null };
      await write(first, endsAt);
      const files = [
        await world.kubeconfig('files', { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' }, server),
        await world.kubeconfig('program', { exec }, server),
      ];
      await start(...files);
      await untilAllHave(files, 'edge');
      await eventually(async () => expect(await world.statusFor(first)).toBe(401), SOON);
      world.proxy.cut();
      await create(gateway('after-the-end', 'default'));
      world.proxy.mend();
      await untilProblem(/401/);
      await write(second, Date.now() + 86_400_000);
      await untilAllHave(files, 'after-the-end');
      const asked = (await readFile(at('asked'), 'utf8')).trim().split('\n');
      expect(asked.length).toBeGreaterThanOrEqual(2);
      expect(JSON.parse(asked[0]!)).toEqual({ ...credential, kind: 'ExecCredential', spec: { interactive: false } });
    }, 90_000);
  });

  describe.skipIf(mounts === 'refused')('as a Pod has it (skipped where processes get no mounts of their own)', () => {
    let pod: PodProcess | undefined;
    afterEach(() => pod?.stop());

    test('in-cluster: true reads the cluster and its Secrets, and goes by the token that is mounted now', async () => {
      const rights = ['rbac-read', 'rbac-cluster-secrets'].map((name) => join(ROOT, `deploy/kubernetes/${name}.yaml`));
      for (const file of rights) await world.kube.kubectl('lone', ['apply', '-f', file]);
      const folder = await createServiceAccountFolder(join(world.folder, 'service-account'));
      const mount = (token: string) => folder.write({ token, 'ca.crt': world.authority, namespace: 'azimuth' });
      const revoke = async (secret: string, token: string) => {
        await world.api.ask('DELETE', `/api/v1/namespaces/azimuth/secrets/${secret}`);
        await eventually(async () => expect(await world.statusFor({ token })).toBe(401), SOON);
      };
      const [first, second, third] = [
        await world.boundToken('one'),
        await world.boundToken('two'),
        await world.boundToken('three'),
      ];
      await mount(first);
      const config = join(world.folder, 'azimuth.yaml');
      await writeFile(config, IN_CLUSTER_CONFIGURATION);
      pod = startInPod(folder, config, world.proxy.port);
      const listening = await pod.line((line) => logField(line, 'ready', 'listening'));
      const { dns }: { readonly dns: readonly ListenAddress[] } = JSON.parse(JSON.stringify(listening));
      const answer = async (name: string) => addressesOf(await ask(dns[0]!, clientQuery(`${name}.gslb.example`)));
      const untilAnswered = (name: string) =>
        eventually(async () => expect(await answer(name)).toEqual([ADDRESS]), SOON);
      await untilAnswered('first');

      await mount(second);
      await revoke('one', first);
      world.proxy.cut();
      await create(route('second', 'default', 'second.gslb.example', 'edge'));
      world.proxy.mend();
      await untilAnswered('second');

      await revoke('two', second);
      world.proxy.cut();
      await create(route('third', 'default', 'third.gslb.example', 'edge'));
      world.proxy.mend();
      // It has come with the old one.
      await eventually(() => expect(world.proxy.open()).toBeGreaterThan(0), SOON);
      expect(await answer('first')).toEqual([ADDRESS]);
      await mount(third);
      await untilAnswered('third');

      const secret = { metadata: { name: 'odd', labels: { 'azimuth.dev/cluster': 'true' } } };
      await world.api.ask('POST', '/api/v1/namespaces/azimuth/secrets', JSON.stringify(secret));
      await pod.line((line) => line.includes('cluster-secret-invalid') || undefined);
    }, 120_000);
  });
});
