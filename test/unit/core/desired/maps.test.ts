import { describe, expect, it } from 'vitest';
import type { Place } from '../../../../src/core/desired/area.ts';
import { desire } from '../../../../src/core/desired/desire.ts';
import { MAX_RULES } from '../../../../src/core/desired/maps/client-map.ts';
import { createMatcher } from '../../../../src/core/desired/maps/match.ts';
import { parseRules } from '../../../../src/core/desired/maps/parse.ts';
import type { Declaration } from '../../../../src/core/desired/model.ts';
import { declare, gateway, picture, route } from './pictures.ts';

const DECLARATION = declare();

const CLUSTERS = ['eu-west', 'us-east', 'us-west'];

function read(value: unknown, clusters: readonly string[] | undefined = CLUSTERS) {
  const complaints: string[] = [];
  const rules = parseRules(value, {
    clusters,
    complain: (path, { expected, found, suggestion = '' }) => {
      complaints.push(`${path.join('.')}: expected ${expected}, found ${found} ${suggestion}`.trimEnd());
    },
  });
  return { rules, complaints };
}

describe('the rules of a map', () => {
  it('are read with their clients, clusters and a few words of each', () => {
    const { rules, complaints } = read([
      { cidr: ['203.0.113.0/24', '2001:db8::/32', '192.0.2.7'], clusters: ['eu-west', 'us-east'] },
      { asn: [64500, 'AS64501'], clusters: ['us-east'] },
      { country: ['ch', 'DE'], clusters: ['eu-west'] },
      { subdivision: ['us-ca'], clusters: ['us-west', '*'] },
    ]);
    expect(complaints).toEqual([]);
    expect(rules.map(({ text, clusters }) => [text, ...clusters])).toEqual([
      ['cidr 203.0.113.0/24, 2001:db8::/32 and 1 more', 'eu-west', 'us-east'],
      ['asn 64500, AS64501', 'us-east'],
      ['country CH, DE', 'eu-west'],
      ['subdivision US-CA', 'us-west', '*'],
    ]);
    expect(rules[0]?.clients).toMatchObject({ networks: [{ family: 4, length: 24 }, { length: 32 }, { length: 32 }] });
    expect(rules[1]?.clients).toEqual({ kind: 'asn', numbers: [64500, 64501] });
    expect(rules[2]?.clients).toEqual({ kind: 'country', codes: ['CH', 'DE'] });
  });

  it.each<[string, unknown, string]>([
    ['no list', { cidr: [] }, ': expected a list of 1 to 1000 rules, found a mapping'],
    ['nothing', undefined, ': expected a list of 1 to 1000 rules, found nothing'],
    ['no rule', [7], '0: expected a rule such as'],
    [
      'a misspelt key',
      [{ country: ['CH'], cluster: ['eu-west'], clusters: ['eu-west'] }],
      '0.cluster: expected one of',
    ],
    ['no clients', [{ clusters: ['eu-west'] }], '0: expected one of cidr, asn, country, subdivision, found none'],
    ['two kinds', [{ asn: [1], country: ['CH'], clusters: ['eu-west'] }], 'found asn and country'],
    ['no clusters', [{ asn: [1] }], '0.clusters: expected a list of 1 to 64 entries, found nothing'],
    ['a cluster twice', [{ asn: [1], clusters: ['eu-west', 'eu-west'] }], 'expected each cluster once'],
    ['an unknown cluster', [{ asn: [1], clusters: ['eu-wets'] }], 'did you mean "eu-west"?'],
    ['host bits', [{ cidr: ['203.0.113.7/24'], clusters: ['*'] }], 'did you mean "203.0.113.0/24"?'],
    ['host bits of IPv6', [{ cidr: ['2001:db8:1::/32'], clusters: ['*'] }], 'did you mean "2001:db8::/32"?'],
    ['a long prefix of IPv6', [{ cidr: ['2001:db8::/65'], clusters: ['*'] }], '0.cidr.0: expected a network'],
    ['an address of IPv6', [{ cidr: ['2001:db8::1'], clusters: ['*'] }], '0.cidr.0: expected a network'],
    ['a long prefix of IPv4', [{ cidr: ['203.0.113.0/33'], clusters: ['*'] }], '0.cidr.0: expected a network'],
    ['no network', [{ cidr: ['203.0.113.0/'], clusters: ['*'] }], '0.cidr.0: expected a network'],
    ['an AS number of 0', [{ asn: [0], clusters: ['*'] }], '0.asn.0: expected an AS number'],
    ['an AS number of 33 bits', [{ asn: [2 ** 32], clusters: ['*'] }], '0.asn.0: expected an AS number'],
    ['a country that is none', [{ country: ['XX'], clusters: ['*'] }], '0.country.0: expected an ISO 3166 country'],
    ['a region for a country', [{ country: ['US-CA'], clusters: ['*'] }], '0.country.0: expected an ISO 3166 country'],
    ['a subdivision of nowhere', [{ subdivision: ['XX-CA'], clusters: ['*'] }], '0.subdivision.0: expected'],
    ['a list in a list', [{ asn: [[1]], clusters: ['*'] }], '0.asn.0: expected a text, found a list'],
    ['too many', Array.from({ length: MAX_RULES + 1 }, () => ({ asn: [1], clusters: ['*'] })), 'found 1001'],
  ])('are refused with %s', (_, value, complaint) => {
    expect(read(value).complaints.join('\n')).toContain(complaint);
  });

  it('may name any cluster where others may come', () => {
    expect(
      parseRules([{ asn: [1], clusters: ['later'] }], { clusters: undefined, complain: () => expect.fail() }),
    ).toHaveLength(1);
  });

  it('never throw, whatever they hold', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    for (const value of [
      loop,
      [null],
      [[]],
      'x',
      1n,
      Symbol('x'),
      [{ cidr: loop, clusters: loop }],
      [Object.create(null)],
    ]) {
      expect(read(value).complaints.length).toBeGreaterThan(0);
    }
  });
});

