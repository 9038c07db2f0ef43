import { describe, expect, it } from 'vitest';
import type { StaticRecord } from '../../../../src/core/desired/records.ts';
import { a, ask, cname, ds, endpoint, hostname, ns, record, snapshotOf, TYPE, textOf, zone } from './build.ts';

const EU = endpoint('eu', '192.0.2.1');
const steered = (name: string) => hostname(name, {}, [EU]);

function tableOf(records: readonly StaticRecord[], hostnames: readonly string[] = []) {
  return snapshotOf([zone('example', records)], hostnames.map(steered));
}

describe('static answers', () => {
  it('answers every type that a zone may hold', () => {
    const text = (value: string) => new TextEncoder().encode(value);
    const table = tableOf([
      a('w.example', '192.0.2.7'),
      a('w.example', '2001:db8::7'),
      record('w.example', { type: 'TXT', strings: [text('one'), text('two')] }),
      record('w.example', { type: 'MX', preference: 10, target: 'mail.other' }),
      record('w.example', { type: 'CAA', flags: 128, tag: 'issue', value: text('ca.test') }),
      record('w.example', { type: 'SRV', priority: 1, weight: 2, port: 443, target: 'w.example' }),
    ]);
    expect(ask(table, 'w.example', TYPE.A)).toMatchObject({
      outcome: 'answer',
      rcode: 0,
      authoritative: true,
      zone: 0,
    });
    expect(ask(table, 'w.example', TYPE.A).said).toEqual(['w.example A 192.0.2.7']);
    expect(ask(table, 'w.example', TYPE.AAAA).said).toEqual(['w.example AAAA 2001:db8::7']);
    expect(ask(table, 'w.example', TYPE.TXT).answers).toMatchObject([
      { ttl: 300, data: [Buffer.from('one'), Buffer.from('two')] },
    ]);
    expect(ask(table, 'w.example', TYPE.MX).answers).toMatchObject([
      { data: { preference: 10, exchange: 'mail.other' } },
    ]);
    expect(ask(table, 'w.example', TYPE.CAA).answers).toMatchObject([
      { data: { flags: 128, tag: 'issue', value: 'ca.test', issuerCritical: true } },
    ]);
    const srv = ask(table, 'w.example', TYPE.SRV);
    expect(srv.answers).toMatchObject([{ data: { priority: 1, weight: 2, port: 443, target: 'w.example' } }]);
    expect(srv.additionals.map(textOf)).toEqual(['w.example A 192.0.2.7', 'w.example AAAA 2001:db8::7']);
    expect(ask(table, 'w.example', 65).outcome).toBe('nodata');
  });

  it('answers SOA with the serial, NS with the addresses, and the name server itself', () => {
    const table = tableOf([]);
    expect(ask(table, 'example', TYPE.SOA).answers).toMatchObject([
      { ttl: 3600, data: { mname: 'ns1.example', rname: 'hostmaster.example', serial: 2026112201, minimum: 60 } },
    ]);
    const told = ask(table, 'example', TYPE.NS);
    expect(told.said).toEqual(['example NS ns1.example']);
    expect(told.additionals.map(textOf)).toEqual(['ns1.example A 192.0.2.53', 'ns1.example AAAA 2001:db8::53']);
    expect(ask(table, 'ns1.example', TYPE.AAAA).said).toEqual(['ns1.example AAAA 2001:db8::53']);
  });

  it('says a record once, with the lowest TTL of its set', () => {
    const table = tableOf([a('w.example', '192.0.2.7'), a('w.example', '192.0.2.7'), a('w.example', '192.0.2.8')]);
    expect(ask(table, 'w.example', TYPE.A).said).toHaveLength(2);
    const uneven = tableOf([
      record('w.example', { type: 'A', address: '192.0.2.7' }, 300),
      record('w.example', { type: 'A', address: '192.0.2.8' }, 20),
    ]);
    expect(ask(uneven, 'w.example', TYPE.A).answers.map((one) => 'ttl' in one && one.ttl)).toEqual([20, 20]);
  });

  it('serves the root as a zone and names of any octets', () => {
    const odd = 'a\\.b\\000.x';
    const table = snapshotOf([zone('', [a(odd, '192.0.2.9')])]);
    expect(ask(table, '', TYPE.SOA)).toMatchObject({ outcome: 'answer', zone: 0 });
    expect(ask(table, odd, TYPE.A).answers).toHaveLength(1);
    expect(ask(table, 'b\\000.x', TYPE.A)).toMatchObject({ outcome: 'nxdomain', rcode: 3 });
  });

  it('refuses names outside all zones and reads no neighbour for a zone', () => {
    const table = tableOf([]);
    for (const name of ['other', '', 'notexample', 'example.com']) {
      expect(ask(table, name, TYPE.A)).toMatchObject({
        outcome: 'refused',
        rcode: 5,
        authoritative: false,
        zone: -1,
        said: [],
      });
    }
  });
});

