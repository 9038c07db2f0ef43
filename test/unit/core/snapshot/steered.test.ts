import { describe, expect, it } from 'vitest';
import type { LastResort } from '../../../../src/core/desired/model.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import type { Snapshot, SnapshotInput } from '../../../../src/core/snapshot/snapshot.ts';
import { ask, endpoint, health, hostname, input, model, PLACES, TYPE, zone } from './build.ts';

const EU = endpoint('eu', '192.0.2.1', { location: PLACES['frankfurt']! });
const US = endpoint('us', '192.0.2.2', { location: PLACES['virginia']! });
const ALL_UP = health({ eu: 'up', us: 'up', asia: 'up' });

function worldOf(hostnames: Parameters<typeof model>[1], more: Partial<SnapshotInput> = {}): Snapshot {
  return compile(input(model([zone('example')], hostnames), { health: ALL_UP, ...more }));
}

/** Answers over evenly spread dice: how often each set of records was said. */
function counts(snapshot: Snapshot, name: string, throws: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (let i = 0; i < throws; i++) {
    const dice = Math.imul(i, 0x9e3779b9) >>> 0;
    const said = ask(snapshot, name, TYPE.A, { dice }).said.map((text) => text.split(' ')[2]!);
    found[said.join(' ')] = (found[said.join(' ')] ?? 0) + 1;
  }
  return found;
}

describe('nearest', () => {
  const near = hostname('near.example', { steering: 'nearest' }, [EU, US]);
  const far = hostname('flat.example', {}, [EU, US]);

  it('answers each place with its own cluster and says that the place decided', () => {
    const snapshot = worldOf([far, near]);
    const told = [1, 2].map((place) => ask(snapshot, 'near.example', TYPE.A, { place }));
    expect(told.map(({ said, placed, cluster }) => [said[0], placed, cluster])).toEqual([
      ['near.example A 192.0.2.1', true, 0],
      ['near.example A 192.0.2.2', true, 1],
    ]);
    expect(ask(snapshot, 'flat.example', TYPE.A, { place: 1 }).placed).toBe(false);
    expect(ask(snapshot, 'example', TYPE.SOA, { place: 1 }).placed).toBe(false);
  });

  it('takes a place that is none as unknown', () => {
    const snapshot = worldOf([near]);
    for (const place of [4, 1_000_000, 0xffffffff]) {
      expect(ask(snapshot, 'near.example', TYPE.A, { place }).said).toEqual(
        ask(snapshot, 'near.example', TYPE.A, { place: 0 }).said,
      );
    }
  });
});

describe('weights', () => {
  it('are met exactly by evenly spread dice', () => {
    const weighted = [endpoint('a', '192.0.2.1', { weight: 70 }), endpoint('b', '192.0.2.2', { weight: 25 })];
    const rest = [endpoint('c', '192.0.2.3', { weight: 5 }), endpoint('d', '192.0.2.4', { weight: 0 })];
    const up = health({ a: 'up', b: 'up', c: 'up', d: 'up' });
    const snapshot = worldOf([hostname('w.example', {}, [...weighted, ...rest])], { health: up });
    const found = counts(snapshot, 'w.example', 10_000);
    expect(Object.keys(found).toSorted()).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
    for (const [address, wanted] of [
      ['192.0.2.1', 7000],
      ['192.0.2.2', 2500],
      ['192.0.2.3', 500],
    ] as const) {
      expect(Math.abs((found[address] ?? 0) - wanted)).toBeLessThanOrEqual(3);
    }
  });

  it('start the ring, which goes on until there are enough addresses', () => {
    const ends = ['a', 'b', 'c'].map((cluster, i) => endpoint(cluster, `192.0.2.${i + 1}`));
    const up = health({ a: 'up', b: 'up', c: 'up' });
    const snapshot = worldOf([hostname('m.example', { steering: 'multivalue', answers: 2 }, ends)], { health: up });
    const found = counts(snapshot, 'm.example', 3000);
    expect(Object.keys(found).toSorted()).toEqual([
      '192.0.2.1 192.0.2.2',
      '192.0.2.2 192.0.2.3',
      '192.0.2.3 192.0.2.1',
    ]);
    for (const count of Object.values(found)) expect(Math.abs(count - 1000)).toBeLessThanOrEqual(2);
  });

  it('hold for the largest dice', () => {
    const snapshot = worldOf([hostname('w.example', {}, [EU, US])]);
    expect(ask(snapshot, 'w.example', TYPE.A, { dice: 0xffffffff }).said).toEqual(['w.example A 192.0.2.2']);
    expect(ask(snapshot, 'w.example', TYPE.A, { dice: 0 }).said).toEqual(['w.example A 192.0.2.1']);
  });
});

describe('families', () => {
  it('A and AAAA of one roll name the same cluster', () => {
    const both = [EU, endpoint('eu', '2001:db8::1'), US, endpoint('us', '2001:db8::2')];
    const snapshot = worldOf([hostname('b.example', {}, both)]);
    for (const dice of [0, 0x70000000, 0x90000000, 0xffffffff]) {
      const four = ask(snapshot, 'b.example', TYPE.A, { dice });
      const six = ask(snapshot, 'b.example', TYPE.AAAA, { dice });
      expect(six.cluster).toBe(four.cluster);
      expect(six.said[0]!.at(-1)).toBe(four.said[0]!.at(-1));
    }
  });

  it('whichever is asked, the ring ends where one family has enough', () => {
    const ends = [endpoint('a', '2001:db8::1'), endpoint('a', '2001:db8::2'), endpoint('b', '192.0.2.2')];
    const up = health({ a: 'up', b: 'up' });
    const snapshot = worldOf([hostname('r.example', { answers: 2 }, ends)], { health: up });
    expect(ask(snapshot, 'r.example', TYPE.AAAA, { dice: 0 }).said).toHaveLength(2);
    expect(ask(snapshot, 'r.example', TYPE.A, { dice: 0 }).outcome).toBe('nodata');
    expect(ask(snapshot, 'r.example', TYPE.A, { dice: 0xffffffff }).said).toHaveLength(1);
  });

  it('an address that two clusters share is said once', () => {
    const twins = [EU, endpoint('us', '192.0.2.1')];
    const snapshot = worldOf([hostname('t.example', { steering: 'multivalue', answers: 2 }, twins)]);
    expect(ask(snapshot, 't.example', TYPE.A).said).toEqual(['t.example A 192.0.2.1']);
  });
});

describe('the last resort', () => {
  const down = health({ eu: 'down', us: 'down' });
  const last = (lastResort: LastResort) => [hostname('l.example', { lastResort }, [EU, US])];

  it('none is NODATA, never NXDOMAIN', () => {
    const snapshot = worldOf(last({ kind: 'none' }), { health: down });
    expect(ask(snapshot, 'l.example', TYPE.A)).toMatchObject({ outcome: 'nodata', rcode: 0, cluster: -1 });
  });

  it('addresses are said, all of them, by family', () => {
    const addresses = ['198.51.100.1', '198.51.100.2', '2001:db8::9'];
    const snapshot = worldOf(last({ kind: 'addresses', addresses }), { health: down });
    expect(ask(snapshot, 'l.example', TYPE.A).said.map((text) => text.split(' ')[2])).toEqual(addresses.slice(0, 2));
    expect(ask(snapshot, 'l.example', TYPE.AAAA)).toMatchObject({
      said: ['l.example AAAA 2001:db8::9'],
      cluster: -1,
    });
  });
});
