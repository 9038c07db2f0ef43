import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDrillsWorld, type DrillsWorld, START, specOf } from '../core/drill/world.ts';
import { type Admin, READ, startAdmin } from './admin-fixture.ts';

const MINUTE = 60_000;

let world: DrillsWorld;
let admin: Admin;

beforeEach(async () => {
  world = await createDrillsWorld();
  admin = await startAdmin({ director: world.director(), now: () => world.clock.now() });
});
afterEach(async () => {
  await admin.server.close();
  world.close();
});

const status = async () => (await admin.ask('/v1/status', { token: READ })).json();
const clusters = async () => (await admin.ask('/v1/clusters', { token: READ })).json();
const start = (parts: Parameters<typeof specOf>[0]) => world.director().drills.start(specOf(parts), 'ops', 'forced');
const later = (name: string, minutes: number) =>
  start({ name, startAt: START + minutes * MINUTE, lengthMs: MINUTE, scope: { clusters: ['us'] } });

describe('drills in /v1/status', () => {
  it('are none, and none again once they are over', async () => {
    expect(await status()).toMatchObject({ drills: { total: 0, first: [] } });
    await start({ action: { kind: 'drain' } });
    await world.director().drills.stop('d', 'ops');
    await world.clock.advance(1_100);
    expect(world.drill('d')?.state).toBe('over');
    expect(await status()).toMatchObject({ drills: { total: 0, first: [] } });
  });

  it('are told with step, end and who asked for them', async () => {
    await start({ action: { kind: 'fail' }, ramp: { steps: [50, 100], everyMs: MINUTE } });
    await world.clock.advance(MINUTE + 1_000);
    const line = { name: 'd', action: 'fail', scope: { clusters: ['eu'] }, state: 'running', percent: 100, step: 2 };
    const said = { ramp: { steps: [50, 100], everySeconds: 60 }, by: 'ops', reason: 'test', startAt: null };
    const endsAt = new Date(START + 10 * MINUTE + 100).toISOString();
    expect(await status()).toMatchObject({ drills: { total: 1, first: [{ ...line, ...said, endsAt }] } });
    await world.director().drills.stop('d', 'ops');
    expect(await status()).toMatchObject({ drills: { first: [{ state: 'rolling-back', percent: 0, endsAt: null }] } });
  });

  it('are five at most: those under way, then those that begin next; the rest is counted', async () => {
    for (const minutes of [90, 30, 50, 40, 70, 60]) await later(`in-${minutes}`, minutes);
    await start({ name: 'now', action: { kind: 'blind' } });
    const names = ['now', 'in-30', 'in-40', 'in-50', 'in-60'];
    expect(await status()).toMatchObject({ drills: { total: 7, first: names.map((name) => ({ name })) } });
  });
});

describe('drills in /v1/clusters', () => {
  it('are at the clusters that they name, while they are under way', async () => {
    await later('in-30', 30);
    expect(await clusters()).toMatchObject({ items: [{ drills: [] }, { drills: [] }, { drills: [] }] });
    await start({ name: 'dark', action: { kind: 'blind' }, scope: { clusters: ['*'], except: { clusters: ['jp'] } } });
    await start({ name: 'heavy', action: { kind: 'weight', weight: 7 } });
    const dark = { name: 'dark', action: 'blind', state: 'running', percent: 100 };
    const heavy = { name: 'heavy', action: 'weight', weight: 7, state: 'running', percent: 100 };
    const items = [
      { name: 'eu', drills: [dark, heavy] },
      { name: 'jp', drills: [] },
      { name: 'us', drills: [dark] },
    ];
    expect(await clusters()).toMatchObject({ items });
  });

  it('are also at a cluster of which an exception leaves some, and at none where only hostnames are named', async () => {
    const except = { clusters: ['eu'], hostnames: ['api.*'] };
    await start({ name: 'some', scope: { clusters: ['eu'], except } });
    await start({ name: 'by-name', scope: { hostnames: ['shop.*'] } });
    expect(await clusters()).toMatchObject({
      items: [{ drills: [{ name: 'some' }] }, { drills: [] }, { drills: [] }],
    });
    expect(await status()).toMatchObject({ drills: { total: 2 } });
  });
});
