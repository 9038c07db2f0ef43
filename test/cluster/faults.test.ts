import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import type { Clock, ClusterView } from '../../src/core/ports.ts';
import { MAX_SPARE_CONNECTIONS } from '../../src/sources/gateway-api/limits.ts';
import { createLiveSource, type LiveSource } from '../../src/sources/gateway-api/live-source.ts';
import { createAlbum, namesOf, type PictureAlbum } from '../contract/source.ts';
import { eventually } from '../support/eventually.ts';
import type { CuttableProxy } from './cuttable-proxy.ts';
import { chooseKube, type OwnKube, whyNotOwn } from './kube.ts';
import { gateway, live, route } from './objects.ts';
import { type ProxiedServer, startProxiedServer } from './proxied-server.ts';

const choice = await chooseKube();
const reason = whyNotOwn(choice);
const NAMESPACE = 'default';
/** Longest pause before a lost API server is asked again, and the time it takes to start. */
const RECOVERY = { timeout: 40_000, interval: 20 };

describe.skipIf(choice.kind !== 'own')(`an API server that fails${reason}`, () => {
  let server: ProxiedServer | undefined;
  let kube: OwnKube;
  let proxy: CuttableProxy;
  let kubeconfig = '';
  let source: LiveSource;
  let album: PictureAlbum;

  beforeAll(async () => {
    if (choice.kind !== 'own') return;
    server = await startProxiedServer(choice.start);
    ({ kube, proxy, kubeconfig } = server);
  }, 180_000);
  afterAll(async () => {
    await server?.close();
  }, 60_000);

  beforeEach(async () => {
    album = createAlbum();
    source = createLiveSource({ clusters: [live(kubeconfig, 'lone')], clock: SYSTEM_CLOCK });
    await source.start(album.sink);
  });
  afterEach(async () => {
    proxy.mend();
    await source.close();
    await eventually(() => expect(proxy.open()).toBe(0));
  });

  const create = (...manifests: readonly string[]) =>
    kube.kubectl('lone', ['create', '--validate=false', '-f', '-'], manifests.join('\n'));
  const view = (): ClusterView => source.views()[0]!;
  const watching = () => eventually(() => expect(view().state).toBe('watching'), RECOVERY);
  const names = () => namesOf(album.last('lone'));

  test('is killed: the picture stands, the view says so, and after its return all goes on', async () => {
    await create(gateway('g', NAMESPACE));
    await album.until((picture) => namesOf(picture)?.includes('g') === true);
    await watching();
    const before = album.pictures.length;
    const heardAt = view().lastHeardAt ?? 0;
    await kube.kill('lone');
    // Each watch notices for itself.
    const gateways = () => view().kinds.find(({ kind }) => kind === 'Gateway');
    await eventually(() => expect(gateways()).toMatchObject({ state: 'retrying', objects: 1 }));
    expect(view().state).toBe('retrying');
    expect(gateways()?.problem).toMatch(/ECONNRE|closed|terminated/);
    await kube.revive();
    await watching();
    expect(view().lastHeardAt).toBeGreaterThan(heardAt);
    expect(album.pictures.length, 'nothing changed').toBe(before);
    await create(gateway('h', NAMESPACE));
    await album.until((picture) => namesOf(picture)?.includes('h') === true);
    expect(album.pictures.length).toBe(before + 1);
  }, 90_000);

  test('cannot be reached for a while: what changed meanwhile arrives, once', async () => {
    await create(gateway('stays', NAMESPACE), gateway('goes', NAMESPACE));
    await album.until((picture) => ['stays', 'goes'].every((name) => namesOf(picture)?.includes(name)));
    await watching();
    const before = album.pictures.length;
    proxy.cut();
    await eventually(() => expect(view().state).toBe('retrying'));
    await kube.kubectl('lone', ['delete', '--wait=false', '-n', NAMESPACE, 'gateway', 'goes']);
    await create(gateway('comes', NAMESPACE), route('r', NAMESPACE, 'r.example.org', 'comes'));
    await kube.kubectl('lone', ['annotate', '-n', NAMESPACE, 'gateway/stays', 'azimuth.dev/weight=7']);
    expect(album.pictures.length, 'no news while cut off').toBe(before);
    proxy.mend();
    await watching();
    await eventually(() => expect(names()).toEqual(expect.arrayContaining(['stays', 'comes', 'r'])), RECOVERY);
    expect(names()).not.toContain('goes');
    expect(new Set(names()).size, 'none twice').toBe(names()?.length);
    const stays = album.last('lone')?.objects.filter(({ name }) => name === 'stays');
    expect(stays).toMatchObject([{ annotations: [['azimuth.dev/weight', '7']] }]);
    expect(
      view().kinds.find(({ kind }) => kind === 'Gateway'),
      'the watch went on',
    ).toMatchObject({ lists: 1 });
  }, 60_000);

  test('comes back without memory of what changed (410): all is listed again, and the picture is whole', async () => {
    await create(gateway('old', NAMESPACE));
    await album.until((picture) => namesOf(picture)?.includes('old') === true);
    await watching();
    const before = album.pictures.length;
    proxy.cut();
    await create(gateway('new', NAMESPACE));
    await kube.kill('lone');
    await kube.revive();
    proxy.mend();
    await album.until((picture) => ['old', 'new'].every((name) => namesOf(picture)?.includes(name)));
    await watching();
    expect(album.pictures.length, 'one picture for it').toBe(before + 1);
    expect(view().kinds.find(({ kind }) => kind === 'Gateway')).toMatchObject({ lists: 2 });
  }, 90_000);

  test('is cut off again and again: the number of connections stays, and so do the objects', async () => {
    await source.close();
    // Without long rests.
    const hasty: Clock = { now: () => Date.now(), after: (ms, task) => SYSTEM_CLOCK.after(ms / 20, task) };
    album = createAlbum();
    source = createLiveSource({ clusters: [live(kubeconfig, 'lone')], clock: hasty, firstPictureMs: 400_000 });
    await source.start(album.sink);
    await watching();
    // With this clock it may be given up at first, and come later.
    await album.until(({ about = [] }) => about.some(({ what }) => what === 'the release of Gateway API'));
    const kinds = view().kinds.filter(({ state }) => state === 'watching').length;
    const restarts = () => view().kinds.reduce((sum, { watches }) => sum + watches, 0);
    const [before, pictures] = [restarts(), album.pictures.length];
    while (restarts() - before < 50) {
      const round = restarts();
      proxy.cut();
      proxy.mend();
      await eventually(() => expect(restarts()).toBeGreaterThanOrEqual(round + kinds), RECOVERY);
      await watching();
      // One for each watch, and the spare ones for all else: lists, and the release of the CRDs.
      await eventually(() => expect(proxy.open()).toBeLessThanOrEqual(kinds + MAX_SPARE_CONNECTIONS));
    }
    expect(album.pictures.length).toBe(pictures);
  }, 120_000);
});
