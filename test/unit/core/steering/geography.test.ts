import { describe, expect, it } from 'vitest';
import { type Location, UNKNOWN_PLACE } from '../../../../src/core/desired/area.ts';
import type { Endpoint, Policy } from '../../../../src/core/desired/model.ts';
import { dependsOnPlace, geographyKey, placeKey, shapeKey } from '../../../../src/core/steering/geography.ts';
import { at, EU, endpoint, FRANKFURT, policy, SWISS, TOKYO, VIRGINIA, ZURICH } from './world.ts';

const eu = endpoint('eu', FRANKFURT);
const us = endpoint('us', VIRGINIA);
const jp = endpoint('jp', TOKYO);
const WEIGHTED = policy({ steering: 'weighted' });

function onEquator(lon: number): Location {
  return { lat: 0, lon, country: '', continent: '' };
}

describe('dependsOnPlace', () => {
  it.each<[string, Policy, Endpoint[], boolean]>([
    ['nearest of two', policy(), [eu, us], true],
    ['nearest of one', policy(), [eu, { ...eu, address: '192.0.2.2', bias: 9 }], false],
    ['nearest of none', policy(), [], false],
    ['weighted', WEIGHTED, [eu, us], false],
    ['a residency that keeps somebody out', { ...WEIGHTED, residency: EU }, [eu, us], true],
    ['a residency that all are in', { ...WEIGHTED, residency: EU }, [eu], false],
    ['an area served', WEIGHTED, [{ ...eu, serves: EU }], true],
  ])('%s: %#', (_, policy, endpoints, expected) => {
    expect(dependsOnPlace(policy, endpoints)).toBe(expected);
    expect(geographyKey(policy, endpoints) !== '').toBe(expected);
    const keys = [UNKNOWN_PLACE, at(FRANKFURT), at(TOKYO)].map((place) => placeKey({ policy, endpoints }, place));
    expect(new Set(keys).size > 1).toBe(expected);
  });
});

describe('placeKey', () => {
  it('tells orders apart, not distances', () => {
    const hostname = { policy: policy(), endpoints: [eu, us, jp] };
    expect(placeKey(hostname, at(ZURICH))).toBe(placeKey(hostname, at(FRANKFURT)));
    const keys = [FRANKFURT, VIRGINIA, TOKYO].map((place) => placeKey(hostname, at(place)));
    expect(new Set([...keys, placeKey(hostname, UNKNOWN_PLACE)]).size).toBe(4);
  });

  it('follows the bias', () => {
    const hostname = { policy: policy(), endpoints: [eu, { ...us, bias: -20_000 }] };
    expect(placeKey(hostname, at(FRANKFURT))).toBe(placeKey(hostname, at(VIRGINIA)));
  });

  it('counts a place between two clusters to the first by name, as steering does', () => {
    const hostname = { policy: policy(), endpoints: [endpoint('a', onEquator(-20)), endpoint('b', onEquator(20))] };
    const [west, between, east] = [-1, 0, 1].map((lon) => placeKey(hostname, at(onEquator(lon))));
    expect(between).toBe(west);
    expect(between).not.toBe(east);
  });

  it('knows only fences where distances do not count', () => {
    const hostname = { policy: { ...WEIGHTED, residency: EU }, endpoints: [eu, us, { ...jp, serves: SWISS }] };
    expect(placeKey(hostname, at(TOKYO))).toBe(placeKey(hostname, UNKNOWN_PLACE));
    expect(placeKey(hostname, at(TOKYO))).not.toBe(placeKey(hostname, at(FRANKFURT)));
  });
});

describe('geographyKey', () => {
  it('is shared by hostnames with other addresses, weights and order of endpoints', () => {
    const other = [{ ...us, address: '192.0.2.77', weight: 1 }, eu, { ...eu, address: '192.0.2.78', tier: 3 }];
    expect(geographyKey(policy({ ttl: 5 }), other)).toBe(geographyKey(policy(), [eu, us]));
    for (const place of [FRANKFURT, VIRGINIA]) {
      expect(placeKey({ policy: policy(), endpoints: other }, at(place))).toBe(
        placeKey({ policy: policy(), endpoints: [eu, us] }, at(place)),
      );
    }
  });

  it.each<[string, Policy, Endpoint[]]>([
    ['another cluster', policy(), [eu, jp]],
    ['a bias', policy(), [eu, { ...us, bias: 1 }]],
    ['a move', policy(), [eu, { ...us, location: { ...VIRGINIA, lat: 39 } }]],
    ['a residency', policy({ residency: EU }), [eu, us]],
    ['an area served', policy(), [eu, { ...us, serves: EU }]],
    ['weights', WEIGHTED, [eu, us]],
  ])('differs with %s', (_, policyOfIt, endpoints) => {
    expect(geographyKey(policyOfIt, endpoints)).not.toBe(geographyKey(policy(), [eu, us]));
  });
});

describe('shapeKey', () => {
  const shape = shapeKey(policy(), [eu, us]);

  it('is shared by hostnames with other addresses and monitors', () => {
    const other = [eu, us].map((each, i) => ({
      ...each,
      address: `198.51.100.${i}`,
      monitor: 'other',
      gateway: 'x/y',
    }));
    expect(shapeKey(policy(), other)).toBe(shape);
  });

  it.each<[string, Partial<Policy>, Partial<Endpoint>]>([
    ['steering', { steering: 'weighted' }, {}],
    ['sticky', { sticky: 'subnet' }, {}],
    ['nearest-band', { nearestBand: 1 }, {}],
    ['residency', { residency: EU }, {}],
    ['answers', { answers: 2 }, {}],
    ['ttl', { ttl: 31 }, {}],
    ['stable-ttl', { stableTtl: 60 }, {}],
    ['min-healthy', { minHealthy: { kind: 'fraction', value: 0 } }, {}],
    ['last resort', { lastResort: { kind: 'last' } }, {}],
    ['cluster', {}, { cluster: 'uk' }],
    ['location', {}, { location: TOKYO }],
    ['weight', {}, { weight: 99 }],
    ['tier', {}, { tier: 1 }],
    ['bias', {}, { bias: 1 }],
    ['serves', {}, { serves: EU }],
    ['family', {}, { family: 6 }],
  ])('differs with %s', (_, settings, change) => {
    expect(shapeKey(policy(settings), [eu, { ...us, ...change }])).not.toBe(shape);
  });

  it('knows which endpoints the last resort repeats', () => {
    const lasting = policy({ lastResort: { kind: 'addresses', addresses: ['192.0.2.1'] } });
    const twin = { ...us, address: '192.0.2.2' };
    expect(shapeKey(lasting, [eu, twin])).not.toBe(shapeKey(lasting, [eu, { ...twin, address: '192.0.2.1' }]));
    expect(shapeKey(lasting, [eu, twin])).toBe(shapeKey(lasting, [eu, { ...twin, address: '192.0.2.3' }]));
  });
});
