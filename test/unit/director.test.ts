import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../src/core/desired/model.ts';
import type { ProbeResult } from '../../src/core/health/monitor-health.ts';
import { EMPTY_PLACES } from '../../src/core/snapshot/empty-places.ts';
import { type Ask, explain } from '../../src/core/snapshot/explain.ts';
import { RR_TYPE } from '../../src/core/snapshot/rr-type.ts';
import { createDirector, type Publication } from '../../src/director.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { declare, gateway, picture, route } from './core/desired/pictures.ts';

const ASK: Ask = { name: 'shop.gslb.example', type: RR_TYPE.A, place: 0, prefix: 0, dice: 0 };
const START = 1_800_000_000_000;

function createWorld() {
  const clock = createManualClock(START);
  const publications: Publication[] = [];
  const watched: (readonly Monitor[])[] = [];
  const director = createDirector({
    declaration: declare({ clusters: ['eu', 'us'] }),
    clock,
    store: { save: async () => undefined },
    places: EMPTY_PLACES,
    watch: (monitors) => watched.push(monitors),
    onPublish: (publication) => publications.push(publication),
  });
  const hosts = { eu: '192.0.2.1', us: '192.0.2.2' };
  for (const [cluster, address] of Object.entries(hosts)) {
    director.onPicture(picture(cluster, gateway('edge', { addresses: [address] }), route('shop', [ASK.name])));
  }
  director.flush();
  const probe = (cluster: keyof typeof hosts, kind: 'success' | 'failure'): void => {
    const { id } = director.snapshot().model.monitors.find(({ address }) => address === hosts[cluster])!;
    const failed = { kind: 'failure', failure: 'refused', detail: '' } as const;
    const outcome: ProbeResult['outcome'] = kind === 'success' ? { kind } : failed;
    director.onProbe({ monitor: id, at: clock.now(), durationMs: 1, outcome });
  };
  const said = () => {
    const { addresses, agreement, candidates } = explain(director.snapshot(), ASK);
    return { addresses, agreement, states: candidates.map(({ state }) => state) };
  };
  return { clock, director, probe, said, publications, watched };
}

describe('the director', () => {
  it('shows with a snapshot what it was made of, though newer verdicts wait for the next', async () => {
    const { clock, probe, said, publications } = createWorld();
    probe('eu', 'failure');
    probe('us', 'success');
    expect(said()).toMatchObject({ agreement: 'same', states: ['unseen', 'unseen'] });
    const before = publications.length;
    await clock.advance(20);
    expect(said()).toEqual({ addresses: ['192.0.2.2'], agreement: 'same', states: ['down', 'up'] });
    expect(publications).toHaveLength(before + 1);
  });

  it('counts results of one coalescing time one after the other', async () => {
    const { clock, director, probe, said } = createWorld();
    probe('eu', 'success');
    probe('us', 'success');
    await clock.advance(20);
    for (let i = 0; i < 3; i++) probe('eu', 'failure');
    await clock.advance(20);
    expect(said()).toEqual({ addresses: ['192.0.2.2'], agreement: 'same', states: ['down', 'up'] });
    expect([...director.health().values()].map(({ state }) => state).toSorted()).toEqual(['down', 'up']);
  });

  it('guards a drain by verdicts that are not in the answers yet', async () => {
    const { probe, director, said } = createWorld();
    probe('eu', 'failure');
    probe('us', 'success');
    const order = { cluster: 'us', at: START, by: 'ana', reason: 'upgrade' };
    expect(await director.drain(order, 'guarded')).toMatchObject({ code: 'drain-leaves-none' });
    expect(said().addresses).toEqual(['192.0.2.2']);
  });

  it('begins a planned drain by itself, and guards other clusters as if it had begun', async () => {
    const { clock, probe, director, said, publications } = createWorld();
    probe('eu', 'success');
    probe('us', 'success');
    await clock.advance(20);
    const order = { cluster: 'us', at: clock.now(), from: START + 60_000, by: 'ana', reason: 'upgrade' };
    expect(await director.drain(order, 'guarded')).toBe('done');
    const drains = () => explain(director.snapshot(), ASK).candidates.map(({ drain }) => drain);
    expect(drains()).toEqual(['none', 'none']);
    const other = { ...order, cluster: 'eu', from: START + 90_000 };
    expect(await director.drain(other, 'guarded')).toMatchObject({ code: 'drain-leaves-none' });
    const before = publications.length;
    await clock.advance(START + 59_999 - clock.now());
    expect(drains()).toEqual(['none', 'none']);
    // The TTL went down on the way, from 32 s to 16, 8 and 4.
    expect(publications.length - before).toBe(3);
    await clock.advance(21);
    expect(drains()).toEqual(['none', 'override']);
    expect(said()).toMatchObject({ addresses: ['192.0.2.1'], agreement: 'same' });
    expect(await director.undrain('us')).toBe('done');
    expect(drains()).toEqual(['none', 'none']);
  });

  it('begins a planned drain within a minute of a clock that is set forward, and not sooner than it should', async () => {
    const { clock, probe, director, publications } = createWorld();
    probe('eu', 'success');
    probe('us', 'success');
    await clock.advance(20);
    const order = { cluster: 'us', at: clock.now(), from: clock.now() + 3_600_000, by: 'ana', reason: 'upgrade' };
    expect(await director.drain(order, 'guarded')).toBe('done');
    const drains = () => explain(director.snapshot(), ASK).candidates.map(({ drain }) => drain);
    const before = publications.length;
    clock.setWall(START + 1_800_000);
    await clock.advance(60_000);
    // It was looked at the clock, and nothing was made of it.
    expect([drains(), publications.length - before]).toEqual([['none', 'none'], 0]);
    clock.setWall(order.from);
    await clock.advance(60_021);
    expect(drains()).toEqual(['none', 'override']);
  });

  it('forgets a monitor that left the model before its verdict was told', async () => {
    const { clock, probe, director, said } = createWorld();
    probe('us', 'success');
    await clock.advance(20);
    probe('eu', 'failure');
    director.onPicture(picture('eu'));
    await clock.advance(20);
    expect([...director.health().values()]).toHaveLength(1);
    expect(said()).toMatchObject({ addresses: ['192.0.2.2'], agreement: 'same', states: ['up'] });
  });

  it('keeps serial, names, decisions and monitors where a picture differs only in what is said about it', async () => {
    const { clock, director, watched } = createWorld();
    const finding = { code: 'manifest-syntax', severity: 'error', message: 'no YAML', origin: { file: 'a' } } as const;
    const seen = picture('eu', gateway('edge', { addresses: ['192.0.2.1'] }), route('shop', [ASK.name]));
    director.onPicture(seen);
    await clock.advance(20);
    const before = director.snapshot();
    await clock.advance(5000);
    director.onPicture({ ...seen, findings: [finding] });
    await clock.advance(20);
    const after = director.snapshot();
    expect(after.model.findings).toEqual([finding]);
    expect(after.version).toBe(before.version + 1);
    expect(after.serial).toBe(before.serial);
    expect(after.table.names).toBe(before.table.names);
    expect(after.table.decisions).toBe(before.table.decisions);
    expect(watched).toHaveLength(1);
  });
});
