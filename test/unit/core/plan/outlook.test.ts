import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../../src/core/desired/model.ts';
import { outlook } from '../../../../src/core/plan/outlook.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import { drained, health, hostname, PLACES } from '../snapshot/build.ts';
import {
  at,
  EVERYBODY,
  losing,
  modelOf,
  near,
  network,
  placeTable,
  QUARTERS,
  round,
  sharesText,
  troublesText,
  worldOf,
} from './worlds.ts';

const EUROPE = { continents: ['EU'], countries: [] };
describe('the share of clients', () => {
  it('is by the addresses of each place, and goes to who is next', () => {
    const found = losing(worldOf([near('a.example')]), ['eu']);
    // Frankfurt's quarter of the addresses is next to Virginia.
    expect(sharesText(found)).toEqual(['eu 0.25 → 0', 'us 0.5 → 0.75', 'asia 0.25 → 0.25']);
    expect(round(found.moved)).toBe(0.25);
    expect(found).toMatchObject({ verdict: 'fine', hostnames: { before: 1, after: 1, changed: 1 }, affected: [] });
  });

  it('counts each hostname alike', () => {
    const weighted = hostname('b.example', {}, [
      at('eu', { weight: 60 }),
      at('us', { weight: 20 }),
      at('asia', { weight: 20 }),
    ]);
    const found = losing(worldOf([near('a.example'), weighted]), ['eu']);
    expect(sharesText(found)).toEqual(['eu 0.425 → 0', 'us 0.35 → 0.625', 'asia 0.225 → 0.375']);
    expect(round(found.moved)).toBe(0.425);
    expect(found.worst.map(({ name, moved }) => [name, round(moved)])).toEqual([
      ['b.example', 0.6],
      ['a.example', 0.25],
    ]);
  });

  it('counts addresses of no known place only where no other is known', () => {
    const nowhere = placeTable([], []);
    const weighted = hostname('a.example', {}, [at('eu', { weight: 3 }), at('us', { weight: 1 })]);
    expect(sharesText(losing(worldOf([weighted], { places: nowhere }), []))).toEqual([
      'eu 0.75 → 0.75',
      'us 0.25 → 0.25',
    ]);
  });

  it('follows sticky subnets bucket by bucket: only those of the lost cluster move', () => {
    const sticky = hostname('a.example', { sticky: 'subnet' }, EVERYBODY);
    const found = losing(worldOf([sticky]), ['eu']);
    const share = found.clusters.find(({ cluster }) => cluster === 'eu')!.before;
    expect(share).toBeCloseTo(1 / 3, 2);
    expect(found.moved).toBe(share);
  });
});

describe('clients that move though the shares stay', () => {
  it('are found place by place', () => {
    const swap = (eu: string, us: string) => [at('eu', { location: PLACES[eu]! }), at('us', { location: PLACES[us]! })];
    const places = placeTable(QUARTERS.places.slice(1, 3), [network(0, 24, 1), network(256, 24, 2)]);
    const before = worldOf([near('a.example', swap('frankfurt', 'virginia'))], { places });
    const after = worldOf([near('a.example', swap('virginia', 'frankfurt'))], { places });
    const found = outlook(before, after, { listed: 1 });
    expect(sharesText(found)).toEqual(['eu 0.5 → 0.5', 'us 0.5 → 0.5']);
    expect(found.moved).toBe(1);
  });

  it('are found address by address where the location data differ', () => {
    const before = worldOf([near('a.example')]);
    const [, frankfurt, virginia, tokyo] = QUARTERS.places;
    // Numbered otherwise, and half of Virginia's addresses are in Tokyo now.
    const places = placeTable(
      [tokyo!, virginia!, frankfurt!],
      [network(0x0a000000, 24, 3), network(0x0b000000, 24, 2), network(0x0b000100, 24, 1), network(0xfe000000, 24, 1)],
    );
    const found = outlook(before, worldOf([near('a.example')], { places }), { listed: 1 });
    expect(sharesText(found)).toEqual(['eu 0.25 → 0.25', 'us 0.5 → 0.25', 'asia 0.25 → 0.5']);
    expect(round(found.moved)).toBe(0.25);
  });
});

