import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import { desire } from '../../src/core/desired/desire.ts';
import type { Declaration, Endpoint, Model } from '../../src/core/desired/model.ts';
import type { Picture } from '../../src/core/desired/picture.ts';
import { createLiveSource, type LiveSource } from '../../src/sources/gateway-api/live-source.ts';
import { createAlbum, type PictureAlbum } from '../contract/source.ts';
import { chooseKube, type OwnKube, STANDARD_CRDS, whyNotOwn } from './kube.ts';
import { gateway, live, route } from './objects.ts';

const choice = await chooseKube();
const reason = whyNotOwn(choice);
const CONTEXT = 'ready';
const NAMESPACE = 'default';
const CRDS = /_(gateways|httproutes|referencegrants)\.yaml$/;

const DECLARATION: Declaration = {
  prefix: 'azimuth.dev/',
  zones: [
    {
      apex: 'gslb.example',
      nameservers: [{ name: 'ns1.gslb.example', addresses: ['192.0.2.53'] }],
      nsTtl: 3600,
      soa: { mname: 'ns1.gslb.example', rname: 'r', refresh: 1, retry: 1, expire: 1, minimum: 60, ttl: 60 },
      records: [],
    },
  ],
  clusters: [
    {
      name: CONTEXT,
      location: { lat: 50, lon: 8, country: 'DE', continent: 'EU' },
      annotations: { conditions: 'require' },
      origin: { file: 'azimuth.yaml' },
    },
  ],
  probe: { intervalMs: 10_000, timeoutMs: 3000, rise: 2, fall: 3 },
};

describe.skipIf(choice.kind !== 'own')(`what controllers write, on a real API server${reason}`, () => {
  let kube: OwnKube;
  let album: PictureAlbum;
  let source: LiveSource | undefined;

  beforeAll(async () => {
    if (choice.kind !== 'own') return;
    kube = await choice.start([CONTEXT]);
    await kube.install(CONTEXT, STANDARD_CRDS, CRDS);
    await kube.install(CONTEXT, 'mcs-api', /serviceimports/);
    album = createAlbum();
    source = createLiveSource({ clusters: [live(kube.kubeconfig, CONTEXT)], clock: SYSTEM_CLOCK });
    await source.start((picture) => album.sink(picture));
  }, 180_000);
  afterAll(async () => {
    await source?.close();
    await kube?.stop();
  }, 60_000);
  afterEach(() => expect(album.last(CONTEXT)?.findings).toEqual([]));

  const create = (...objects: readonly unknown[]) =>
    kube.kubectl(CONTEXT, ['create', '--validate=false', '-f', '-'], objects.map(textOf).join('\n'));
  /** Writes a status as controllers do: at its own path, which only takes what was read before. */
  const setStatus = async (plural: string, name: string, status: object): Promise<void> => {
    const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${NAMESPACE}/${plural}/${name}`;
    const object: object = JSON.parse(await kube.kubectl(CONTEXT, ['get', '--raw', path]));
    await kube.kubectl(
      CONTEXT,
      ['replace', '--raw', `${path}/status`, '-f', '-'],
      JSON.stringify({ ...object, status }),
    );
  };
  /** Looks at the newest picture only: an older one may have fitted, too. */
  const untilEndpoint = async (name: string, fits: (endpoint: Endpoint) => boolean): Promise<Endpoint> => {
    for (;;) {
      const newest = album.last(CONTEXT);
      const found = newest && endpointIn(modelOf(newest), name);
      if (found !== undefined && fits(found)) return found;
      const seen = new Set(album.pictures);
      await album.until((picture) => !seen.has(picture));
    }
  };

  test('a Gateway counts once its controller has programmed it, and not when it says that it has not', async () => {
    await create(gateway('edge', NAMESPACE), route('shop', NAMESPACE, 'shop.gslb.example', 'edge'));
    const addresses = [{ type: 'IPAddress', value: '192.0.2.1' }];
    const programmed = (status: string) => ({ addresses, conditions: [condition('Programmed', status, 1)] });
    // As it was created: the API server itself has written that nobody knows yet.
    await setStatus('gateways', 'edge', { addresses });
    expect((await untilEndpoint('shop.gslb.example', () => true)).unready).toBeUndefined();
    await setStatus('gateways', 'edge', programmed('False'));
    const unready = await untilEndpoint('shop.gslb.example', (one) => one.unready !== undefined);
    expect(unready.unready?.reason).toBe('Gateway default/edge: Programmed is False (Tested)');
    await setStatus('gateways', 'edge', programmed('True'));
    await untilEndpoint('shop.gslb.example', (one) => one.unready === undefined);
  }, 60_000);

  test('a Route to a Service of other clusters follows its ServiceImport and its EndpointSlices', async () => {
    const backend = { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'far', port: 80 };
    const plain: { spec: object } = JSON.parse(route('far', NAMESPACE, 'far.gslb.example', 'edge'));
    await create({ ...plain, spec: { ...plain.spec, rules: [{ backendRefs: [backend] }] } });
    const reasonOf = async (wanted: RegExp): Promise<void> => {
      await untilEndpoint('far.gslb.example', ({ unready }) => wanted.test(unready?.reason ?? ''));
    };
    const meta = { name: 'far', namespace: NAMESPACE };
    const spec = { type: 'ClusterSetIP', ports: [{ port: 80 }] };
    const kind = { apiVersion: 'multicluster.x-k8s.io/v1alpha1', kind: 'ServiceImport' };
    await create({ ...kind, metadata: { ...meta, name: 'near' }, spec });
    await reasonOf(/ServiceImport default\/far does not exist/);
    await create({ ...kind, metadata: meta, spec });
    await untilEndpoint('far.gslb.example', ({ unready }) => unready === undefined);
    const slice = {
      apiVersion: 'discovery.k8s.io/v1beta1',
      kind: 'EndpointSlice',
      metadata: { ...meta, labels: { 'multicluster.kubernetes.io/service-name': 'far' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }],
    };
    await create(slice);
    await reasonOf(/ServiceImport default\/far has no ready endpoint/);
  }, 60_000);

  test('a Route to another namespace needs a ReferenceGrant there', async () => {
    const plain: { spec: object } = JSON.parse(route('abroad', NAMESPACE, 'abroad.gslb.example', 'edge'));
    const backend = { name: 'web', namespace: 'kube-system', port: 80 };
    await create({ ...plain, spec: { ...plain.spec, rules: [{ backendRefs: [backend] }] } });
    await untilEndpoint('abroad.gslb.example', ({ unready }) => unready?.condition === 'ResolvedRefs');
    const group = 'gateway.networking.k8s.io';
    await create({
      apiVersion: `${group}/v1beta1`,
      kind: 'ReferenceGrant',
      metadata: { name: 'grant', namespace: 'kube-system' },
      spec: { from: [{ group, kind: 'HTTPRoute', namespace: NAMESPACE }], to: [{ group: '', kind: 'Service' }] },
    });
    await untilEndpoint('abroad.gslb.example', ({ unready }) => unready === undefined);
  }, 60_000);
});

function textOf(object: unknown): string {
  return typeof object === 'string' ? object : JSON.stringify(object);
}

function condition(type: string, status: string, observedGeneration: number): object {
  return {
    type,
    status,
    observedGeneration,
    reason: 'Tested',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
}

function modelOf(picture: Picture): Model {
  return desire(DECLARATION, [picture]);
}

function endpointIn({ hostnames }: Model, name: string): Endpoint | undefined {
  return hostnames.find((one) => one.name === name)?.endpoints[0];
}