describe('negative answers', () => {
  const table = tableOf([a('www.deep.example', '192.0.2.7')], ['shop.example']);

  it.each([
    ['missing name', 'nope.example', TYPE.A, 'nxdomain', 3],
    ['missing type', 'www.deep.example', TYPE.TXT, 'nodata', 0],
    ['empty non-terminal', 'deep.example', TYPE.A, 'nodata', 0],
    ['ANY at an empty non-terminal', 'deep.example', TYPE.ANY, 'nodata', 0],
    ['below an existing name', 'x.www.deep.example', TYPE.A, 'nxdomain', 3],
    ['a family that nobody has', 'shop.example', TYPE.AAAA, 'nodata', 0],
    ['another type of a steered name', 'shop.example', TYPE.MX, 'nodata', 0],
    ['DS at an apex without a parent here', 'example', TYPE.DS, 'nodata', 0],
  ])('%s: SOA with the lower TTL', (_case, name, type, outcome, rcode) => {
    const told = ask(table, name, type);
    expect(told).toMatchObject({ outcome, rcode, authoritative: true, said: [] });
    expect(told.authorities).toMatchObject([{ name: 'example', type: 'SOA', ttl: 60 }]);
  });
});

describe('wildcards (RFC 4592)', () => {
  const table = tableOf([
    record('*.example', { type: 'TXT', strings: [Uint8Array.of(65)] }),
    a('host.sub.example', '192.0.2.7'),
    a('*.gone.ent.example', '192.0.2.8'),
  ]);

  it('speaks with the name of the question, at any depth', () => {
    expect(ask(table, 'a.b.example', TYPE.TXT).answers).toMatchObject([{ name: 'a.b.example', type: 'TXT' }]);
    expect(ask(table, 'a.b.example', TYPE.A).outcome).toBe('nodata');
    expect(ask(table, '*.example', TYPE.TXT).answers).toMatchObject([{ name: '*.example' }]);
  });

  it('is blocked by existing names, empty non-terminals included', () => {
    expect(ask(table, 'nope.sub.example', TYPE.TXT).outcome).toBe('nxdomain');
    expect(ask(table, 'nope.ent.example', TYPE.TXT).outcome).toBe('nxdomain');
    expect(ask(table, 'ent.example', TYPE.TXT).outcome).toBe('nodata');
    expect(ask(table, 'x.gone.ent.example', TYPE.A).said).toEqual(['x.gone.ent.example A 192.0.2.8']);
  });

  it('steers too', () => {
    const apps = tableOf([], ['*.apps.example']);
    expect(ask(apps, 'one.apps.example', TYPE.A)).toMatchObject({ said: ['one.apps.example A 192.0.2.1'], cluster: 0 });
    expect(ask(apps, 'apps.example', TYPE.A).outcome).toBe('nodata');
  });

  it('takes the apex of another zone for no wildcard', () => {
    const odd = snapshotOf([zone('example'), zone('*.example')]);
    expect(ask(odd, 'foo.example', TYPE.SOA)).toMatchObject({ outcome: 'nxdomain', zone: 0 });
  });
});