describe('what is left', () => {
  it('names hostnames left with one cluster, with none, and those that were so before', () => {
    const world = worldOf([
      near('all.example'),
      near('alone.example', [at('eu')]),
      near('other.example', [at('us')]),
      near('two.example', [at('eu'), at('us')]),
    ]);
    const found = losing(world, ['eu']);
    expect(found.verdict).toBe('harm');
    expect(troublesText(found)).toEqual([
      'no-cluster 1 (0): alone.example',
      'clients-without-answer 1 (0): alone.example',
      'one-cluster 1 (1): two.example',
    ]);
    expect(found.worst.map(({ name }) => name)).toEqual(['alone.example', 'two.example', 'all.example']);
    expect(found.nobody).toEqual({ before: 0, after: 0.25 });
  });

  it('does not count what was without a cluster before', () => {
    const world = worldOf([near('a.example', [at('asia')]), near('b.example')], {
      health: health({ eu: 'up', us: 'up', asia: 'down' }),
    });
    const found = losing(world, ['eu']);
    expect(found.verdict).toBe('fine');
    expect(troublesText(found)).toEqual(['no-cluster 0 (1): ', 'last-resort 0 (1): ', 'one-cluster 1 (0): b.example']);
  });

  it('tells where the last resort speaks: never for the lost cluster', () => {
    const states = health({ eu: 'up', us: 'down', asia: 'down' });
    const all = near('all.example', [at('eu'), at('us')]);
    const own = near('own.example', [at('eu'), at('us')], {
      lastResort: { kind: 'addresses', addresses: ['198.51.100.1'] },
    });
    const none = near('none.example', [at('eu'), at('us')], { lastResort: { kind: 'none' } });
    const found = losing(worldOf([all, own, none], { health: states }), ['eu']);
    expect(troublesText(found)).toEqual([
      'no-cluster 3 (0): all.example, none.example, own.example',
      'clients-without-answer 1 (0): none.example',
      'last-resort 2 (0): all.example, own.example',
    ]);
    const third = round(1 / 3);
    expect(sharesText(found)).toEqual(['eu 1 → 0', `us 0 → ${third}`]);
    expect([found.nobody.after, found.lastResortAddresses.after].map(round)).toEqual([third, third]);
  });

  it('takes the lost cluster for down where too few are left healthy', () => {
    const policy: Partial<Policy> = { minHealthy: { kind: 'count', value: 2 }, lastResort: { kind: 'none' } };
    const found = losing(worldOf([near('a.example', [at('eu'), at('us')], policy)]), ['eu']);
    expect(troublesText(found)).toEqual(['clients-without-answer 1 (0): a.example', 'one-cluster 1 (0): a.example']);
    expect(found.nobody.after).toBe(1);
  });

  it('tells that the clients of a residency area get nobody, and that they never leave it', () => {
    const found = losing(worldOf([near('a.example', EVERYBODY, { residency: EUROPE })]), ['eu']);
    expect(troublesText(found)).toEqual([
      'residents-without-answer 1 (0): a.example',
      'clients-without-answer 1 (0): a.example',
    ]);
    expect(found.verdict).toBe('harm');
    expect(found.nobody).toEqual({ before: 0, after: 0.25 });
    expect(sharesText(found)).toEqual(['eu 0.25 → 0', 'us 0.5 → 0.5', 'asia 0.25 → 0.25']);
  });

  it('finds a table that sends residents away: a fault that steering never makes', () => {
    const fenced = near('a.example', EVERYBODY, { residency: EUROPE });
    const before = worldOf([fenced]);
    // The same rows, read with a model that has the clusters' places the other way round.
    const moved = EVERYBODY.map((one) => ({ ...one, location: PLACES[one.cluster === 'eu' ? 'tokyo' : 'frankfurt']! }));
    const after = { ...before, model: modelOf([{ ...fenced, endpoints: moved }]) };
    const found = outlook(before, after, { listed: 10 });
    expect(troublesText(found)[0]).toBe('residency-breach 1 (0): a.example');
    expect(found.verdict).toBe('harm');
  });

  it('tells what is no longer served, and what is new', () => {
    const before = worldOf([near('a.example'), near('b.example')]);
    const found = outlook(before, worldOf([near('b.example'), near('c.example', [at('us')])]), { listed: 10 });
    expect(troublesText(found)).toEqual(['not-served 1 (0): a.example']);
    expect(found).toMatchObject({ verdict: 'harm', hostnames: { before: 2, after: 2, changed: 2 } });
    // a.example's clients have nobody to be sent to.
    expect(found.worst[0]).toMatchObject({
      name: 'a.example',
      nobody: { before: 0, after: 1 },
      troubles: ['not-served'],
    });
  });

  it('lists no more hostnames than it is asked for', () => {
    const names = ['a', 'b', 'c', 'd'].map((label) => near(`${label}.example`, [at('eu')]));
    const found = losing(worldOf(names), ['eu'], { listed: 2 });
    expect(troublesText(found)[0]).toBe('no-cluster 4 (0): a.example, b.example');
    expect(found.worst).toHaveLength(2);
  });
});

