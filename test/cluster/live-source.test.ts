import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import type { Picture } from '../../src/core/desired/picture.ts';
import type { LiveCluster } from '../../src/sources/gateway-api/cluster-watch.ts';
import { createLiveSource, type LiveSource } from '../../src/sources/gateway-api/live-source.ts';
import { createAlbum, namesOf, type PictureAlbum, sourceContract } from '../contract/source.ts';
import { chooseKube, type Kube, type OwnKube, STANDARD_CRDS, whyNotOwn } from './kube.ts';
import { gateway, live, route, USED_CRDS } from './objects.ts';

const choice = await chooseKube();
const reason = choice.kind === 'none' ? ` (skipped: ${choice.reason})` : '';

let kube: Kube;
let own: OwnKube | undefined;
beforeAll(async () => {
  if (choice.kind === 'given') kube = choice.kube;
  if (choice.kind !== 'own') return;
  own = await choice.start(['east', 'west']);
  kube = own;
  for (const context of kube.contexts) await own.install(context, STANDARD_CRDS, USED_CRDS);
}, 180_000);
afterAll(async () => {
  // Clusters of the developer go on without what the tests left there.
  for (const [context, name] of choice.kind === 'given' ? made : []) {
    await kube.kubectl(context, ['delete', '--wait=false', 'namespace', name]);
  }
  await kube?.stop();
}, 60_000);

const made: (readonly [context: string, namespace: string])[] = [];
let count = 0;
/** A namespace that nobody used before: a deleted one stays for good where no controllers run. */
async function freshNamespace(...contexts: readonly string[]): Promise<string> {
  count += 1;
  const name = `azimuth-${process.pid}-${count}`;
  for (const context of contexts) {
    await kube.kubectl(context, ['create', 'namespace', name]);
    made.push([context, name]);
  }
  return name;
}

const create = (context: string, ...manifests: readonly string[]) =>
  kube.kubectl(context, ['create', '--validate=false', '-f', '-'], manifests.join('\n'));
const remove = (context: string, namespace: string, ...what: readonly string[]) =>
  kube.kubectl(context, ['delete', '--wait=false', '-n', namespace, ...what]);

/** Without the Namespaces, which are always there. */
const withoutNamespaces = (picture: Picture): Picture =>
  Object.freeze({ ...picture, objects: Object.freeze(picture.objects.filter(({ kind }) => kind !== 'Namespace')) });

describe.skipIf(choice.kind !== 'own')(`on API servers of our own${whyNotOwn(choice)}`, () => {
  sourceContract('the live source', async () => {
    const clusters = kube.contexts;
    const namespace = await freshNamespace(...clusters);
    const source = createLiveSource({
      clusters: clusters.map((context) => live(kube.kubeconfig, context, { namespaces: [namespace] })),
      clock: SYSTEM_CLOCK,
    });
    return {
      clusters,
      source: { ...source, start: (sink) => source.start((picture) => sink(withoutNamespaces(picture))) },
      async put(cluster, name) {
        await own?.revive();
        await create(cluster, gateway(name, namespace));
      },
      remove: async (cluster, name) => void (await remove(cluster, namespace, 'gateway', name)),
      lose: async (cluster) => own?.kill(cluster),
      cleanUp: async () => own?.revive(),
    };
  });
});