describe('delegations', () => {
  const table = snapshotOf(
    [
      zone('example', [
        ns('sub.example', 'ns.sub.example'),
        ns('sub.example', 'ns1.example'),
        ns('sub.example', 'ns.other'),
        ns('sub.example', 'ns.sibling.example'),
        a('ns.sub.example', '192.0.2.60'),
        a('ns.sub.example', '2001:db8::60'),
        ds('sub.example'),
        a('hidden.sub.example', '192.0.2.61'),
        a('*.sub.example', '192.0.2.62'),
        ns('sibling.example', 'ns.sibling.example'),
        a('ns.sibling.example', '192.0.2.63'),
        cname('alias.example', 'x.sub.example'),
      ]),
    ],
    [steered('shop.sub.example')],
  );

  it.each(['sub.example', 'x.sub.example', 'hidden.sub.example', 'ns.sub.example', 'shop.sub.example'])(
    '%s is referred with glue, without AA',
    (name) => {
      const told = ask(table, name, TYPE.A);
      expect(told).toMatchObject({ outcome: 'referral', rcode: 0, authoritative: false, said: [], cluster: -1 });
      expect(told.authorities.map((one) => one.name)).toEqual(Array(4).fill('sub.example'));
      expect(told.additionals.map(textOf)).toEqual([
        'ns.sub.example A 192.0.2.60',
        'ns.sub.example AAAA 2001:db8::60',
        'ns1.example A 192.0.2.53',
        'ns1.example AAAA 2001:db8::53',
        'ns.sibling.example A 192.0.2.63',
      ]);
    },
  );

  it('answers DS at the cut itself and refers below it', () => {
    expect(ask(table, 'sub.example', TYPE.DS)).toMatchObject({ outcome: 'answer', authoritative: true });
    expect(ask(table, 'sub.example', TYPE.DS).answers).toMatchObject([{ type: 'DS', data: { keyTag: 7 } }]);
    const none = ask(table, 'sibling.example', TYPE.DS);
    expect(none).toMatchObject({ outcome: 'nodata', authoritative: true });
    expect(none.authorities).toMatchObject([{ name: 'example', type: 'SOA' }]);
    expect(ask(table, 'x.sub.example', TYPE.DS).outcome).toBe('referral');
  });

  it('follows an alias to the cut and keeps AA', () => {
    const told = ask(table, 'alias.example', TYPE.A);
    expect(told).toMatchObject({ outcome: 'referral', authoritative: true });
    expect(told.said).toEqual(['alias.example CNAME x.sub.example']);
    expect(told.authorities[0]).toMatchObject({ name: 'sub.example', type: 'NS' });
  });

  it('truncates rather than leaving out needed glue, and leaves out the rest', () => {
    const full = ask(table, 'x.sub.example', TYPE.A);
    const sizes = { v4: 16, v6: 28 };
    const withoutExtra = full.end - 2 * sizes.v4 - sizes.v6;
    const tight = ask(table, 'x.sub.example', TYPE.A, { limit: withoutExtra });
    expect(tight).toMatchObject({ truncated: false, end: withoutExtra });
    expect(tight.additionals).toHaveLength(2);
    const short = ask(table, 'x.sub.example', TYPE.A, { limit: withoutExtra - 1 });
    expect(short).toMatchObject({ truncated: true, authorities: [], additionals: [], outcome: 'referral' });
  });
});

