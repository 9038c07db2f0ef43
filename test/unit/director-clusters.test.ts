import { describe, expect, it } from 'vitest';
import type { ClusterSpec, Monitor, NamedMonitor } from '../../src/core/desired/model.ts';
import type { Overrides } from '../../src/core/orders/override.ts';
import { EMPTY_PLACES } from '../../src/core/snapshot/empty-places.ts';
import { explain } from '../../src/core/snapshot/explain.ts';
import { RR_TYPE } from '../../src/core/snapshot/rr-type.ts';
import { createDirector } from '../../src/director.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { declare, gateway, picture, route } from './core/desired/pictures.ts';

const START = 1_800_000_000_000;
const NAME = 'shop.gslb.example';
const HOSTS: Readonly<Record<string, string>> = { eu: '192.0.2.1', us: '192.0.2.2', late: '192.0.2.3' };
const LATE: ClusterSpec = {
  name: 'late',
  location: { lat: 1, lon: 2, country: 'DE', continent: 'EU' },
  annotations: {},
  origin: { file: 'cluster-secrets', object: 'Secret azimuth/late' },
  slot: 7,
};

async function createWorld(monitors: readonly NamedMonitor[] = []) {
  const clock = createManualClock(START);
  const watched: (readonly Monitor[])[] = [];
  const saved: Overrides[] = [];
  const director = createDirector({
    declaration: { ...declare({ clusters: ['eu', 'us'] }), monitors },
    clock,
    store: { save: async (overrides) => void saved.push(overrides) },
    places: EMPTY_PLACES,
    watch: (monitors) => watched.push(monitors),
  });
  const show = (cluster: string): void => {
    const host = HOSTS[cluster] ?? '';
    director.onPicture(picture(cluster, gateway('edge', { addresses: [host] }), route('shop', [NAME])));
  };
  const settle = async () => {
    await clock.advance(20);
  };
  const addresses = () => {
    const asked = { name: NAME, type: RR_TYPE.A, place: 0, prefix: 0, dice: 0 };
    const { candidates, agreement } = explain(director.snapshot(), asked);
    expect(agreement).toBe('same');
    return candidates.map(({ address, state }) => `${address} ${state}`);
  };
  const up = (cluster: string): void => {
    for (const { id, address } of director.snapshot().model.monitors) {
      if (address !== HOSTS[cluster]) continue;
      director.onProbe({ monitor: id, at: clock.now(), durationMs: 1, outcome: { kind: 'success' } });
    }
  };
  show('eu');
  show('us');
  await settle();
  up('eu');
  up('us');
  await settle();
  return { clock, director, show, settle, addresses, up, watched, saved };
}

const BOTH = ['192.0.2.1 up', '192.0.2.2 up'];
const drain = { cluster: 'late', at: START, by: 'ana', reason: 'upgrade' };

describe('a cluster that comes later', () => {
  it('sheds by its own capacity from the moment at which it is known, and by another one when that changes', async () => {
    const from = { kind: 'external', expiresMs: 60_000 } as const;
    const load = {
      name: 'late-load',
      id: 'monitor:late-load',
      source: { kind: 'load', cluster: 'late', from },
    } as const;
    const { clock, director, settle } = await createWorld([load]);
    const share = async (capacity: string): Promise<number | undefined> => {
      director.onClusters([{ ...LATE, annotations: { capacity } }]);
      await settle();
      director.push({ name: 'late-load', rate: 200, by: 'jobs' });
      await clock.advance(1000);
      return director.loads().get(load.id)?.control.share;
    };
    expect(await share('100')).toBe(128);
    // What comes on top by a smaller capacity is as what comes on top by more load.
    expect(await share('50')).toBe(64);
  });

  it('is answered with its picture, and the others keep their health', async () => {
    const { director, show, settle, addresses, up } = await createWorld();
    director.onClusters([LATE]);
    await settle();
    expect(addresses()).toEqual(BOTH);
    show('late');
    await settle();
    expect(addresses()).toEqual(expect.arrayContaining([...BOTH, '192.0.2.3 unseen']));
    up('late');
    await settle();
    expect(addresses()).toEqual(expect.arrayContaining([...BOTH, '192.0.2.3 up']));
  });

  it('is gone with all that it asked for when it is no longer there, and comes back without it', async () => {
    const { director, show, settle, addresses } = await createWorld();
    director.onClusters([LATE]);
    show('late');
    await settle();
    director.onClusters([]);
    await settle();
    expect(addresses()).toEqual(BOTH);
    expect(director.snapshot().model.clusters.map(({ name }) => name)).toEqual(['eu', 'us']);
    show('late');
    await settle();
    expect(addresses()).toEqual(BOTH);
    director.onClusters([LATE]);
    await settle();
    expect(addresses()).toEqual(BOTH);
  });

  it('has the number that it was given, whatever its place in the list', async () => {
    const { director, show, settle } = await createWorld();
    director.onClusters([{ ...LATE, name: 'other', slot: 3 }, LATE]);
    show('late');
    await settle();
    const { endpoints } = director.snapshot().table.targets;
    expect([...endpoints]).toContain(7);
  });

  it('can be drained, and the drain outlives its absence and a restart', async () => {
    const { director, show, settle, saved } = await createWorld();
    expect(await director.drain(drain, 'guarded')).toMatchObject({ code: 'cluster-unknown' });
    director.onClusters([LATE]);
    show('late');
    await settle();
    expect(await director.drain(drain, 'guarded')).toBe('done');
    director.onClusters([]);
    await settle();
    expect([...director.overrides().keys()]).toEqual(['drain:late']);
    const next = await createWorld();
    next.director.restore(saved.at(-1) ?? new Map());
    await next.settle();
    expect([...next.director.overrides().keys()]).toEqual(['drain:late']);
    expect(await next.director.undrain('late')).toBe('done');
    expect(next.director.overrides().size).toBe(0);
  });

  it('costs no probe its rhythm: monitors of the others are the same', async () => {
    const { director, settle, show, watched } = await createWorld();
    const before = watched.at(-1)?.map(({ id }) => id) ?? [];
    director.onClusters([LATE]);
    show('late');
    await settle();
    expect(watched.at(-1)?.map(({ id }) => id)).toEqual(expect.arrayContaining(before));
    expect(watched.at(-1)).toHaveLength(before.length + 1);
  });

  it('that is told of again as it was makes nothing anew', async () => {
    const { director, settle, show } = await createWorld();
    director.onClusters([LATE]);
    show('late');
    await settle();
    const before = director.snapshot();
    director.onClusters([{ ...LATE }]);
    await settle();
    expect(director.snapshot()).toBe(before);
    director.onClusters([{ ...LATE, annotations: { weight: '3' } }]);
    await settle();
    const { endpoints = [] } = director.snapshot().model.hostnames.find(({ name }) => name === NAME) ?? {};
    expect(endpoints.map(({ cluster, weight }) => `${cluster} ${weight}`)).toEqual(['eu 100', 'late 3', 'us 100']);
  });
});
