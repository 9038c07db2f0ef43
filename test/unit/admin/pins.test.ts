import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Place, UNKNOWN_PLACE } from '../../../src/core/desired/area.ts';
import { MAX_PIN_NETWORKS } from '../../../src/core/desired/maps/pin.ts';
import { pinKeyOf } from '../../../src/core/orders/pins.ts';
import { DEFAULT_SAFETY } from '../../../src/core/plan/safety.ts';
import { EMPTY_PLACES } from '../../../src/core/snapshot/empty-places.ts';
import { buildTrie, networkTree } from '../../../src/core/snapshot/place-trie.ts';
import { READ } from './admin-fixture.ts';
import { type OverrideWorld, SHOP, startWorld } from './override-world.ts';

const PIN = { scope: { hostnames: ['shop.*'] }, action: 'pin', nets: ['203.0.113.0/24'], cluster: 'jp', reason: 'x' };

let world: OverrideWorld;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const view = async () => (await world.send('GET', '/v1/overrides/vip', undefined, READ)).json();

describe('a pin in the admin API', () => {
  it('is pending until the places know it, and then in force', async () => {
    const set = await world.put('vip', PIN);
    expect([set.status, set.json()]).toMatchObject([
      200,
      { action: 'pin', nets: ['203.0.113.0/24'], cluster: 'jp', state: 'pending', endpoints: 1, hostnames: 1 },
    ]);
    const pins = [pinKeyOf(world.director.overrides().get('vip')!)];
    world.director.onPlaces({ ...EMPTY_PLACES, pins });
    world.director.flush();
    expect(await view()).toMatchObject({ state: 'in-force' });
    // Another version is another pin to the places.
    await world.put('vip', { ...PIN, cluster: 'us' });
    expect(await view()).toMatchObject({ state: 'pending', cluster: 'us' });
    const cleared = await world.send('DELETE', '/v1/overrides/vip');
    expect([cleared.status, world.director.overrides().size]).toEqual([200, 0]);
  });

  it('is planned before it begins, whatever the places know', async () => {
    await world.put('vip', { ...PIN, from: '2026-01-02T00:00:00Z' });
    expect(await view()).toMatchObject({ state: 'planned', hostnames: 1 });
    const told = world.director.snapshot().model.hostnames.find(({ name }) => name === SHOP);
    expect(told?.policy.pins).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['a cluster in its scope', { scope: { clusters: ['eu'] } }, 'override-invalid'],
    ['no nets', { nets: undefined }, 'override-invalid'],
    ['no cluster', { cluster: undefined }, 'override-invalid'],
    ['another cluster', { cluster: 'mars' }, 'override-invalid'],
    ['a net that is none', { nets: ['203.0.113.0/33'] }, 'override-invalid'],
    ['a weight', { weight: 3 }, 'override-invalid'],
    ['hostnames that nobody has', { scope: { hostnames: ['x.*'] } }, 'override-nothing'],
    ['too many nets', { nets: Array.from({ length: MAX_PIN_NETWORKS + 1 }, () => '10.0.0.0/8') }, 'request-invalid'],
  ])('is refused with %s', async (_, change, code) => {
    const reply = await world.put('vip', { ...PIN, ...change });
    expect([reply.json(), world.director.overrides().size]).toMatchObject([{ code }, 0]);
  });

  it('may have as many nets as it can, in their longest form', async () => {
    const nets = Array.from({ length: MAX_PIN_NETWORKS }, (_, index) => {
      return `2001:0db8:0000:${index.toString(16).padStart(4, '0')}:0000:0000:0000:0000/64`;
    });
    expect((await world.put('vip', { ...PIN, nets })).status).toBe(200);
  });
});

describe('rules of safety', () => {
  it('count the clients whom a pin would move, before the places know it', async () => {
    const strict = await startWorld({ safety: { ...DEFAULT_SAFETY, maxMoved: 0.05 } });
    try {
      const swiss: Place = { kind: 'known', lat: 47, lon: 8, country: 'CH', continent: 'EU' };
      const everywhere = buildTrie(4, networkTree([{ octets: new Uint8Array(4), length: 0, place: 1 }]));
      strict.director.onPlaces({ ...EMPTY_PLACES, v4: everywhere, places: [UNKNOWN_PLACE, swiss] });
      strict.director.flush();
      // A quarter of the clients of one hostname of two, of which a third are there already.
      const wide = await strict.put('vip', { ...PIN, nets: ['64.0.0.0/2'] });
      expect(wide.json()).toMatchObject({ code: 'safety-max-moved', detail: expect.stringContaining('8.3 %') });
      expect((await strict.put('vip', { ...PIN, nets: ['64.0.0.0/4'] })).status).toBe(200);
      const forced = await strict.put('vip', { ...PIN, nets: ['64.0.0.0/2'], force: true });
      expect(forced.json()).toMatchObject({ forced: ['safety-max-moved'] });
    } finally {
      await strict.stop();
    }
  });
});