describe('child zones of our own', () => {
  const child = zone('child.example', [a('www.child.example', '192.0.2.70')]);

  it('answers from the child, and DS at its apex from the parent', () => {
    const table = snapshotOf([zone('example', [ds('child.example'), ns('child.example', 'elsewhere.test')]), child]);
    expect(ask(table, 'www.child.example', TYPE.A)).toMatchObject({ outcome: 'answer', zone: 1 });
    expect(ask(table, 'child.example', TYPE.NS).said).toEqual(['child.example NS ns1.child.example']);
    expect(ask(table, 'child.example', TYPE.DS).answers).toMatchObject([{ name: 'child.example', type: 'DS' }]);
    expect(ask(table, 'no.child.example', TYPE.A).authorities).toMatchObject([{ name: 'child.example' }]);
  });

  it('denies a DS with the SOA of the parent', () => {
    const told = ask(snapshotOf([child, zone('example')]), 'child.example', TYPE.DS);
    expect(told).toMatchObject({ outcome: 'nodata', authoritative: true });
    expect(told.authorities).toMatchObject([{ name: 'example', type: 'SOA' }]);
  });

  it('takes a DS in the child zone itself for nothing', () => {
    const own = snapshotOf([zone('child.example', [ds('child.example')])]);
    expect(ask(own, 'child.example', TYPE.DS).outcome).toBe('nodata');
  });

  it('keeps names above it in the parent, and refers where a cut lies between', () => {
    const deep = zone('a.b.example');
    expect(ask(snapshotOf([zone('example'), deep]), 'b.example', TYPE.A)).toMatchObject({ outcome: 'nodata', zone: 0 });
    const cut = snapshotOf([zone('example', [ns('b.example', 'ns.other')]), deep]);
    expect(ask(cut, 'x.b.example', TYPE.A).outcome).toBe('referral');
    const deeper = snapshotOf([zone('example', [ns('b.example', 'ns.other')]), zone('c.a.b.example')]);
    expect(ask(deeper, 'a.b.example', TYPE.A).outcome).toBe('referral');
    expect(ask(cut, 'a.b.example', TYPE.SOA).outcome).toBe('answer');
    const told = ask(cut, 'a.b.example', TYPE.DS);
    expect(told.outcome).toBe('referral');
    expect(told.authorities).toMatchObject([{ name: 'b.example', type: 'NS' }]);
  });
});

describe('aliases (RFC 6604)', () => {
  const chain = Array.from({ length: 9 }, (_, i) => cname(`c${i}.example`, `c${i + 1}.example`));
  const table = snapshotOf(
    [
      zone('example', [
        cname('www.example', 'shop.example'),
        cname('far.example', 'x.other.test'),
        cname('gone.example', 'nope.other'),
        cname('nodata.example', 'ent.other'),
        cname('loop1.example', 'loop2.example'),
        cname('loop2.example', 'loop1.example'),
        cname('self.example', 'self.example'),
        cname('*.wild.example', 'www.example'),
        cname('*.spin.example', 'x.spin.example'),
        cname('towild.example', 'any.apps.example'),
        ...chain,
        a('c9.example', '192.0.2.9'),
      ]),
      zone('other', [a('host.ent.other', '192.0.2.8')]),
    ],
    [steered('*.apps.example'), steered('shop.example')],
  );

  it('follows to steered names, through wildcards', () => {
    expect(ask(table, 'www.example', TYPE.A)).toMatchObject({
      said: ['www.example CNAME shop.example', 'shop.example A 192.0.2.1'],
      outcome: 'answer',
      cluster: 0,
    });
    expect(ask(table, 'q.wild.example', TYPE.A).said).toEqual([
      'q.wild.example CNAME www.example',
      'www.example CNAME shop.example',
      'shop.example A 192.0.2.1',
    ]);
    expect(ask(table, 'towild.example', TYPE.A).said.at(-1)).toBe('any.apps.example A 192.0.2.1');
  });

  it('ends with the rcode and the SOA of the last name', () => {
    const gone = ask(table, 'gone.example', TYPE.A);
    expect(gone).toMatchObject({ outcome: 'nxdomain', rcode: 3, authoritative: true, zone: 0 });
    expect(gone.said).toEqual(['gone.example CNAME nope.other']);
    expect(gone.authorities).toMatchObject([{ name: 'other', type: 'SOA', ttl: 60 }]);
    const nodata = ask(table, 'nodata.example', TYPE.A);
    expect(nodata).toMatchObject({ outcome: 'nodata', rcode: 0 });
    expect(nodata.authorities).toMatchObject([{ name: 'other', type: 'SOA' }]);
  });

  it('ends with the alias where it leaves our zones', () => {
    const told = ask(table, 'far.example', TYPE.A);
    expect(told).toMatchObject({ outcome: 'answer', rcode: 0, authorities: [] });
    expect(told.said).toEqual(['far.example CNAME x.other.test']);
  });

  it('cuts loops and long chains', () => {
    expect(ask(table, 'loop1.example', TYPE.A)).toMatchObject({ outcome: 'answer', rcode: 0 });
    expect(ask(table, 'loop1.example', TYPE.A).said).toHaveLength(2);
    expect(ask(table, 'self.example', TYPE.A).said).toHaveLength(1);
    expect(ask(table, 'q.spin.example', TYPE.A).said).toHaveLength(1);
    expect(ask(table, 'c0.example', TYPE.A).said).toHaveLength(8);
    expect(ask(table, 'c1.example', TYPE.A).said).toHaveLength(9);
  });

  it('is itself the answer to CNAME and ANY', () => {
    for (const type of [TYPE.CNAME, TYPE.ANY]) {
      expect(ask(table, 'www.example', type).said).toEqual(['www.example CNAME shop.example']);
    }
  });

  it('stands alone, never at an apex, and keeps steering off its name', () => {
    const odd = tableOf(
      [cname('example', 'x.test'), cname('s.example', 'x.test'), a('s.example', '192.0.2.7')],
      ['s.example'],
    );
    expect(ask(odd, 'example', TYPE.CNAME).outcome).toBe('nodata');
    expect(ask(odd, 's.example', TYPE.A).said).toEqual(['s.example CNAME x.test']);
  });
});