describe('the time until cached answers are gone', () => {
  it('is the longest TTL of the answers that change', () => {
    const world = worldOf([
      near('long.example', [at('us')], { ttl: 3600 }),
      near('some.example', [at('eu'), at('us')], { ttl: 120 }),
      near('short.example', [at('eu'), at('us')], { ttl: 20 }),
    ]);
    expect(losing(world, ['eu']).cachedSeconds).toBe(120);
    expect(losing(world, ['asia']).cachedSeconds).toBe(0);
  });

  it('counts addresses that change though the clusters stay', () => {
    const before = worldOf([near('a.example', [at('eu')], { ttl: 77 })]);
    const after = worldOf([near('a.example', [at('eu', { address: '192.0.2.99' })], { ttl: 77 })]);
    expect(outlook(before, after, { listed: 1 })).toMatchObject({
      moved: 0,
      cachedSeconds: 77,
      hostnames: { changed: 1 },
    });
  });

  it('is that of the negative answer where there was nothing before', () => {
    // The SOA of the zone: its own TTL 3600, minimum 60.
    expect(outlook(worldOf([]), worldOf([near('a.example')]), { listed: 1 }).cachedSeconds).toBe(60);
  });
});

describe('capacity', () => {
  const world = worldOf([near('a.example')]);
  const clusters = world.model.clusters.map((one) =>
    one.name === 'us' ? { ...one, annotations: { capacity: '600' } } : one,
  );
  const limited = compile({ ...world, model: { ...world.model, clusters } });

  it('says at which load a cluster is full', () => {
    const us = losing(limited, ['eu']).clusters.find(({ cluster }) => cluster === 'us');
    expect(us).toMatchObject({ capacity: 600, fullAt: { before: 1200, after: 800 } });
    expect(us?.load).toEqual({ source: 'none', verdict: 'not-known', reason: 'no-load' });
  });

  it('is overrun by a load that is known', () => {
    expect(losing(limited, ['eu'], { load: 800 }).verdict).toBe('fine');
    const found = losing(limited, ['eu'], { load: 801 });
    expect(found.verdict).toBe('harm');
    expect(found.clusters.map(({ cluster, load }) => [cluster, load?.verdict])).toEqual([
      ['eu', 'not-known'],
      ['us', 'over'],
      ['asia', 'not-known'],
    ]);
  });
});

describe('a plan', () => {
  it('leaves the world that it starts from as it is', () => {
    const world = worldOf([near('a.example'), near('b.example', [at('eu')])]);
    const text = JSON.stringify([[...world.health], world.model, [...world.table.decisions.pool]]);
    losing(world, ['eu']);
    expect(JSON.stringify([[...world.health], world.model, [...world.table.decisions.pool]])).toBe(text);
  });

  it('works by row and class: no place is looked at anew for each of ten thousand hostnames', () => {
    const endpoints = 'abcdefgh'.split('').map((letter, index) =>
      at(`c${letter}`, {
        address: `192.0.2.${index + 1}`,
        monitor: 'eu',
        location: PLACES[index % 2 === 0 ? 'tokyo' : 'virginia']!,
      }),
    );
    const many = Array.from({ length: 10_000 }, (_, index) => near(`h${index}.example`, endpoints));
    const world = worldOf(many);
    const after = worldOf(drained(modelOf(many), ['ca']).hostnames);
    let read = 0;
    const counted = {
      ...after,
      places: {
        ...after.places,
        places: new Proxy([...after.places.places], {
          get(target, key, receiver) {
            read += 1;
            return Reflect.get(target, key, receiver);
          },
        }),
      },
    };
    expect(outlook(world, counted, { listed: 1 }).hostnames.changed).toBe(10_000);
    expect(read).toBeLessThan(1000);
  });
});
