import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CENTROIDS } from '../../../../src/core/desired/centroids.ts';
import { continentOf } from '../../../../src/core/desired/countries.ts';
import type { StaticRecord } from '../../../../src/core/desired/records.ts';
import { checkZone } from '../../../../src/core/desired/zone-check.ts';
import { MAX_ZONE_LINE, parseZoneLine } from '../../../../src/core/desired/zone-lines.ts';

const ZONE = { apex: 'gslb.example', ttl: 300 };

function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function record(line: string): StaticRecord {
  const parsed = parseZoneLine(line, ZONE);
  if ('error' in parsed) throw new Error(`${line}: ${parsed.error}`);
  return parsed;
}

function messages(lines: readonly string[], nameservers: readonly string[] = []): readonly string[] {
  return checkZone(lines.map(record), ZONE.apex, nameservers).map(({ index, message }) => `${index}: ${message}`);
}

describe('parseZoneLine', () => {
  test.each([
    ['www 60 CNAME shop', 'www.gslb.example', 60, { type: 'CNAME', target: 'shop.gslb.example' }],
    ['@ 300 MX 10 mail.example.org.', 'gslb.example', 300, { type: 'MX', preference: 10, target: 'mail.example.org' }],
    ['gslb.example. MX 0 .', 'gslb.example', 300, { type: 'MX', preference: 0, target: '' }],
    ['WWW IN 5 A 192.0.2.1 ; the old site', 'www.gslb.example', 5, { type: 'A', address: '192.0.2.1' }],
    ['  www 5 in aaaa 2001:DB8::0:1', 'www.gslb.example', 5, { type: 'AAAA', address: '2001:db8::1' }],
    ['*.dev CNAME @', '*.dev.gslb.example', 300, { type: 'CNAME', target: 'gslb.example' }],
    ['a\\.b A 192.0.2.1', 'a\\.b.gslb.example', 300, { type: 'A', address: '192.0.2.1' }],
    ['\\065b A 192.0.2.1', 'ab.gslb.example', 300, { type: 'A', address: '192.0.2.1' }],
    ['a\\032b A 192.0.2.1', 'a\\032b.gslb.example', 300, { type: 'A', address: '192.0.2.1' }],
    ['sub NS ns1.sub', 'sub.gslb.example', 300, { type: 'NS', target: 'ns1.sub.gslb.example' }],
    [
      '_sip._tcp 0 SRV 1 2 5060 sip',
      '_sip._tcp.gslb.example',
      0,
      { type: 'SRV', priority: 1, weight: 2, port: 5060, target: 'sip.gslb.example' },
    ],
    [
      '@ CAA 128 issue "ca.example; policy=ev"',
      'gslb.example',
      300,
      { type: 'CAA', flags: 128, tag: 'issue', value: octets('ca.example; policy=ev') },
    ],
    [
      `sub DS 4711 13 2 ${'AB'.repeat(16)} ${'cd'.repeat(16)}`,
      'sub.gslb.example',
      300,
      {
        type: 'DS',
        keyTag: 4711,
        algorithm: 13,
        digestType: 2,
        digest: Uint8Array.from([...Array<number>(16).fill(0xab), ...Array<number>(16).fill(0xcd)]),
      },
    ],
  ])('%s', (line, owner, ttl, data) => {
    expect(parseZoneLine(line, ZONE)).toEqual({ owner, ttl, data });
  });

  test('TXT strings keep spaces, quotes, semicolons and octets', () => {
    const { data } = record('@ TXT "a \\"b\\"; c" plain "\\255\\\\" "" "ü"');
    expect(data).toEqual({
      type: 'TXT',
      strings: [octets('a "b"; c'), octets('plain'), Uint8Array.of(255, 0x5c), octets(''), octets('ü')],
    });
  });

  test.each([
    ['', 'holds no record'],
    ['; only a comment', 'holds no record'],
    ['www', 'type is missing'],
    ['www 300 IN', 'type is missing'],
    ['www HINFO a b', 'the type "HINFO" is not one of A AAAA CNAME TXT MX CAA SRV NS DS'],
    ['www 300 300 A 192.0.2.1', '"300" is not one of'],
    ['www CH A 192.0.2.1', 'the class "CH"'],
    ['www.example.org. A 192.0.2.1', 'outside the zone gslb.example'],
    ['evilgslb.example. A 192.0.2.1', 'outside the zone'],
    ['a..b A 192.0.2.1', 'the owner "a..b" is not a valid name'],
    [`${'a'.repeat(64)} A 192.0.2.1`, 'not a valid name'],
    ['"www" A 192.0.2.1', 'not a valid name'],
    ['www A 192.0.2.256', '"192.0.2.256" is not an IPv4 address'],
    ['www A 2001:db8::1', 'is not an IPv4 address'],
    ['www AAAA 192.0.2.1', 'is not an IPv6 address'],
    ['www A', 'A takes address: 0 words were given'],
    ['www A 192.0.2.1 192.0.2.2', '2 words were given'],
    ['www 2147483648 A 192.0.2.1', 'the TTL "2147483648"'],
    ['www 5m A 192.0.2.1', 'the TTL "5m" is not a number of seconds'],
    ['www -1 A 192.0.2.1', 'the TTL "-1"'],
    ['www CNAME 192.0.2.1', 'is an address, not a name'],
    ['www CNAME .', 'cannot be the root'],
    ['www CNAME "shop"', 'not a valid name'],
    ['@ MX 65536 mail', 'the preference "65536" is not a number from 0 to 65535'],
    ['@ MX ten mail', 'the preference "ten"'],
    ['@ NS ns1', 'belong under `nameservers`'],
    ['*.sub NS ns1', 'a wildcard cannot be delegated'],
    ['@ TXT', 'at least one string'],
    ['@ TXT "open', 'no closing quote'],
    ['@ TXT "\\256"', 'bad \\DDD escape'],
    ['@ TXT "\\25"', 'bad \\DDD escape'],
    [`@ TXT "${'x'.repeat(256)}"`, '256 octets, over 255'],
    ['@ CAA 256 issue "x"', 'the flags "256"'],
    ['@ CAA 0 is-sue "x"', 'not letters and digits'],
    ['sub DS 1 13 2 abcd', 'a digest of type 2 has 32 octets, not 2'],
    ['sub DS 1 13 2 xyz', 'pairs of hexadecimal digits'],
    ['sub DS 1 13 2', 'DS takes key tag, algorithm, digest type, digest: 3 words'],
    ['www ( A 192.0.2.1 )', 'parentheses'],
    ['www A 192.0.2.1\nwww A 192.0.2.2', 'one line'],
    [`@ TXT ${'x '.repeat(MAX_ZONE_LINE / 2)}`, 'longer than 16384 characters'],
  ])('refuses %s', (line, expected) => {
    expect(parseZoneLine(line, ZONE)).toEqual({ error: expect.stringContaining(expected) });
  });

  test('never throws, and what it accepts lies in the zone', () => {
    const words = fc.constantFrom(
      '@',
      'www',
      'A',
      'TXT',
      'MX',
      'IN',
      '300',
      '"',
      '\\',
      '\\0',
      '.',
      ';',
      '192.0.2.1',
      ' ',
    );
    const lines = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(words, fc.string())).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(lines, (line) => {
        const parsed = parseZoneLine(line, ZONE);
        if ('error' in parsed) expect(parsed.error).not.toBe('');
        else expect(`.${parsed.owner}`.endsWith('.gslb.example')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('every string of octets can be written as a TXT record', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 255 }), (value) => {
        const text = Array.from(value, (octet) => `\\${String(octet).padStart(3, '0')}`).join('');
        expect(record(`@ TXT "${text}"`).data).toEqual({ type: 'TXT', strings: [value] });
      }),
    );
  });
});