describe('ANY (RFC 8482)', () => {
  const table = tableOf([a('w.example', '192.0.2.7'), a('*.wild.example', '192.0.2.7')], ['shop.example']);

  it.each(['w.example', 'shop.example', 'x.wild.example', 'example'])('%s: one HINFO', (name) => {
    const told = ask(table, name, TYPE.ANY);
    expect(told.answers).toMatchObject([{ name, type: 'HINFO', ttl: 3600, data: { cpu: 'RFC8482', os: '' } }]);
  });

  it('of a missing name is NXDOMAIN', () => {
    expect(ask(table, 'nope.example', TYPE.ANY)).toMatchObject({ outcome: 'nxdomain', rcode: 3 });
  });
});

describe('the limit', () => {
  const many = Array.from({ length: 30 }, (_, i) => a('many.example', `192.0.2.${i}`));
  const table = tableOf([...many, cname('alias.example', 'many.example')], ['shop.example']);

  it.each([
    ['many.example', TYPE.A],
    ['alias.example', TYPE.A],
    ['nope.example', TYPE.A],
    ['example', TYPE.NS],
    ['shop.example', TYPE.A],
    ['shop.example', TYPE.ANY],
  ])('%s type %i: all or TC, never beyond', (name, type) => {
    const full = ask(table, name, type);
    const start = 12 + name.length + 2 + 4;
    for (let limit = start; limit < full.end; limit++) {
      const told = ask(table, name, type, { limit });
      if (told.truncated) {
        expect(told).toMatchObject({ said: [], authorities: [], additionals: [], end: start, rcode: full.rcode });
      } else {
        expect(told.said).toEqual(full.said);
        expect(told.additionals.length).toBeLessThan(full.additionals.length);
      }
    }
  });

  it('holds names of 255 octets and 127 labels', () => {
    const longest = `${'a.'.repeat(123)}example`;
    const deep = tableOf([a(longest, '192.0.2.7'), cname('to.example', longest)]);
    expect(ask(deep, longest, TYPE.A).answers).toHaveLength(1);
    expect(ask(deep, longest.replace('a', 'b'), TYPE.A).outcome).toBe('nxdomain');
    expect(ask(deep, 'to.example', TYPE.A).answers).toHaveLength(2);
  });
});