describe.skipIf(choice.kind === 'none')(`a live cluster${reason}`, () => {
  let album: PictureAlbum;
  let source: LiveSource | undefined;
  afterEach(async () => {
    await source?.close();
    source = undefined;
  });
  const start = async (...clusters: readonly LiveCluster[]): Promise<LiveSource> => {
    album = createAlbum();
    source = createLiveSource({ clusters, clock: SYSTEM_CLOCK });
    await source.start((picture) => album.sink(withoutNamespaces(picture)));
    return source;
  };
  const east = () => kube.contexts[0] ?? '';

  test('shows what kubectl creates, changes and deletes, within 300 ms after kubectl is done', async () => {
    const namespace = await freshNamespace(east());
    await start(live(kube.kubeconfig, east(), { namespaces: [namespace] }));
    await create(east(), gateway('g', namespace), route('r', namespace, 'shop.example.org', 'g'));
    const first = await album.until((picture) => picture.objects.length === 2);
    expect(first.findings).toEqual([]);
    expect(first.objects).toMatchObject([
      { kind: 'Gateway', name: 'g', listeners: [{ name: 'web', port: 80 }], origin: { file: `cluster ${east()}` } },
      { kind: 'HTTPRoute', name: 'r', hostnames: ['shop.example.org'], parents: [{ name: 'g', namespace }] },
    ]);

    const lags: number[] = [];
    for (const weight of ['1', '2', '3', '4', '5']) {
      await kube.kubectl(east(), [
        'annotate',
        '--overwrite',
        '-n',
        namespace,
        'gateway/g',
        `azimuth.dev/weight=${weight}`,
      ]);
      const done = performance.now();
      const changed = await album.until(({ objects: [one] }) => one?.annotations[0]?.[1] === weight);
      lags.push(performance.now() - done);
      expect(changed.objects[1], 'what did not change is the very same').toBe(first.objects[1]);
    }
    expect(lags.toSorted((a, b) => a - b)[2]).toBeLessThan(300);

    await remove(east(), namespace, 'httproute', 'r');
    const done = performance.now();
    await album.until((picture) => picture.objects.length === 1 && picture.objects[0]?.annotations.length === 1);
    expect(performance.now() - done).toBeLessThan(300);
  });

  test('tells which Gateway API the cluster has, kind by kind and as a whole', async () => {
    await start(live(kube.kubeconfig, east(), { namespaces: [await freshNamespace(east())] }));
    const { about = [] } = album.last(east()) ?? {};
    const values = new Map(about.map(({ what, value }) => [what, value]));
    expect(values.get('the served version of HTTPRoute')).toBe('v1');
    expect(values.get('the release of Gateway API')).toMatch(/^v1\.\d+\.\d+/);
    expect(values.get('the channel of Gateway API')).toMatch(/^(standard|experimental)$/);
  });

  test('hands over nothing where only labels or the status of what we do not read change', async () => {
    const namespace = await freshNamespace(east());
    await create(east(), gateway('g', namespace));
    await start(live(kube.kubeconfig, east(), { namespaces: [namespace] }));
    const before = album.pictures.length;
    await kube.kubectl(east(), ['label', '-n', namespace, 'gateway/g', 'a=b']);
    await kube.kubectl(east(), ['label', '-n', namespace, 'gateway/g', 'a-']);
    await create(east(), gateway('h', namespace));
    await album.until((picture) => picture.objects.length === 2);
    expect(album.pictures.length).toBe(before + 1);
  });

  test('is read in the namespaces, by the label and of the classes that are asked for', async () => {
    const [one, two, three] = [
      await freshNamespace(east()),
      await freshNamespace(east()),
      await freshNamespace(east()),
    ];
    for (const namespace of [one, two, three]) {
      await create(east(), gateway('a', namespace), gateway('b', namespace, { gatewayClassName: 'inner' }));
      await create(east(), route('ra', namespace, 'a.example.org', 'a'), route('rb', namespace, 'b.example.org', 'b'));
      await create(east(), route('rab', namespace, 'c.example.org', 'a', 'b'));
    }
    const cluster = live(kube.kubeconfig, east(), { namespaces: [one, two] });
    await start(
      { ...cluster, cluster: 'all' },
      { ...cluster, cluster: 'labelled', selector: 'app in (a, rb)' },
      { ...cluster, cluster: 'public', namespaces: [three], gatewayClasses: ['public'] },
    );
    expect(namesOf(album.last('all'))?.toSorted()).toEqual(['a', 'a', 'b', 'b', 'ra', 'ra', 'rab', 'rab', 'rb', 'rb']);
    expect(namesOf(album.last('labelled'))?.toSorted()).toEqual(['a', 'a', 'rb', 'rb']);
    expect(namesOf(album.last('public'))?.toSorted()).toEqual(['a', 'ra', 'rab']);
    const rab = album.last('public')?.objects.find(({ name }) => name === 'rab');
    expect(rab).toMatchObject({ parents: [{ name: 'a' }] });
    await remove(east(), three, 'gateway', 'b');
    await album.until(({ cluster: of, objects }) => of === 'public' && objects.length === 4);
  });

  test('keeps at most so many objects; the rest is a finding, until there is room', async () => {
    const namespace = await freshNamespace(east());
    await create(east(), ...['a', 'b', 'c', 'd'].map((name) => gateway(name, namespace)));
    album = createAlbum();
    const cluster = live(kube.kubeconfig, east(), { namespaces: [namespace] });
    source = createLiveSource({ clusters: [cluster], clock: SYSTEM_CLOCK, maxObjects: 3 });
    await source.start((picture) => album.sink(withoutNamespaces(picture)));
    const [picture] = album.pictures;
    expect(picture?.objects.length).toBeLessThan(4);
    expect(picture?.findings.map(({ code }) => code)).toEqual(['cluster-too-large']);
  });
});