describe('a map', () => {
  const SWISS: Place = { kind: 'known', lat: 47, lon: 8, country: 'CH', continent: 'EU' };
  const map = createMatcher({
    name: 'corp',
    rules: read([
      { cidr: ['10.0.0.0/8'], clusters: ['eu-west'] },
      { asn: [64500], clusters: ['us-east'] },
      { country: ['CH'], clusters: ['us-west'] },
      { asn: [64500, 64501], clusters: ['eu-west'] },
      { cidr: ['10.0.0.0/8', '10.1.0.0/16'], clusters: ['us-east'] },
      { subdivision: ['CH-ZH'], clusters: ['*'] },
    ]).rules,
  });
  const nobody = { place: { kind: 'unknown' as const }, subdivision: '', asn: 0 };

  it.each<[string, object, number, number | undefined]>([
    ['nobody', {}, 0, undefined],
    ['a network', {}, 1, 1],
    ['a network before an AS number', { asn: 64500 }, 1, 1],
    ['an AS number before a later network', { asn: 64500 }, 5, 2],
    ['the first of two rules of one AS number', { asn: 64500 }, 0, 2],
    ['the other one', { asn: 64501 }, 0, 4],
    ['a country', { place: SWISS }, 0, 3],
    ['a country before a later AS number', { place: SWISS, asn: 64501 }, 0, 3],
    ['a subdivision of an unknown place', { subdivision: 'CH-ZH' }, 0, 6],
  ])('lets the first rule speak that holds the client: %s', (_, traits, network, rule) => {
    expect(map.verdict({ ...nobody, ...traits }, network)?.rule).toBe(rule);
  });

  it('lists its networks so that of equal ones the first comes last', () => {
    const listed = map.networks.map(({ octets, length, rule }) => `${octets.join('.')}/${length} ${rule}`);
    expect(listed).toEqual(['10.0.0.0/8 5', '10.1.0.0/16 5', '10.0.0.0/8 1']);
  });
});

describe('the map of a hostname', () => {
  const declaration: Declaration = {
    ...DECLARATION,
    maps: ['corp', 'other'],
    zones: DECLARATION.zones.map((zone) => ({ ...zone, map: 'corp' })),
  };

  function mapOf(annotations: Record<string, string>, declared = declaration) {
    const model = desire(declared, [
      picture('eu', gateway('edge', { annotations }), route('shop', ['shop.gslb.example'])),
    ]);
    return [model.hostnames[0]?.policy.map, model.findings.map(({ code, suggestion }) => `${code}: ${suggestion}`)];
  }

  it("is the annotation's, else the zone's, else none", () => {
    expect(mapOf({ map: 'other' })).toEqual(['other', []]);
    expect(mapOf({})).toEqual(['corp', []]);
    expect(mapOf({ map: 'none' })).toEqual([undefined, []]);
    expect(mapOf({}, DECLARATION)).toEqual([undefined, []]);
    expect(mapOf({ map: 'none' }, DECLARATION)).toEqual([undefined, []]);
  });

  it('that there is not is a finding, and the zone speaks', () => {
    expect(mapOf({ map: 'othr' })).toEqual(['corp', ['map-unknown: did you mean other?']]);
    expect(mapOf({ map: 'corp' }, DECLARATION)).toEqual([undefined, ['map-unknown: the configuration has no maps']]);
  });

  it('leaves the policies of a zone shared', () => {
    const routes = ['a', 'b'].map((name) => route(name, [`${name}.gslb.example`]));
    const { hostnames } = desire(declaration, [picture('eu', gateway('edge'), ...routes)]);
    expect(hostnames.map(({ policy }) => policy.map)).toEqual(['corp', 'corp']);
    expect(hostnames[0]?.policy).toBe(hostnames[1]?.policy);
  });
});
