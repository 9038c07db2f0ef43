import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import type { Finding } from '../../src/core/desired/finding.ts';
import { createLiveSource } from '../../src/sources/gateway-api/live-source.ts';
import { createPictureKeeper } from '../../src/state/picture-keeper.ts';
import { createPictureStore } from '../../src/state/picture-store.ts';
import { createAlbum, namesOf } from '../contract/source.ts';
import type { CuttableProxy } from './cuttable-proxy.ts';
import { chooseKube, type OwnKube, whyNotOwn } from './kube.ts';
import { gateway, live, route } from './objects.ts';
import { type ProxiedServer, startProxiedServer } from './proxied-server.ts';

const choice = await chooseKube();
const reason = whyNotOwn(choice);
const NAMESPACE = 'default';

describe.skipIf(choice.kind !== 'own')(`a restart while an API server is gone${reason}`, () => {
  let server: ProxiedServer | undefined;
  let kube: OwnKube;
  let proxy: CuttableProxy;
  let kubeconfig = '';
  let directory = '';

  beforeAll(async () => {
    if (choice.kind !== 'own') return;
    directory = await mkdtemp(join(tmpdir(), 'azimuth-restart-'));
    server = await startProxiedServer(choice.start);
    ({ kube, proxy, kubeconfig } = server);
  }, 180_000);
  afterAll(async () => {
    await server?.close();
    if (directory !== '') await rm(directory, { recursive: true });
  }, 60_000);

  /** Sources and saved pictures as one process has them. */
  function run() {
    const album = createAlbum();
    let findings: readonly Finding[] = [];
    const keeper = createPictureKeeper({
      source: createLiveSource({ clusters: [live(kubeconfig, 'lone')], clock: SYSTEM_CLOCK }),
      store: createPictureStore({ directory, clock: SYSTEM_CLOCK, onFindings: (all) => expect(all).toEqual([]) }),
      clock: SYSTEM_CLOCK,
      clusters: ['lone'],
      local: new Set(),
      onFindings(all) {
        findings = all;
      },
    });
    return { keeper, album, codes: () => findings.map(({ code }) => code) };
  }

  test('finds the last known view, and the cluster has the word again when it is back', async () => {
    const before = run();
    await before.keeper.start(before.album.sink);
    await kube.kubectl(
      'lone',
      ['create', '--validate=false', '-f', '-'],
      [gateway('stays', NAMESPACE), gateway('goes', NAMESPACE), route('r', NAMESPACE, 'r.example.org', 'stays')].join(
        '\n',
      ),
    );
    await before.album.until((picture) => ['stays', 'goes', 'r'].every((name) => namesOf(picture)?.includes(name)));
    const known = before.album.last('lone')?.objects;
    const stoppedAt = Date.now();
    await before.keeper.close();

    proxy.cut();
    const after = run();
    await after.keeper.start(after.album.sink);
    expect(Date.now() - stoppedAt).toBeLessThan(9000);
    expect(new Set(after.album.last('lone')?.objects)).toEqual(new Set(known));
    expect(after.keeper.ages()).toMatchObject([{ cluster: 'lone', origin: 'store' }]);
    expect(after.codes()).toEqual(['picture-from-store']);

    await kube.kubectl('lone', ['delete', '--wait=false', '-n', NAMESPACE, 'gateway', 'goes']);
    proxy.mend();
    const own = await after.album.until((picture) => namesOf(picture)?.includes('goes') === false);
    expect(namesOf(own)).toEqual(expect.arrayContaining(['stays', 'r']));
    expect(after.keeper.ages()).toMatchObject([{ cluster: 'lone', origin: 'source' }]);
    expect(after.codes()).toEqual([]);
    await after.keeper.close();
  }, 90_000);
});
