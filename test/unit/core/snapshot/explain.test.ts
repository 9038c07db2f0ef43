import { describe, expect, it } from 'vitest';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import { explain, shares } from '../../../../src/core/snapshot/explain.ts';
import { subnetOfAddress } from '../../../../src/core/snapshot/subnet.ts';
import { cname, ds, endpoint, health, hostname, input, model, ns, PLACES, record, TYPE, zone } from './build.ts';

const EU = endpoint('eu', '192.0.2.1', { location: PLACES['frankfurt']!, weight: 60 });
const US = endpoint('us', '192.0.2.2', { location: PLACES['virginia']!, weight: 20 });
const ASIA = endpoint('asia', '2001:DB8::3', { location: PLACES['tokyo']!, weight: 20 });
const WORLD = model(
  [
    zone('example', [
      cname('www.example', 'shop.example'),
      record('txt.example', { type: 'TXT', strings: [new TextEncoder().encode('a "quoted" \\ ü')] }),
      record('mx.example', { type: 'MX', preference: 10, target: 'mx.example' }),
      record('srv.example', { type: 'SRV', priority: 1, weight: 2, port: 3, target: 'mx.example' }),
      record('caa.example', { type: 'CAA', flags: 0, tag: 'issue', value: new TextEncoder().encode('ca.test') }),
      ns('cut.example', 'ns.cut.example'),
      ds('cut.example'),
    ]),
  ],
  [
    hostname('*.apps.example', { steering: 'weighted' }, [EU, US]),
    hostname('shop.example', { steering: 'nearest' }, [ASIA, EU, US]),
  ],
);
const SNAPSHOT = compile(input(WORLD, { health: health({ eu: 'up', us: 'down', asia: 'up' }) }));

function why(name: string, type: number = TYPE.A, more: { place?: number; prefix?: number; dice?: number } = {}) {
  return explain(SNAPSHOT, { name, type, place: 0, prefix: 0, dice: 0, ...more });
}

describe('explain', () => {
  it('tells which bucket the subnet is in, whose that is and how many it has', () => {
    const kept = hostname('kept.example', { steering: 'weighted', sticky: 'subnet' }, [ASIA, EU, US]);
    const snapshot = compile(
      input(model([zone('example')], [kept]), { health: health({ eu: 'up', us: 'up', asia: 'up' }) }),
    );
    const seen = new Set<string>();
    for (let i = 0; i < 64; i++) {
      const subnet = subnetOfAddress(`192.0.${i}.1`)!;
      const told = explain(snapshot, { name: 'kept.example', type: TYPE.A, place: 1, prefix: 20, subnet, dice: 0 });
      const { cluster, share, bucket, buckets } = told.sticky!;
      expect(told).toMatchObject({ agreement: 'same', scope: 24 });
      expect(Math.abs(share - (cluster === 'eu' ? 0.6 : 0.2))).toBeLessThanOrEqual(1 / buckets);
      expect(bucket).toBeLessThan(buckets);
      expect(told.addresses).toEqual(cluster === 'asia' ? [] : [cluster === 'eu' ? '192.0.2.1' : '192.0.2.2']);
      seen.add(cluster);
    }
    expect([...seen].toSorted()).toEqual(['asia', 'eu', 'us']);
    expect(shares(snapshot, 'kept.example').get('eu')).toBe(154 / 256);
    expect(why('shop.example').sticky).toBeUndefined();
  });

  it('tells every candidate, its steps and the answer', () => {
    const told = why('www.example', TYPE.A, { place: 1, prefix: 24 });
    expect(told).toMatchObject({
      zone: 'example',
      outcome: 'answer',
      rcode: 0,
      ttl: 30,
      scope: 24,
      matched: { kind: 'hostname', owner: 'shop.example' },
      addresses: ['192.0.2.1'],
      reason: 'steered',
      agreement: 'same',
      place: { country: 'DE' },
    });
    expect(told.records.map(({ owner, type, data }) => `${owner} ${type} ${data}`)).toEqual([
      'www.example CNAME shop.example.',
      'shop.example A 192.0.2.1',
    ]);
    expect(told.candidates.map(({ cluster, chosen, state }) => [cluster, chosen, state])).toEqual([
      ['asia', 'dropped', 'up'],
      ['eu', 'answered', 'up'],
      ['us', 'dropped', 'down'],
    ]);
    const [asia, eu, us] = told.candidates;
    expect(eu!.distanceKm).toBe(0);
    expect(asia!.distanceKm).toBeGreaterThan(9000);
    expect(us!.steps.at(-1)).toMatchObject({ filter: 'health', verdict: 'dropped' });
  });

  it('knows wildcards, static names, missing names and names outside', () => {
    expect(why('x.apps.example').matched).toEqual({ kind: 'wildcard', owner: '*.apps.example' });
    expect(why('example', TYPE.SOA)).toMatchObject({ matched: { kind: 'static' }, candidates: [], agreement: 'same' });
    expect(why('nope.example')).toMatchObject({ matched: undefined, outcome: 'nxdomain', rcode: 3, ttl: 60 });
    expect(why('other')).toMatchObject({ zone: undefined, outcome: 'refused', ttl: undefined, records: [] });
    expect(why('not..a name')).toMatchObject({ outcome: 'refused', records: [] });
  });

  it('reads an IPv6 address whatever its spelling in the model', () => {
    const told = why('shop.example', TYPE.AAAA, { place: 3 });
    expect(told.addresses).toEqual(['2001:db8::3']);
    expect(told.candidates.map(({ chosen }) => chosen)).toEqual(['answered', 'dropped', 'dropped']);
  });

  it.each([
    ['txt.example', TYPE.TXT, '"a \\"quoted\\" \\\\ \\195\\188"'],
    ['mx.example', TYPE.MX, '10 mx.example.'],
    ['srv.example', TYPE.SRV, '1 2 3 mx.example.'],
    ['caa.example', TYPE.CAA, '0 issue "ca.test"'],
    ['cut.example', TYPE.DS, `7 13 2 ${'09'.repeat(32)}`],
    ['x.cut.example', TYPE.A, 'ns.cut.example.'],
    ['txt.example', TYPE.ANY, '"RFC8482" ""'],
    ['nope.example', TYPE.A, 'ns1.example. hostmaster.example. 2026112201 7200 900 1209600 60'],
  ])('writes %s %i as a zone file does', (name, type, data) => {
    expect(why(name, type).records[0]).toMatchObject({ data });
  });
});

describe('shares', () => {
  it('are the mean over all places', () => {
    const all = compile(input(WORLD, { health: health({ eu: 'up', us: 'up', asia: 'up' }) }));
    expect([...shares(all, '*.apps.example')]).toEqual([
      ['eu', 0.75],
      ['us', 0.25],
    ]);
    // Three places have their own cluster each; the unknown place goes by weight.
    const percent = [...shares(all, 'shop.example')].map(([cluster, share]) => [
      cluster,
      Math.round(share * 1e6) / 1e4,
    ]);
    expect(Object.fromEntries(percent)).toEqual({ asia: 30, eu: 40, us: 30 });
    expect(shares(all, 'x.apps.example').size).toBe(0);
  });
});
