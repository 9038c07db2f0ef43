import { describe, expect, it } from 'vitest';
import type { Hostname } from '../../../../src/core/desired/model.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import type { Snapshot } from '../../../../src/core/snapshot/snapshot.ts';
import { a, ask, drained, endpoint, health, hostname, input, model, PLACES, placesOf, TYPE, zone } from './build.ts';

const EU = endpoint('eu', '192.0.2.1', { location: PLACES['frankfurt']! });
const US = endpoint('us', '192.0.2.2', { location: PLACES['virginia']! });
const WORLD = model(
  [zone('example')],
  [
    hostname('shop.example', { steering: 'nearest' }, [EU, US]),
    hostname('twin.example', { steering: 'nearest' }, [EU, US]),
  ],
);
const UP = health({ eu: 'up', us: 'up' });
const EU_DOWN = health({ eu: 'down', us: 'up' });

/** What Frankfurt hears. */
function heard(snapshot: Snapshot): string {
  return ask(snapshot, 'shop.example', TYPE.A, { place: 1 }).said[0]!.split(' ')[2]!;
}

function shopOf(more: Partial<Hostname>): Hostname {
  return { ...WORLD.hostnames[0]!, ...more };
}

describe('compile', () => {
  it('takes over what did not change and never writes what was published', () => {
    const before = compile(input(WORLD, { health: UP }));
    const kept = structuredClone(before.table.decisions);
    const after = compile(input(WORLD, { health: EU_DOWN }), before);
    expect(after.table.names).toBe(before.table.names);
    expect(after.table.classes).toBe(before.table.classes);
    expect(after.table.decisions).not.toBe(before.table.decisions);
    expect([heard(before), heard(after), after.version]).toEqual(['192.0.2.1', '192.0.2.2', before.version + 1]);
    expect(before.table.decisions).toEqual(kept);
  });

  it('keeps the decisions where nothing that steering reads changed', () => {
    const before = compile(input(WORLD, { health: UP }));
    const again = compile(input(WORLD, { health: health({ eu: 'up', us: 'up' }), now: 2_000_000 }), before);
    expect(again.table.decisions).toBe(before.table.decisions);
  });

  it('lets hostnames of one shape share their row', () => {
    const { rowOf } = compile(input(WORLD, { health: UP })).table.decisions;
    expect(rowOf[0]).toBe(rowOf[1]);
  });

  it('follows health, overrides, serial, places and the model', () => {
    let now = compile(input(WORLD, { health: UP }));
    now = compile(input(drained(WORLD, ['eu']), { health: UP }), now);
    expect(heard(now)).toBe('192.0.2.2');
    now = compile(input(WORLD, { health: UP }), now);
    expect(heard(now)).toBe('192.0.2.1');
    now = compile(input(WORLD, { health: health({ us: 'up' }) }), now);
    expect(heard(now)).toBe('192.0.2.2');
    now = compile(input(WORLD, { health: UP, serial: 7 }), now);
    expect(ask(now, 'example', TYPE.SOA).answers).toMatchObject([{ data: { serial: 7 } }]);
    const swapped = placesOf([{ kind: 'known', ...PLACES['virginia']! }]);
    now = compile(input(WORLD, { health: UP, serial: 7, places: swapped }), now);
    expect(heard(now)).toBe('192.0.2.2');
    const added = model([zone('example', [a('new.example', '192.0.2.9')])], WORLD.hostnames);
    now = compile(input(added, { health: UP, serial: 8, places: swapped }), now);
    expect(ask(now, 'new.example', TYPE.A).outcome).toBe('answer');
    expect(heard(now)).toBe('192.0.2.2');
  });

  it('ends timed drains and says when', () => {
    const timed = [endpoint('eu', '192.0.2.1', { ...EU, drain: { kind: 'until', at: 5000 } }), US];
    const world = model([zone('example')], [shopOf({ endpoints: timed })]);
    const during = compile(input(world, { health: UP, now: 4999 }));
    expect([heard(during), during.changesAt]).toEqual(['192.0.2.2', 5000]);
    const after = compile(input(world, { health: UP, now: 5000 }), during);
    expect([heard(after), after.changesAt]).toEqual(['192.0.2.1', Number.POSITIVE_INFINITY]);
  });

  it('shortens the TTL ahead of a planned drain, and says when there is another one', () => {
    const planned = [
      endpoint('eu', '192.0.2.1', { ...EU, drain: { kind: 'planned', from: 100_000, until: 200_000 } }),
      US,
    ];
    const policy = { ...WORLD.hostnames[0]!.policy, ttl: 300 };
    const world = model([zone('example')], [shopOf({ policy, endpoints: planned })]);
    let now = 0;
    let snapshot = compile(input(world, { health: UP, now }));
    const seen: [at: number, address: string, ttl: number][] = [];
    for (let step = 0; step < 20 && snapshot.changesAt < Number.POSITIVE_INFINITY; step++) {
      const [answer] = ask(snapshot, 'shop.example', TYPE.A, { place: 1 }).answers;
      const ttl = answer !== undefined && 'ttl' in answer ? Number(answer.ttl) : 0;
      seen.push([now, heard(snapshot), ttl]);
      // Whoever asks just before the next change keeps the old answer for 5 s after the beginning at most.
      if (now < 100_000) expect(snapshot.changesAt + ttl * 1000).toBeLessThanOrEqual(105_000);
      now = snapshot.changesAt;
      snapshot = compile(input(world, { health: UP, now }), snapshot, new Set());
    }
    expect([now, heard(snapshot)]).toEqual([200_000, '192.0.2.1']);
    expect(seen.map(([at]) => at)).toEqual([0, 36_000, 68_000, 84_000, 92_000, 100_000]);
    expect(seen.map(([, address]) => address)).toEqual([...Array<string>(5).fill('192.0.2.1'), '192.0.2.2']);
    expect(seen.map(([, , ttl]) => ttl)).toEqual([64, 32, 16, 8, 5, 300]);
  });

  it.each(['annotation', 'override'])('keeps the TTL of a planned drain by %s when a monitor changes', (by) => {
    const unseen = health({ eu: 'unseen', us: 'up' });
    const drain = { kind: 'planned', from: 20_000 } as const;
    const annotated = model(
      [zone('example')],
      [shopOf({ endpoints: [endpoint('eu', '192.0.2.1', { ...EU, drain }), US] })],
    );
    const world = by === 'annotation' ? annotated : drained(WORLD, ['eu'], 20_000);
    // What was made of the same state before the drain was planned must not come again.
    let now = compile(input(WORLD, { health: UP, now: 0 }));
    now = compile(input(world, { health: UP, now: 0 }), now, new Set());
    now = compile(input(world, { health: unseen, now: 0 }), now, new Set(['eu']));
    now = compile(input(world, { health: UP, now: 0 }), now, new Set(['eu']));
    expect(ask(now, 'shop.example', TYPE.A, { place: 1 }).answers).toMatchObject([{ data: '192.0.2.1', ttl: 16 }]);
  });

  it('shortens the TTL while a change is near', () => {
    const before = compile(input(WORLD, { health: UP }));
    const near = compile(input(WORLD, { health: health({ eu: 'up', us: 'up' }, { secondsToChange: 10 }) }), before);
    expect(ask(near, 'shop.example', TYPE.A).answers).toMatchObject([{ ttl: 10 }]);
  });

  it('follows who was up last', () => {
    const policy = { ...WORLD.hostnames[0]!.policy, lastResort: { kind: 'last' as const } };
    const world = model([zone('example')], [shopOf({ policy })]);
    const downSince = (eu: number, us: number) => {
      const down = health({ eu: 'down', us: 'down' });
      return new Map([
        ['eu', { ...down.get('eu')!, since: eu }],
        ['us', { ...down.get('us')!, since: us }],
      ]);
    };
    let now = compile(input(world, { health: downSince(5, 9) }));
    expect(heard(now)).toBe('192.0.2.2');
    now = compile(input(world, { health: downSince(9, 5) }), now);
    expect(heard(now)).toBe('192.0.2.1');
  });

  it('serves a world without zones or hostnames', () => {
    const nothing = compile(input(model([])));
    expect(ask(nothing, 'example', TYPE.A)).toMatchObject({ outcome: 'refused' });
    expect(nothing.version).toBe(1);
  });

  it('stands when shared with another thread', () => {
    const snapshot = compile(input(WORLD, { health: UP }));
    const table = structuredClone(snapshot.table);
    expect(ask({ ...snapshot, table }, 'shop.example', TYPE.A, { place: 2 }).said).toEqual([
      'shop.example A 192.0.2.2',
    ]);
  });
});