describe('checkZone', () => {
  test('a sound zone has no problems', () => {
    const lines = [
      'www CNAME shop',
      '@ MX 10 mail',
      'mail A 192.0.2.1',
      'mail A 192.0.2.2',
      'sub NS ns1.sub',
      'ns1.sub A 192.0.2.3',
      `sub DS 1 13 2 ${'ab'.repeat(32)}`,
      'other NS ns.example.org.',
    ];
    expect(messages(lines, ['ns1.gslb.example'])).toEqual([]);
  });

  test.each([
    [['www CNAME a', 'www TXT x'], ['0: www.gslb.example has a CNAME beside TXT']],
    [['www CNAME a', 'www CNAME b'], ['1: www.gslb.example has more than one CNAME']],
    [['@ CNAME a'], ['0: gslb.example is the apex and cannot be a CNAME']],
    [['a 1 A 192.0.2.1', 'a 2 A 192.0.2.2'], ['1: a.gslb.example A has the TTLs 1 and 2: one set, one TTL']],
    [['a A 192.0.2.1', 'a TXT x', 'a A 192.0.2.1'], ['2: a.gslb.example has the same A record twice']],
    [['www CNAME a', '@ MX 1 www'], ['1: the MX target www.gslb.example is a CNAME']],
    [['www CNAME a', '_x._tcp SRV 1 1 1 www'], ['1: the SRV target www.gslb.example is a CNAME']],
    [['www CNAME a', 'sub NS www'], ['1: the NS target www.gslb.example is a CNAME']],
    [[`sub DS 1 13 2 ${'ab'.repeat(32)}`], ['0: sub.gslb.example has a DS but no NS: a DS belongs to a delegation']],
    [
      ['sub NS ns.example.org.', 'a.sub TXT x'],
      ['1: a.sub.gslb.example is behind the delegation of sub.gslb.example: its TXT is never served'],
    ],
    [
      ['sub NS ns1.sub'],
      ['0: the name server ns1.sub.gslb.example lies in its own delegation and needs an A or AAAA record'],
    ],
  ])('%j', (lines, expected) => {
    expect(messages(lines)).toEqual(expected);
  });

  test('the addresses of the own name servers are not written twice', () => {
    expect(messages(['ns1 A 192.0.2.1'], ['ns1.gslb.example'])).toEqual([
      '0: ns1.gslb.example is a name server of the zone: its addresses belong under `nameservers`',
    ]);
    expect(messages(['ns1 CNAME a'], ['ns1.gslb.example'])).toEqual([
      '0: ns1.gslb.example is a name server of the zone and cannot be a CNAME',
    ]);
  });
});

test('every country with a centroid has a continent', () => {
  const countries = Object.keys(CENTROIDS);
  expect(countries.length).toBeGreaterThan(240);
  expect(countries.filter((country) => continentOf(country) === '')).toEqual([]);
  expect(CENTROIDS['DE']).toEqual([50.3, 9.5]);
});
