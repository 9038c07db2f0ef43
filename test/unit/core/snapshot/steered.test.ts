import { describe, expect, it } from 'vitest';
import type { LastResort } from '../../../../src/core/desired/model.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import type { Snapshot, SnapshotInput } from '../../../../src/core/snapshot/snapshot.ts';
import { DECISION_REASONS } from '../../../../src/core/steering/decision.ts';
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

describe('an endpoint that is not ready', () => {
  const unready = { condition: 'Accepted', reason: 'HTTPRoute web/shop: Accepted is False' } as const;

  it('is not answered, also where it is alike in everything else, and is again once it is ready', () => {
    const ready = hostname('ready.example', {}, [EU, US]);
    const unfit = hostname('unfit.example', {}, [{ ...EU, unready }, US]);
    const before = worldOf([ready, unfit]);
    expect(Object.keys(counts(before, 'ready.example', 100)).toSorted()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(counts(before, 'unfit.example', 100)).toEqual({ '192.0.2.2': 100 });
    const next = input(model([zone('example')], [ready, hostname('unfit.example', {}, [EU, US])]), { health: ALL_UP });
    expect(Object.keys(counts(compile(next, before, new Set()), 'unfit.example', 100))).toHaveLength(2);
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

describe('sticky', () => {
  const KEPT = { sticky: 'subnet' } as const;
  const ends = ['a', 'b', 'c'].map((cluster, i) => endpoint(cluster, `192.0.2.${i + 1}`));
  const up = health({ a: 'up', b: 'up', c: 'up' });
  const subnets = Array.from({ length: 4096 }, (_, i) => Math.imul(i, 0x9e3779b9) >>> 0);

  /** Subnet → the cluster that starts. */
  function clusters(snapshot: Snapshot, name: string): readonly number[] {
    return subnets.map((subnet) => ask(snapshot, name, TYPE.A, { subnet }).cluster);
  }

  it('keeps the cluster of a subnet whatever the dice, and says that the subnet decided', () => {
    const snapshot = worldOf([hostname('s.example', KEPT, ends), hostname('w.example', {}, ends)], { health: up });
    for (const subnet of subnets.slice(0, 64)) {
      const told = [0, 0x40000000, 0xffffffff].map((dice) => ask(snapshot, 's.example', TYPE.A, { subnet, dice }));
      expect(new Set(told.map(({ cluster }) => cluster)).size).toBe(1);
      expect(told.map(({ sticky, placed }) => [sticky, placed])).toEqual(told.map(() => [true, false]));
    }
    expect(ask(snapshot, 'w.example', TYPE.A).sticky).toBe(false);
  });

  it('moves the clients of a cluster that fails and nobody else', () => {
    const model = [hostname('s.example', KEPT, ends)];
    const before = clusters(worldOf(model, { health: up }), 's.example');
    const after = clusters(worldOf(model, { health: health({ a: 'up', b: 'down', c: 'up' }) }), 's.example');
    expect(after).not.toContain(1);
    expect(after.map((cluster, i) => (before[i] === 1 ? 1 : cluster))).toEqual(before);
  });

  it('shares the subnets by weight, each hostname its own way', () => {
    const snapshot = worldOf([hostname('s.example', KEPT, ends), hostname('t.example', KEPT, ends)], { health: up });
    const [one, other] = ['s.example', 't.example'].map((name) => clusters(snapshot, name));
    for (const found of [one!, other!]) {
      for (const cluster of [0, 1, 2]) {
        const share = found.filter((each) => each === cluster).length / subnets.length;
        expect(Math.abs(share - 1 / 3)).toBeLessThan(0.03);
      }
    }
    const alike = one!.filter((cluster, i) => cluster === other![i]).length / subnets.length;
    expect(Math.abs(alike - 1 / 3)).toBeLessThan(0.05);
    // Their decisions are one row all the same.
    const { rowOf } = snapshot.table.decisions;
    expect(rowOf[0]).toBe(rowOf[1]);
  });

  it('names the same cluster by A and AAAA, and goes on in the ring for more addresses', () => {
    const both = ends.flatMap((each, i) => [each, endpoint(each.cluster, `2001:db8::${i + 1}`)]);
    const snapshot = worldOf([hostname('b.example', { ...KEPT, steering: 'multivalue', answers: 2 }, both)], {
      health: up,
    });
    for (const subnet of subnets.slice(0, 64)) {
      const four = ask(snapshot, 'b.example', TYPE.A, { subnet });
      const six = ask(snapshot, 'b.example', TYPE.AAAA, { subnet });
      expect([six.cluster, six.said.length]).toEqual([four.cluster, 2]);
    }
  });

  it('asks nothing of the client where one cluster is left', () => {
    const snapshot = worldOf([hostname('s.example', KEPT, ends)], {
      health: health({ a: 'down', b: 'up', c: 'down' }),
    });
    expect(ask(snapshot, 's.example', TYPE.A, { subnet: 7 })).toMatchObject({ cluster: 1, sticky: false });
  });

  it('is told in the table only where somebody asks for it', () => {
    expect(worldOf([hostname('w.example', {}, ends)]).table.classes.subnets).toBe(false);
    expect(worldOf([hostname('s.example', KEPT, ends)]).table.classes.subnets).toBe(true);
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

  it('is told from the ordinary case, where it names an address of the family', () => {
    const here = [hostname('l.example', {}, [EU, US])];
    const reasons = (snapshot: Snapshot) => [TYPE.A, TYPE.AAAA].map((type) => ask(snapshot, 'l.example', type).reason);
    expect(reasons(worldOf(here))).toEqual([0, 0]);
    expect(reasons(worldOf(here, { health: down }))).toEqual([DECISION_REASONS.indexOf('last-resort'), 0]);
    const silent = DECISION_REASONS.indexOf('nobody');
    expect(reasons(worldOf(last({ kind: 'none' }), { health: down }))).toEqual([silent, silent]);
    expect(ask(worldOf(here, { health: down }), 'l.example', TYPE.ANY).reason).toBe(0);
  });

  it('is told of both groups of a rollout', () => {
    const rollout = { name: 'r', percent: 50, from: ['eu'], to: ['us'] };
    const snapshot = worldOf([hostname('l.example', { rollout }, [EU, US])], { health: down });
    const told = [0, 0xffffffff].map((dice) => ask(snapshot, 'l.example', TYPE.A, { dice }));
    expect(new Set(told.map(({ said }) => said[0])).size).toBe(2);
    expect(told.map(({ reason }) => DECISION_REASONS[reason])).toEqual(['last-resort', 'last-resort']);
  });

  it('that is cut is counted when the client comes again', () => {
    const snapshot = worldOf([hostname('l.example', {}, [EU, US])], { health: down });
    expect(ask(snapshot, 'l.example', TYPE.A, { limit: 40 })).toMatchObject({ truncated: true, reason: 0 });
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
