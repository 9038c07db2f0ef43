import { describe, expect, it } from 'vitest';
import type { ClusterSpec, Model } from '../../../../src/core/desired/model.ts';
import { UNSEEN } from '../../../../src/core/health/judge.ts';
import { idleOrders } from '../../../../src/core/orders/idle-orders.ts';
import type { Override, Overrides } from '../../../../src/core/orders/override.ts';
import type { Drilled } from '../../../../src/core/steering/drilled.ts';
import { createOrderBook } from '../../../../src/core/steering/order-book.ts';
import { cluster } from '../desired/pictures.ts';
import { endpoint, hostname, model, zone } from '../snapshot/build.ts';

const NOW = 1_000_000;
const GIVEN = { at: NOW, by: 'test', reason: 'test' };
const ENDPOINTS = ['eu', 'us'].map((name, index) => endpoint(name, `192.0.2.${index + 1}`, { monitor: name }));
const MODEL: Model = model([zone('z')], [hostname('a.z', { steering: 'nearest' }, ENDPOINTS)]);

function openBook(parts: { readonly clusters?: readonly ClusterSpec[]; readonly drilled?: Drilled } = {}) {
  let saved: Overrides = new Map();
  const world = { clusters: parts.clusters ?? [cluster('eu'), cluster('us')], drilled: parts.drilled };
  const up = { ...UNSEEN, state: 'up' } as const;
  const book = createOrderBook({
    now: () => NOW,
    clusters: () => world.clusters,
    world: () => ({ model: MODEL, health: new Map(['eu', 'us'].map((id) => [id, up])) }),
    drilled: () => (world.drilled === undefined ? [] : [world.drilled]),
    async save(overrides) {
      saved = overrides;
    },
    onChange: () => undefined,
  });
  return { book, world, saved: () => saved };
}

describe('the drain of a cluster that is gone for now', () => {
  it('is kept over a start without the cluster and whatever is ordered meanwhile, until somebody takes it away', async () => {
    const first = openBook();
    expect(await first.book.drain({ cluster: 'eu', ...GIVEN }, 'guarded')).toBe('done');
    const second = openBook({ clusters: [cluster('us')] });
    second.book.restore(first.saved());
    const order: Override = { ...GIVEN, name: 'm', scope: { clusters: ['us'] }, action: { kind: 'weight', weight: 7 } };
    expect(await second.book.put(order, 'guarded')).toBe('done');
    expect([...second.saved().keys()]).toEqual(['drain:eu', 'm']);
    expect([...second.book.current().keys()]).toEqual(['drain:eu', 'm']);
    expect(await second.book.undrain('eu')).toBe('done');
    expect([...second.saved().keys()]).toEqual(['m']);
    expect(await second.book.undrain('eu')).toMatchObject({ code: 'cluster-unknown' });
    second.book.restore(first.saved());
    expect(await second.book.clear('drain:eu')).toBe('done');
  });
});

describe('orders beside drills', () => {
  const drain = { ...GIVEN, name: 'drill:d', scope: { clusters: ['eu'] }, action: { kind: 'drain' } } as const;

  it('are looked at with what drills order and fail', async () => {
    for (const drilled of [
      { orders: [drain], failing: new Set<string>(), until: NOW + 1 },
      { orders: [], failing: new Set(['eu']), until: NOW + 1 },
    ]) {
      const { book, world } = openBook({ drilled });
      expect(await book.drain({ cluster: 'us', ...GIVEN }, 'guarded')).toMatchObject({
        code: 'drain-leaves-none',
        message: 'Draining us leaves no usable cluster for a.z. Use force to do it all the same.',
      });
      expect(await book.drain({ cluster: 'eu', ...GIVEN }, 'guarded')).toBe('done');
      world.drilled = undefined;
      expect(await book.drain({ cluster: 'us', ...GIVEN }, 'guarded')).toMatchObject({ code: 'drain-leaves-none' });
    }
  });
});

describe('orders about nothing', () => {
  it('are found, drains of clusters that are gone by their own words', async () => {
    const { book } = openBook({ clusters: [] });
    const late: Override = { ...GIVEN, name: 'late', scope: { hostnames: ['b.z'] }, action: { kind: 'down' } };
    const here: Override = {
      ...GIVEN,
      name: 'here',
      scope: { hostnames: ['A.Z.'] },
      action: { kind: 'down' },
      from: NOW + 1,
    };
    const pin = (name: string, to: string): Override => ({
      ...GIVEN,
      name,
      scope: { hostnames: ['*'] },
      action: { kind: 'pin', nets: ['192.0.2.0/24'], cluster: to },
      from: NOW + 1,
    });
    const gone = { ...GIVEN, name: 'drain:mars', scope: { clusters: ['mars'] }, action: { kind: 'drain' } } as const;
    const all = [late, here, pin('p', 'eu'), pin('q', 'mars'), gone];
    const overrides = new Map(all.map((one) => [one.name, one]));
    book.restore(overrides);
    const found = idleOrders(book.lay(MODEL, []), overrides, NOW);
    expect(found.map(({ origin }) => origin.object)).toEqual(['late', 'q', 'drain:mars']);
    expect(found[2]).toMatchObject({
      code: 'override-idle',
      message: 'The drain of mars is kept, and there is no cluster "mars": it holds again when there is one.',
      suggestion: 'azimuth override clear drain:mars',
    });
    expect(idleOrders(MODEL, new Map(), NOW)).toEqual([]);
  });
});
